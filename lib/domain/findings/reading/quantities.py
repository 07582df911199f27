"""Quantities in a text: volumes, weights and lengths in one unit each, what is counted, durations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lib.domain.findings.context import owner_of
from lib.domain.findings.fact import (
    ENGLISH,
    MIXED,
    NATIVE,
    NATIVE_WORD,
    NUMBER,
    PARTICLE,
    Fact,
    around,
    compiled,
    number,
)

_MEASURES: tuple[tuple[str, str, float], ...] = (
    (r"ml|mL|ML|㎖|밀리(?:리터)?|cc", "ml", 1),
    (r"L|ℓ|리터|litres?|liters?", "ml", 1_000),
    (r"oz|온스", "oz", 1),
    (r"mg|㎎|밀리그램", "g", 0.001),
    (r"kg|KG|Kg|㎏|킬로그램|kilos?|킬로(?!미터)", "g", 1_000),
    (r"g|그램|grams?", "g", 1),
    (r"mm|㎜|밀리미터", "mm", 1),
    (r"cm|㎝|센티(?:미터)?|센치", "mm", 10),
    (r"km|㎞|킬로미터", "m", 1_000),
    (r"m|미터|meters?|metres?", "m", 1),
    (r"inch(?:es)?|인치", "inch", 1),
    (r"kcal|칼로리|calories", "kcal", 1),
    (r"℃|°C|도씨|도(?=[에로의가씨예이입\s,.~)!]|$)|degrees", "degree", 1),
    (r"W|와트|watts?", "W", 1),
    (r"mAh", "mAh", 1),
    (r"GB|기가", "GB", 1),
    (r"평", "평", 1),
    (r"㎡|m²", "㎡", 1),
    (r"브릭스|[Bb]rix", "brix", 1),
)
_COUNTED: tuple[tuple[str, str], ...] = (
    (r"개 ?국어|languages?", "language"),
    (r"품(?![가-힣])|코스(?=[)\s,.]|로 |요리)|가지\s?(?=요리|음식)|dishes|-course\b", "dish"),
    (rf"개(?!월|봉|인|점|국|성|시|운)|알{PARTICLE}|(?<=\d)구{PARTICLE}|ea", "piece"),
    (r"병(?!원)|bottles?", "bottle"),
    (r"그릇|bowls?", "bowl"),
    (r"캔|cans\b", "can"),
    (r"잔|컵|cups?|glasses", "cup"),
    (r"봉지|봉|팩|packs?|bags?|pouches", "pack"),
    (r"박스|상자|boxes|box", "box"),
    (r"세트|구 ?세트|sets?", "set"),
    (rf"[장매]{PARTICLE}|(?:edited )?(?:sheets?|shots?|photos?)", "sheet"),
    (r"쪽|페이지|pages?", "page"),
    (r"홀(?![가-힣])|holes?", "hole"),
    (r"박(?![가-힣])|박(?=이면|이상|에|을|씩|만|부터|까지)|nights?", "night"),
    (r"인분|servings?", "serving"),
    (r"종류|종|가지|색(?![가-힣])|flavou?rs|kinds|types|varieties|colou?rs|컬러", "kind"),
    (
        r"명|분(?=께|[만을]\s?(?:모|초|함|받|추첨|뽑|선정)| 한정| 선착순)"
        rf"|(?<=[한두세네섯곱덟홉열] )분|인(?=[실용석승기])|인{PARTICLE}"
        r"|people|persons?|guests?|customers|runners|members|participants|visitors"
        r"|students|children|adults|players|learners",
        "people",
    ),
    (r"팀|teams?|groups?", "team"),
    (r"석|자리|seats?", "seat"),
    (r"켤레|pairs?", "pair"),
    (r"캡슐|정|tablets?|capsules?", "capsule"),
    (rf"포{PARTICLE}|스틱|sticks?", "stick"),
    (r"회(?!차|원|사|복)|번(?!째|출구|지|길|가|호)|times|sessions?|classes|lessons?", "time"),
    (r"조각|피스|slices?|pieces?|pcs", "slice"),
    (r"송이|stems?", "stem"),
    (r"마리", "animal"),
    (r"권|books?", "book"),
    (r"줄(?![이기여가])", "row"),
    (r"롤|rolls?", "roll"),
    (r"글자|(?<=\d)자(?![가-힣])|자(?=이내|까지|내외)|letters|characters", "letter"),
    (r"대(?![가-힣])|대(?=[가는를]|에서|까지|만(?![가-힣])|로 |예요|입니다)", "machine"),
    (r"층(?=\s?(?:짜리|구조|케이크|으로 쌓))", "layer"),
    (r"겹|ply", "ply"),
    (r"학년", "grade"),
    (r"점(?=[의을이만과]|\s(?!만점)|[,.)]|$)", "work"),
)
_DURATIONS: tuple[tuple[str, str], ...] = (
    (r"초(?![가-힣])", "second"),
    (
        r"분(?![가-힣]|위기|들|께|야|명)|분(?=간|이|을|만|도|거리|마다|동안|컷|이면|씩|의|에|짜리)|min(?:ute)?s?",
        "minute",
    ),
    (r"시간|hours?|hrs?", "hour"),
    (r"일(?!요|상|반|부)|days?", "day"),
    (r"(?<=\d)주(?!소|문|말|스|년|인|민|유|방|자|제)|주(?=간|\s?동안|\s?만에|[\s.,()!]|차|$)|weeks?", "week"),
    (r"개월|달(?=간|\s?동안|\s?만에)|(?<=[가-힣] )달(?![가-힣]{2})|months?", "month"),
    (r"년(?!\s?\d|도|부터|산|식|생)|years?", "year"),
    (r"세(?![가-힣]|트)|세(?=[~부까이의])|살|years old", "age"),
)


def _units(table: Sequence[tuple[Any, ...]]) -> str:
    return "|".join(f"(?:{row[0]})" for row in table)


_NUMBER = rf"(?<![\d.,/+:])(?P<n>{NUMBER})"
_LOW = compiled(rf"(?<![\d.,/+:~-])(?P<n>{NUMBER})\s?[~-]\s?$")
"""The lower end of a range that leaves its unit to the upper one: 2~3시간, 90~130cm."""
_MEASURED = compiled(rf"(?<![\d.,/+:])(?P<n>{MIXED}|{NUMBER})\s?(?P<unit>{_units(_MEASURES)})(?![A-Za-z])")
_GRADES = (
    ("SPF", compiled(r"\bSPF\s?(?P<n>\d{1,3})")),
    ("karat", compiled(r"(?<![\d.,₩$])(?P<n>14|18|24)[kK](?![A-Za-z\d])")),
)
"""Figures that tell one product from another: of protection against the sun, of gold."""
_WORD_EN = "|".join(sorted(ENGLISH, key=len, reverse=True))
_BESIDE = r"(?:live|free|full|private|online|guided|group|hands-on|new|fresh|warm|small|large|whole|hand-\w+)"
"""What may stand between an English number and what it counts: twelve live sessions."""
_LASTING = r"(?!these|those|most|some|other|happy|opening)[a-z]{4,9}(?=\s[a-z]+s\b)"
"""What may stand between a number and a plural of time: two full days, but no day of "at 5 every day"."""
_COUNTS = compiled(
    rf"(?:{_NUMBER}(?P<large>[천만])?\+?(?:\s|-(?=[A-Za-z]))?"
    rf"|(?<![가-힣])(?P<ko>{NATIVE_WORD})\s?|\b(?P<en>{_WORD_EN})[ -])"
    rf"(?:(?:{_BESIDE}\s)?(?P<unit>{_units(_COUNTED)})|(?:{_LASTING}\s)?(?P<long>{_units(_DURATIONS)}))(?![A-Za-z])"
    r"(?P<half>\s?반(?=$|[^가-힣]|[이에을은만]|동안|정도|짜리))?(?P<rest>(?<=시간)\s?\d{1,2}\s?분)?",
    re.IGNORECASE,
)
_AGE_EN = compiled(r"\b(?P<n>\d{1,2})(?=\s(?:or|and) (?:older|over|above|up)\b)", re.IGNORECASE)
_MADE = compiled(
    rf"\b(?:only|just|limited to)(?: the first)? (?P<n>\d{{1,4}}|{_WORD_EN})"
    r"(?= (?:made|available|left|in stock|a day|per day|each day|only)\b|[.!,\n]|$)"
    rf"|\b(?P<m>\d{{1,4}}|{_WORD_EN}) (?:made|available|in stock|per day|a day|each day)\b",
    re.IGNORECASE,
)
"""How many there are of what the words before tell: only 80 made."""
_EVERY = compiled(r"\bevery (?P<unit>(?P<half>half )?(?:an )?hour)\b", re.IGNORECASE)
_UNDER_AGE = compiled(
    r"\b(?:kids|children|guests|anyone|visitors|those|ages?|aged) (?P<of>under|below|over|above) (?P<n>\d{1,2})\b"
    r"(?! (?:m|cm|kg))",
    re.IGNORECASE,
)
_GRADE = compiled(r"(?<![가-힣])[초중고](?P<n>[1-6])(?!\d)")
"""The year of a school: 초1~초4."""
_PARTY = compiled(
    rf"\b(?:groups?|part(?:y|ies)|tables?) of (?P<n>\d{{1,3}}|{_WORD_EN})\b"
    rf"|\bfor (?P<o>\d{{1,3}}|{_WORD_EN})(?=\+| or more\b)"
    rf"|\b(?P<m>\d{{1,3}}|{_WORD_EN})(?= (?:of (?:you|us)|at a time|(?:per|a|to a) (?:class|session|group|table))\b)",
    re.IGNORECASE,
)
"""A number of people in English, without a word for them: tables of six, up to ten of you."""
_SINCE = compiled(
    r"\b(?:since|est(?:\.|ablished)?(?: in)?|(?:built|founded|opened) in)\s?(?P<a>(?:1[89]|20)\d\d)\b"
    r"|(?<!\d)(?P<b>(?:1[89]|20)\d\d)년(?=\s?(?:부터|에\s?(?:문|시작|창업|개업|오픈|지[은어]|세[운워]|태어)|창업|개업|설립))",
    re.IGNORECASE,
)
_RATING = compiled(
    r"(?:평점|별점|rated|rating(?: of)?)\s?(?P<a>[0-5]\.\d)|(?<![\d.])(?P<b>[0-5]\.\d)\s?점", re.IGNORECASE
)
_LIMIT = compiled(r"한정|선착순|먼저|정원|최대|limited|only|first|at most|up to|\bmax", re.IGNORECASE)
_WITHIN = compiled(r"\s?(?:이내|안에|내에|안으로|내(?![가-힣]))")
_WITHIN_EN = compiled(r"\bwithin\s$", re.IGNORECASE)
_IDLE = compiled(
    r"^\s?(?:째|이유|포인트|방법|팁|장점|특징|약속|비결|생각|마음|고민|부탁|사면|사시면|씩|주문하|담으면|만 있으면"
    r"|reasons?|tips?|things?|ways?|more)",
    re.IGNORECASE,
)

_APART = compiled(r"\s?(?:간격|마다|에 한 번|에 한 대)")
_APART_EN = compiled(r"\bevery $", re.IGNORECASE)
_RATES = (
    ("week", r"(?<![가-힣\d])주|매주|일주일에?|한 주에?"),
    ("month", r"매달|매월|한 달에?|(?<![가-힣\d])월"),
    ("day", r"하루에?|매일"),
)
_RATED = [(name, compiled(rf"(?:{words})\s?(?:총\s?)?$"), compiled(rf"\s?(?:a|per) {name}")) for name, words in _RATES]
THING = "thing"
"""The unit of what is counted without a word for it: only 40 a day."""
LEAST, MOST = "least", "most"
"""The places of a number that is a limit: 3인 이상, four or more; 최대 8명, 여덟 명까지."""
_AT_LEAST = compiled(r"\s?(?:[을를이가]?\s?넘[게는으어]|이상|부터|or more|or older|and up|\+(?!\s?\w))")
_AT_LEAST_EN = compiled(r"\bat least $", re.IGNORECASE)
_AT_MOST = compiled(r"(?:최대|정원|up to|at most|room for)\s?$", re.IGNORECASE)
_AT_MOST_AFTER = compiled(r"\s?(?:까지|정원|이하|미만)")
_OF_AGE = compiled(r"(?<![가-힣])만\s?$")
"""Before the age that somebody must have: 만 19세."""
_DAILY = compiled(r"(?:하루에?|1일에?|매일|날마다),?\s?(?:단|딱|오직)?\s?$")
"""Before what somebody does every day: 하루 15분만 연습해도."""
_AHEAD = compiled(
    r"\s?전(?:까지|(?=[,.)\n]|$)|에?[는만]?\s?(?:꼭 )?(?:예약|주문|오픈|변경|취소|연락|신청|환불|말씀|알려"
    r"|전화|문의)|\s\d+\s?%)"
    r"|\s(?:in advance|ahead|before)\b",
    re.IGNORECASE,
)
_DAYS = {
    "하루": (1, "day"),
    "이틀": (2, "day"),
    "사흘": (3, "day"),
    "나흘": (4, "day"),
    "닷새": (5, "day"),
    "열흘": (10, "day"),
    "보름": (15, "day"),
    "일주일": (7, "day"),
    "반년": (6, "month"),
}
_SPELLED_DAYS = compiled(rf"(?<![가-힣])(?P<days>{'|'.join(_DAYS)})(?!에|치)")
_MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "month": 43_800, "year": 525_600}

_LEAST_WORKS = 11
_MACHINES = compiled(
    r"(?:주차\S*|(?<![가-힣])차[는가를]?|트럭|버스|자전거|기구|PC|컴퓨터|총|최대)\s?[:은는이가을를]?\s?$"
)
"""Before the number of machines, where it could be people of that age."""

_DOUBTFUL = frozenset(("capsule", "sheet", "time", "stick", "people", "seat", "row", "serving", "roll", "book"))
_CLASSES = [(compiled(row[0], re.IGNORECASE), row[1]) for row in (*_COUNTED, *_DURATIONS)]
_SCALES = [(compiled(row[0]), row[1], row[2]) for row in _MEASURES]


def read(text: str) -> Iterator[Fact]:
    """The quantities of a text. A measure is sure; what is counted is compared with care."""
    for match in _MEASURED.finditer(text):
        unit, scale = next((name, scale) for words, name, scale in _SCALES if words.fullmatch(match["unit"]))
        for figures, start, end in _ends(text, match):
            amount = round(number(figures) * scale, 6)
            yield Fact("measure", (unit, amount), start, end, text[start:end], role=unit)
    for grade, pattern in _GRADES:
        for match in pattern.finditer(text):
            yield Fact("measure", (grade, float(match["n"])), match.start(), match.end(), match[0], role=grade)
    for match in _COUNTS.finditer(text):
        before, after = around(text, match.start(), match.end(), 10, 10)
        if match["long"] and match["long"].startswith("년") and number(match["n"] or "1") >= 1_000:
            continue
        value = (
            number(match["n"]) if match["n"] else NATIVE[match["ko"]] if match["ko"] else ENGLISH[match["en"].lower()]
        )
        value *= {"천": 1_000, "만": 10_000}.get(match["large"] or "", 1)
        value += 0.5 if match["half"] and match["long"] else 0
        value += float(re.sub(r"\D", "", match["rest"])) / 60 if match["rest"] else 0
        at = match.start("unit" if match["unit"] else "long")
        unit = next(name for words, name in _CLASSES if words.match(text, at))
        if unit == "work" and value < _LEAST_WORKS:
            continue  # out of five or ten
        if unit == "machine" and match["n"] and value in range(10, 100, 10) and not _MACHINES.search(before):
            continue  # people of that age: 20대
        if match["ko"] and not match["long"] and unit in _DOUBTFUL and not match[0][len(match["ko"])].isspace():
            continue  # 한정, 세포, 네분: words
        unit = _in_its_place(unit, before, after)
        if match["long"] and (_WITHIN.match(after) or _WITHIN_EN.search(before)):
            sure = True
        elif _IDLE.match(after) or value < 2 or (match["ko"] and match["long"]):
            sure = False
        else:
            sure = bool(_LIMIT.search(before) or _LIMIT.search(after) or (match["unit"] and after.startswith("만")))
        kind = "span" if match["long"] else "count"
        yield Fact(kind, value, match.start(), match.end(), match[0], sure, unit)
        for figures, start, end in _ends(text, match)[1:]:
            yield Fact(kind, number(figures), start, end, figures, False, unit)
    for match in _SPELLED_DAYS.finditer(text):
        before, after = around(text, match.start(), match.end(), 10, 10)
        days, unit = _DAYS[match["days"]]
        sure = bool(_WITHIN.match(after) and days > 1)
        unit = _in_its_place(unit, before, after)
        if match["days"] == "하루" and " " not in unit:
            continue  # a way of speaking
        yield Fact("span", days, match.start(), match.end(), match[0], sure, unit)
    for match in _AGE_EN.finditer(text):
        yield Fact("span", float(match["n"]), match.start(), match.end(), match[0], True, f"age {LEAST}")
    for match in _EVERY.finditer(text):
        half = 0.5 if match["half"] else 1.0
        yield Fact("span", half, match.start("unit"), match.end(), match["unit"], False, "hour apart")
    for match in _UNDER_AGE.finditer(text):
        role = f"age {LEAST}" if match["of"].lower() in ("over", "above") else f"age {MOST}"
        yield Fact("span", float(match["n"]), match.start("n"), match.end("n"), match["n"], True, role)
    for match in _GRADE.finditer(text):
        yield Fact("count", float(match["n"]), match.start(), match.end(), match[0], False, "grade")
    for match in _PARTY.finditer(text):
        name = match.lastgroup or "n"
        before, after = around(text, match.start(name), match.end(), 10, 10)
        role = f"people {LEAST}" if match["o"] else _in_its_place("people", before, after)
        yield Fact("count", _figures(match[name]), match.start(name), match.end(name), match[name], False, role)
    for match in _MADE.finditer(text):
        name = "n" if match["n"] else "m"
        yield Fact("count", _figures(match[name]), match.start(name), match.end(name), match[name], True, THING)
    for match in _RATING.finditer(text):
        yield Fact("rating", float(match["a"] or match["b"]), match.start(), match.end(), match[0])
    for match in _SINCE.finditer(text):
        yield Fact("founded", int(match["a"] or match["b"]), match.start(), match.end(), match[0])


def unit_of(word: str) -> str:
    """The unit that a word names, whatever its writing; the word itself where it names none."""
    units = [*_CLASSES, *((words, unit) for words, unit, _ in _SCALES)]
    return next((unit for words, unit in units if words.fullmatch(word)), word)


def _figures(text: str) -> float:
    """The value of a number in figures or in an English word."""
    return float(text) if text.isdigit() else float(ENGLISH[text.lower()])


def _ends(text: str, match: re.Match[str]) -> list[tuple[str, int, int]]:
    """The figures of a quantity and their place, and those of the lower end where it is a range."""
    low = _LOW.search(text, max(0, match.start() - 10), match.start())
    ends = [(match["n"], match.start(), match.end())]
    return [*ends, (low["n"], low.start("n"), low.end("n"))] if low and match["n"] else ends


def _in_its_place(unit: str, before: str, after: str) -> str:
    """The unit of what a count or a span is said of: how often in a week, how far apart, how long before."""
    if unit in ("time", "minute", "hour"):
        rate = next((name for name, korean, english in _RATED if korean.search(before) or english.match(after)), "")
        if rate:
            return f"{unit} a {rate}"
    if unit == "age" and _OF_AGE.search(before) and not _AT_MOST_AFTER.match(after):
        return f"{unit} {LEAST}"
    if (unit == "age" or unit not in _MINUTES) and (_AT_LEAST.match(after) or _AT_LEAST_EN.search(before)):
        return f"{unit} {LEAST}"
    if unit not in _MINUTES and (_AT_MOST.search(before) or _AT_MOST_AFTER.match(after)):
        return f"{unit} {MOST}"
    if unit in _MINUTES and (_APART.match(after) or _APART_EN.search(before)):
        return f"{unit} apart"
    if unit in ("minute", "hour") and _DAILY.search(before):
        return f"{unit} a day"
    if unit in _MINUTES and _AHEAD.match(after):
        return f"{unit} ahead"
    return unit


def minutes(fact: Fact) -> float | None:
    """How long a span is, whatever its unit; None for an age."""
    unit = fact.role.partition(" ")[0]
    return float(str(fact.value)) * _MINUTES[unit] if fact.kind == "span" and unit in _MINUTES else None


def in_its_place(fact: Fact) -> str:
    """What the words around a count or a span say that it is: ``a week``, ``apart``, ``ahead``, or nothing."""
    return fact.role.partition(" ")[2]


def is_daily(text: str, fact: Fact) -> bool:
    """Whether a count or a span is that of each day: 하루 두 팩."""
    return bool(_DAILY.search(text[max(0, fact.start - 8) : fact.start]))


def is_idle(text: str, fact: Fact) -> bool:
    """Whether a count is a way of speaking: three reasons, five minutes are enough."""
    before, after = around(text, fact.start, fact.end, 8, 10)
    return bool(_IDLE.match(after) or (re.search(r"(?:단|딱|이런|저런|약|거의)\s?$", before) and fact.kind == "span"))


_COUNTER = compiled(
    rf"(?:(?<![\d.,/+:A-Za-z-])(?P<n>{NUMBER})\s?|(?<![가-힣])(?!둘 다)(?P<native>{NATIVE_WORD})\s)"
    rf"(?P<ko>[가-힣]{{1,3}}?){PARTICLE}"
    rf"|(?<![\d.,/+:A-Za-z-])(?P<of>{NUMBER})[ -](?P<en>[a-z]{{4,20}})\b"
)
_NO_COUNTERS = frozenset(
    [
        "원",
        "천",
        "만",
        "억",
        "백",
        "십",
        "시",
        "분",
        "초",
        "월",
        "일",
        "년",
        "주",
        "달",
        "세",
        "살",
        "대",
        "층",
        "동",
        "길",
        "로",
        "번지",
        "배",
        "점",
        "등",
        "차",
        "탄",
        "부",
        "절",
        "말",
        "번째",
        "째",
        "세기",
        "학년",
        "반",
        "프로",
        "점대",
        "시간",
        "개",
        "평",
        "호",
        "번",
        "박",
        "인",
        "명",
    ]
)


def counters_in(text: str, facts: list[Fact]) -> Iterator[Fact]:
    """The numbers of a text before a word that is no unit, with the word as role."""
    inside = bytearray(len(text))
    for fact in facts:
        inside[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    for match in _COUNTER.finditer(text):
        word = match["ko"] or match["en"].removesuffix("s")
        if word not in _NO_COUNTERS and not any(inside[match.start() : match.end()]):
            end = match.end("ko") if match["ko"] else match.end("en")
            value = float(NATIVE[match["native"]]) if match["native"] else number(match["n"] or match["of"])
            yield Fact("count", value, match.start(), end, text[match.start() : end], role=word)


_PLURAL = compiled(
    rf"(?<![\w₩$.,:/-])(?P<n>\d{{1,4}}|{_WORD_EN})\+? (?:[a-z][a-z'-]*\s){{0,2}}?(?P<noun>[a-z]{{3,20}}s)\b",
    re.IGNORECASE,
)
"""How many of a thing, in English: ten food trucks."""


def things_in(text: str, facts: list[Fact]) -> Iterator[Fact]:
    """What a text counts, with the thing as role: 트럭 12대, 마카롱 3개, ten food trucks."""
    for match in _PLURAL.finditer(text):
        yield Fact("count", _figures(match["n"]), match.start(), match.end(), match[0], role=match["noun"].lower())
    for fact in facts:
        if fact.kind == "count" and not fact.text.isascii() and (thing := owner_of(text, fact)):
            yield replace(fact, role=thing)
