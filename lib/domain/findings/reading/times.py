"""Dates, days of the week and hours in a text, in Korean and English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.domain.findings.fact import NATIVE, Fact, around, compiled

DAY = 24 * 60
WEEK = "월화수목금토일"
ALL_DAYS = frozenset(range(7))

# -- dates ------------------------------------------------------------------------------------------------------------

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_EN = (
    r"(?P<NAME>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
)
_M, _D = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
TO_DAY = r"\s?일?\s?(?:\([월화수목금토일]\)\s?)?(?:~|-|부터|에서|to|through)\s?"
"""What stands between the first and the last day of a row of days."""
_NEXT = r"\s?[·,/&]\s?"
_DATE = compiled(
    rf"(?:(?P<y1>20\d\d|\d\d)년\s?)?(?<!\d)(?P<m1>{_M})월\s?(?P<d1>{_D})(?:일|(?={TO_DAY}{_D}일|(?:{_NEXT}{_D}){{1,4}}일))(?!\s?(?:간|동안"
    rf"|차|만에|치))"
    rf"|(?<![\d.])(?P<y2>20\d\d|2\d)\s?[./-]\s?(?P<m2>{_M})\s?[./-]\s?(?P<d2>{_D})(?!\d)"
    rf"|(?<![\d/.:])(?P<m3>{_M})/(?P<d3>{_D})(?![\d/%]|\.\d)"
    rf"|(?<![\d.,])(?P<m4>{_M})\.\s?(?P<d4>{_D})(?=\.(?!\d)|\s?\([월화수목금토일]\)|\s?[~-]\s?\d|\s?(?:부터"
    rf"|까지)|,?\s\(?(?i:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)(?!\.\d)"
    rf"|(?<=[~-])\s?(?P<m5>{_M})\.(?P<d5>{_D})(?![\d.]|\s?%)"
    rf"|\b{_MONTH_EN.replace('NAME', 'm6')}\.?\s(?P<d6>{_D})(?:st|nd|rd|th)?(?![\d:,]\d|\s?[ap]\.?m"
    rf"|\d)(?:,?\s(?P<y6>20\d\d)\b)?"
    rf"|(?<![\d:.])(?P<d7>{_D})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH_EN.replace('NAME', 'm7')}\b(?:,?\s(?P<y7>20\d\d)\b)?"
)
_DATE_SIGN = compiled(rf"\d\s?[월./-]|{_MONTH_EN.replace('?P<NAME>', '?:')}")
"""What a text has where :data:`_DATE` can match; most texts have none of it."""
_LAST = compiled(
    rf"(?:일|(?:st|nd|rd|th))?\s?(?:\([월화수목금토일]\)\s?)?(?:~|-|부터|에서|to|through)\s?(?P<d>{_D})(?:일"
    rf"|(?:st|nd|rd|th))?(?![\d월/:]|\.\d|\s?[ap]\.?m|시|\s?(?:{'|'.join(_MONTHS)}))",
    re.IGNORECASE,
)
_ALSO = compiled(
    rf"(?:일)?(?:\s?\([{WEEK}](?:요일)?\))?(?:\s?(?:과|와|및|·|&)\s?(?P<d>{_D})(?:일|(?=(?:{_NEXT}{_D}){{1,4}}일))(?!\s?(?:간|동안"
    rf"|차|만에|치|내|이내|안에|무료))|{_NEXT}(?P<e>{_D})(?:(?=(?:{_NEXT}{_D}){{1,4}}일)|일(?=[은는에과와엔]|\s?(?:\n|$|[^\s가-힣A-Za-z\d]|및|이틀|양일|사흘"
    r"|나흘|오전|오후|낮|저녁|단 |만나|\d{1,2}\s?[:시]))))"
)
"""Another day of the same month: 12월 5일과 6일, 12월 5일(토)·6일(일); "12월 5일, 7일 무료" goes on with how long."""
_LATER_DAY = compiled(rf"[^\n.!?,\d]{{1,16}}[,·]\s?(?P<d>{_D})일(?=[은엔]\s)")
"""Another day of the month behind what happens on the first: 11월 8일은 북한산, 22일은 도봉산."""
_LAST_DAY = compiled(rf"(?<!\d)(?P<m>{_M})월(?:의)?\s?(?:마지막\s?날|말일)")
_LAST_DAYS = (31, None, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY_ONLY = compiled(rf"(?<![\d월~-])(?<!월\s)(?P<d>{_D})일(?=\s?(?:까지|부터|\([월화수목금토일]\)|단 하루|오픈))")
_MONTH_ONLY = compiled(
    rf"(?<!\d)(?P<m>{_M})월(?!\s?\d)(?=\s?(?:한\s?달|에?\s?(?:예약|등록|신청|가입|주문|구매|방문)|에\s?(?:출시|오픈|시작|만나|열|문을)|한정|까지|부터|동안"
    rf"|출시|오픈|말까지|초(?![가-힣]|$)))"
)
_YEAR = compiled(r"(?<![\d,.])(?P<year>20\d\d)(?=(?:년|년도)?\s(?P<of>[가-힣]{2,8}|[A-Za-z]{3,16}))")
_MODEL_YEAR = compiled(r"(?<!\d)(?:20)?(?P<year>\d\d)년식")
_FRACTION = frozenset(((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5), (1, 10)))
_NOT_A_DATE = compiled(
    r"^\s?(?:컵|큰술|작은술|스푼|크기|가격|분량|정도|인분|사이즈|점|cup|size|price|tsp|tbsp|stars?|of)", re.IGNORECASE
)
HOLIDAYS = {
    r"크리스마스\s?이브|christmas eve": (12, 24),
    r"크리스마스(?!\s?이브)|성탄절|christmas(?! eve)|x-?mas": (12, 25),
    r"발렌타인|밸런타인|valentine": (2, 14),
    "화이트\\s?데이|white day": (3, 14),
    "어린이날|children's day": (5, 5),
    "어버이날": (5, 8),
    "스승의\\s?날": (5, 15),
    "빼빼로": (11, 11),
    "할로윈|핼러윈|halloween": (10, 31),
    "한글날": (10, 9),
    "광복절": (8, 15),
    "삼일절|3\\.1절": (3, 1),
    "새해 첫날|신정|new year's day": (1, 1),
    "현충일": (6, 6),
    "개천절": (10, 3),
}
_ON_THE_DAY = compiled(r"\s?(?:오픈|마감|출시|\(|(?:단 |딱 )?하루|,? ?(?:open|only))")
_SCENES = frozenset((*HOLIDAYS.values(), (12, 31)))
_ANY_HOLIDAY = compiled("|".join(HOLIDAYS), re.IGNORECASE)
_HOLIDAYS = [(compiled(words, re.IGNORECASE), day) for words, day in HOLIDAYS.items()]


def read_dates(text: str) -> Iterator[Fact]:
    """The dates of a text as (year, month, day), each part None where it is not said."""
    lasts = set[int]()
    for match in _DATE.finditer(text) if _DATE_SIGN.search(text) else ():
        names = {name[0]: value for name, value in match.groupdict().items() if value}
        month, day = _month(names["m"]), int(names["d"])
        year = int(names["y"]) % 100 if names.get("y") else None
        _, after = around(text, match.start(), match.end(), 0, 8)
        before, _ = around(text, match.start(), 0, 6, 0)
        in_range = re.match(r"\s?[~(-]|부터|까지", after) or re.search(r"[~-]\s?$|부터\s?$", before)
        if match["m3"] and (((month, day) in _FRACTION and not in_range) or _NOT_A_DATE.match(after)):
            continue
        if (match["m3"] or match["m4"]) and re.search(r"(?:평점|별점|[Rr]ated|[Ss]core)\s?$", before):
            continue
        # A well-known day is part of a scene, unless something begins or ends on it.
        is_scene = (month, day) in _SCENES and not (in_range or _ON_THE_DAY.match(after))
        role = "scene" if is_scene else ""
        yield Fact("date", (year, month, day), match.start(), match.end(), match[0], role=role)
        last = _LAST.match(text, match.end())
        if last and int(last["d"]) >= day:
            lasts.add(last.start("d"))
            yield Fact(
                "date", (None, month, int(last["d"])), last.start("d"), last.end(), text[last.start("d") : last.end()]
            )
        end, latest = match.end(), day
        while last is None and (listed := _ALSO.match(text, end)) and int(listed["d"] or listed["e"]) > latest:
            start, end, latest = listed.start(listed.lastgroup or "d"), listed.end(), int(listed["d"] or listed["e"])
            lasts.add(start)
            yield Fact("date", (None, month, latest), start, end, text[start:end], role="listed")
        if (later := _LATER_DAY.match(text, end)) and int(later["d"]) > latest:
            lasts.add(later.start("d"))
            start = later.start("d")
            yield Fact("date", (None, month, int(later["d"])), start, later.end(), text[start : later.end()])
    for match in _DAY_ONLY.finditer(text):
        if match.start() in lasts:
            continue
        yield Fact("date", (None, None, int(match["d"])), match.start(), match.end(), match[0], role="day")
    for match in _LAST_DAY.finditer(text):
        month = int(match["m"])
        yield Fact("date", (None, month, _LAST_DAYS[month - 1]), match.start(), match.end(), match[0])
    for match in _MONTH_ONLY.finditer(text):
        yield Fact("date", (None, int(match["m"]), None), match.start(), match.end(), match[0], role="month")
    for match in _YEAR.finditer(text):
        yield Fact("year", int(match["year"]), match.start(), match.end(), match[0], role=match["of"])
    for match in _MODEL_YEAR.finditer(text):
        yield Fact("year", 2_000 + int(match["year"]), match.start(), match.end(), match[0], role="model")
    for words, (month, day) in _HOLIDAYS if _ANY_HOLIDAY.search(text) else ():
        for match in words.finditer(text):
            yield Fact("date", (None, month, day), match.start(), match.end(), match[0], sure=False)


def _month(name: str) -> int:
    return int(name) if name.isdigit() else _MONTHS.index(name[:3].lower()) + 1


# -- hours ------------------------------------------------------------------------------------------------------------

_NATIVE_HOURS = "열두|열한|다섯|여섯|일곱|여덟|아홉|한|두|세|네|열"
_HALF_DAY = r"오전|오후|아침|새벽|저녁|밤|낮|점심|AM|PM|am|pm"
_AP = r"(?:[ap]\.m\.|[ap]m\b)"
_CLOCK = compiled(
    rf"(?:(?P<half>{_HALF_DAY})\s?)?(?<![\d:.,+])(?:"
    rf"(?P<h1>[01]?\d|2[0-4])\s?시(?!간|즌|리즈|대|식|트|\s?방향)(?:\s?(?P<m1>[0-5]?\d)\s?분|\s?(?P<b1>반)(?=에|엔|과"
    rf"|부터|까[지진]|이|과|으로|쯤|[^가-힣]|$))?"
    rf"|(?P<h2>[01]?\d|2[0-4]):(?P<m2>[0-5]\d)(?![\d:])(?:\s?(?P<ap2>{_AP}))?"
    rf"|(?P<h3>1[0-2]|0?[1-9])\s?(?P<ap3>{_AP})"
    r")|(?P<word>정오|자정|\bnoon\b|\bmidnight\b)"
    rf"|(?:(?P<half4>오전|오후|아침|새벽|저녁|밤|낮)\s)?(?<![가-힣])(?P<h4>{_NATIVE_HOURS})\s?시"
    rf"(?=\s?반|\s?\d|에|엔|부터|까지|예|이[에고]|쯤|정각|[^가-힣]|$)(?:\s?(?P<m4>[0-5]?\d)\s?분|\s?(?P<b4>반)(?=에|엔|부터|까[지진]|이|과|으로|쯤"
    rf"|[^가-힣]|$))?",
    re.IGNORECASE,
)
_FIRST = compiled(rf"(?:(?P<half>{_HALF_DAY})\s?)?(?<![\d:.,/월])(?P<h>[01]?\d|2[0-4])\s?(?:~|-|to)\s?$", re.IGNORECASE)
_OPEN_RANGE = compiled(
    r"\b(?:opens?|runs?|hours?:?|breakfast|brunch|lunch|dinner|daily|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6})"
    r"(?: is| are)?(?: served)?(?: from)?"
    r"\s(?P<from>1[0-2]|[1-9])\s?(?:-|to|till|until)\s?(?P<to>1[0-2]|[1-9])"
    r"(?=[.!;)\n]|,\s|$|\s(?:daily|every))",
    re.IGNORECASE,
)
"""Hours of opening in bare figures: open 9 to 6."""
_BARE_END = compiled(
    r"(?:[ap]\.?m\.?|:\d\d|noon)\s?(?:-|to|till|until|through)\s?(?P<to>1[0-2]|[1-9])(?=[.!;)\n]|,\s|$|\s[(&])",
    re.IGNORECASE,
)
"""The end of a range in bare figures behind a time of day: 10:30 to 8."""
_LISTED_HOURS = compiled(
    r"\bat (?P<a>1[0-2]|[1-9])(?:, (?P<b>1[0-2]|[1-9]))?,? (?:and|&) (?P<c>1[0-2]|[1-9])"
    r"(?![\d:%]| ?[A-Za-z가-힣]|[.,]\d)"
)
"""Hours in bare figures, one after the other: at 11, 2 and 4."""
_BARE_EDGE = compiled(
    r"\b(?:open|opens|close|closes|start|starts|begin|begins|end|ends"
    r"|doors|until|till|(?:last )?(?:entry|orders?))(?: is)?(?: at)? (?P<at>1[0-2]|[1-9])"
    r"(?=[,.!;)\n]|$| (?:on|every|sharp|right|daily|and))",
    re.IGNORECASE,
)
"""An hour at which something opens or ends, in bare figures: we open at 7."""
_OF_DAY_EN = compiled(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days? at (?P<at>1[0-2]|[1-9])(?=[:,.;!)]?(?:\s|$))(?! ?[ap]\.?m)"
)
"""The hour of a day in bare figures: Saturdays at 2."""
_LISTED_BEFORE = compiled(r"\bat (?P<a>1[0-2]|[1-9])(?:, (?P<b>1[0-2]|[1-9]))?,? (?:and|&) (?=1?\d:[0-5]\d)")
"""Hours in bare figures before one with its minutes: at 10, 1 and 3:30."""
_PAIR = 2
_BARE = (_OF_DAY_EN, _BARE_EDGE, _OPEN_RANGE, _LISTED_HOURS, _LISTED_BEFORE, _BARE_END)
JOINT = compiled(r"^\s?(?:~|-|부터|에서|to|until|till|through)\s?", re.IGNORECASE)
LISTED = compiled(r"\s?(?:,|&|/|·|와|과|및|and)\s?", re.IGNORECASE)
_OF_OFFER = compiled(
    r"영업|운영|입실|퇴실|개장|폐장|개관|폐관|진료|상담|공연|시음|수업|클래스|강의|발매|출시|오픈"
    r"|개점|마감|(?<![가-힣])(?:부터|까지)|문을?\s?[열닫]|여[는니]|열[어리려고]|닫|시작|끝나|출발|모[이여]|집결|떠나|주문|예약|입장|체크|라스트"
    r"|이용|진행|픽업|출고|발송|배송|접수|결제|이전|방문|지나|만나|기다|오세요|도착|나와요|나옵|나오|나가[면시셔세]|들어오|굽|구워|쪄|빚[어는]|볶[아는]|담[가그]|갓"
    r"|행사|타임|매일|평일|주말|open|clos|hours|from|until|till|start|last|check|doors|daily|pick|baked|every"
    r"|order|before|sale|see you|come",
    re.IGNORECASE,
)
_BY_THEN = compiled(r"\s?전[에 ,]")
"""Before that hour: 3시 전에."""
_OF_DAY = compiled(
    r"(?:매일|평일|주말|[월화수목금토일]요일|daily|every\s\w+|days?)\s?(?:오전|오후|아침|낮|저녁|밤|새벽)?\s?$",
    re.IGNORECASE,
)


def is_of_day(text: str, fact: Fact) -> bool:
    """Whether a day alone stands beside an hour, and nothing that happens then: an hour of a scene as well."""
    before, after = around(text, fact.start, fact.end, 14, 14)
    day = _OF_DAY.search(before)
    return bool(day) and not _OF_OFFER.search(before[: day.start()] if day else "") and not _OF_OFFER.search(after)


OF_SCENE = compiled(r"의\s?[가-힣]")
"""The light of eleven o'clock: 11시의 햇살."""


_ABOUT = compiled(r"(?:[이가]\s?)?(?:조금\s|좀\s|살짝\s|약간\s)?(?:넘|못\s?되|즈음|무렵|전후)")
"""An hour that is not told exactly."""
_LISTED_KO = compiled(r"(?<![\d/.:·,~-])\d{1,2}(?:\s?[/·,]\s?\d{1,2}){1,6}(?=\s?시(?!간))")
"""Hours of which the last one alone has its unit: 11/13/15시."""
_NOON, _LAST_HOUR = 12, 24
_ALWAYS = compiled(
    r"24시간(?=\s?(?:영업|운영|무인|오픈|연중|이용|열))|\b24/7\b|\b24 hours a day\b|\bopen 24 hours\b", re.IGNORECASE
)


def read_hours(text: str) -> Iterator[Fact]:
    """The times of day of a text, as the set of minutes after midnight that each may mean (8시: 08:00 or 20:00)."""
    matches = list(_CLOCK.finditer(text))
    clocks = [_hour(match) for match in matches]
    surely = False
    for place, match in enumerate(matches):
        minutes, half = clocks[place]
        start = match.start()
        following = matches[place + 1] if place + 1 < len(matches) else None
        joint = following and JOINT.fullmatch(text[match.end() : following.start()].split("(", maxsplit=1)[0] or "x")
        before, after = around(text, start, match.end(), 14, 20)
        first = _FIRST.search(text[max(0, start - 10) : start])
        if joint and len(minutes) > 1 and clocks[place + 1][1] == "24":
            minutes = frozenset((_as_written(minutes),))
        elif (
            place
            and len(minutes) > 1
            and clocks[place - 1][1] == "24"
            and JOINT.fullmatch(text[matches[place - 1].end() : start] or "x")
        ):
            written = _as_written(minutes)
            minutes = frozenset((written,)) if written > min(clocks[place - 1][0]) else minutes
        in_range = bool(first or joint or (place and JOINT.fullmatch(text[matches[place - 1].end() : start] or "x")))
        listed = bool(place and surely and LISTED.fullmatch(text[matches[place - 1].end() : start]))
        # What belongs to the hour before it ("까지") says nothing of this one.
        own = re.split(r"[,.!?]", before)[-1]
        earlier = re.sub("까지|부터", "", before)
        said = not OF_SCENE.match(after) and (
            _BY_THEN.match(after) or any(_OF_OFFER.search(each) for each in (own, earlier, after))
        )
        sure = surely = (in_range or listed or said) and not _ABOUT.match(after)
        if first:
            first_start = max(0, start - 10) + first.start()
            hour = int(first["h"])
            begins = _minutes(hour, 0, first["half"] or "")
            if (not first["half"] and half == "24") or hour > 12:
                begins = frozenset((hour * 60 % DAY,))
            yield Fact(
                "hour",
                begins,
                first_start,
                max(0, start - 10) + first.end("h"),
                text[first_start : max(0, start - 10) + first.end("h")],
            )
        yield Fact("hour", minutes, start, match.end(), match[0], sure)
    for match in (match for pattern in _BARE for match in pattern.finditer(text)):
        named = [name for name, figures in match.groupdict().items() if figures]
        before, _ = around(text, match.start(), match.end(), 24, 0)
        # Two bare figures may be ages, floors or rooms: at 5 and 6.
        sure = match.re is not _LISTED_HOURS or len(named) > _PAIR or bool(_OF_OFFER.search(before))
        for name in named:
            yield Fact("hour", _minutes(int(match[name]), 0, ""), match.start(name), match.end(name), match[name], sure)
    for match in _LISTED_KO.finditer(text):
        figures = [(int(each[0]), match.start() + each.start()) for each in re.finditer(r"\d+", match[0])]
        is_exact = max(hour for hour, _ in figures) > _NOON
        for hour, start in figures[:-1] if max(hour for hour, _ in figures) <= _LAST_HOUR else ():
            minutes = frozenset((hour * 60 % DAY,)) if is_exact else _minutes(hour, 0, "")
            yield Fact("hour", minutes, start, start + len(str(hour)), str(hour))
    for match in _ALWAYS.finditer(text):
        yield Fact("hour", frozenset((DAY,)), match.start(), match.end(), match[0])


def _hour(match: re.Match[str]) -> tuple[frozenset[int], str]:
    if match["word"]:
        return frozenset((0 if match["word"] in ("자정", "midnight") else 720,)), "24"
    if match["h4"]:
        minute = 30 if match["b4"] else int(match["m4"] or 0)
        return _minutes(NATIVE[match["h4"]], minute, match["half4"] or ""), "half" if match["half4"] else ""
    hour = match["h1"] or match["h2"] or match["h3"]
    minute = 30 if match["b1"] else int(match["m1"] or match["m2"] or 0)
    half = match["ap2"] or match["ap3"] or match["half"] or ""
    exact = int(hour) > 12 or int(hour) == 0 or (bool(match["h2"]) and len(hour) == 2 and hour[0] == "0")
    if exact and (not half or int(hour) > 12):
        return frozenset(((int(hour) * 60 + minute) % DAY,)), "24"
    return _minutes(int(hour), minute, half), "half" if half else ""


def _as_written(minutes: frozenset[int]) -> int:
    """The minute that the figures of an hour without morning or evening mean on a clock of 24 hours."""
    return max(minutes) if min(minutes) < 60 else min(minutes)


def _minutes(hour: int, minute: int, half: str) -> frozenset[int]:
    half = half.lower().replace(".", "")
    if hour > 12 or hour == 0:
        return frozenset(((hour * 60 + minute) % DAY,))
    morning, evening = hour % 12 * 60 + minute, hour % 12 * 60 + minute + 720
    if half in ("오전", "아침", "새벽", "am"):
        return frozenset((morning,))
    if half in ("오후", "저녁", "pm"):
        return frozenset((evening,))
    if half in ("낮", "점심"):
        return frozenset((morning if hour in (10, 11) else evening,))
    if half == "밤":
        return frozenset((morning if hour in (12, 1, 2, 3) else evening,))
    return frozenset((morning, evening))


# -- days of the week -------------------------------------------------------------------------------------------------

_EN_DAY = r"(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:days?)?"
_EN_INDEX = {name: place for place, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_DAY_KO = rf"[{WEEK}](?:요일)?"
_ASCENDING = rf"(?=[{WEEK}]{{2}})월?화?수?목?금?토?일?"
_KO_LIST = (
    rf"(?:[{WEEK}](?P<between>\s?[·,/&]\s?)[{WEEK}](?:(?P=between)[{WEEK}])*(?:요일)?"
    rf"|{_DAY_KO}(?:\s?(?:[·,/&]|(?<=요일)[과와])\s?{_DAY_KO})+)(?=$|[^가-힣]|[은는엔에만])"
    rf"|{_ASCENDING}(?=\)|\s?\d{{1,2}}\s?[:시~-]|\s(?:오[전후]|저녁|밤|아침|낮)\s?\d)|{_ASCENDING}(?<=[{WEEK}]{{3}})(?=\s?\d|[^가-힣]|$|[은는엔에])"
)
"""Days in a row, with one sign between their letters: 화·금, and after it 수요일; or with none: (월수금)."""
_KO_SPAN = rf"{_DAY_KO}\s?(?:~|-|에서|부터)\s?{_DAY_KO}(?![가-힣]*[가-힣]{{3}})"
_WEEKDAYS = compiled(
    rf"(?<![가-힣\d월])(?P<span>{_KO_SPAN})|(?<![가-힣])(?P<list>{_KO_LIST})|(?<![가-힣])(?P<one>[월화수목금토일]요일)"
    rf"|\((?P<tag>[월화수목금토일])(?:요일)?\)|(?P<flat>평일|주말(?!농장|부부)|연중\s?무휴)"
    rf"|\b(?P<en_span>{_EN_DAY}\.?\s?(?:-|to|through|thru)\s?{_EN_DAY})\b"
    rf"|\b(?P<en_list>{_EN_DAY}(?:(?:,|\s?&|\s?/|,? and)\s?{_EN_DAY})+)\b"
    rf"|\b(?P<en>(?i:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?))\b|\b(?P<en_tag>Mon|Tue|Wed|Thu|Fri|Sat"
    rf"|Sun|MON|TUE|WED|THU|FRI|SAT|SUN)\b(?=[,.)]?(?:\s|$))"
    r"|\b(?P<en_flat>[Ww]eekdays?|[Ww]eekends?|[Oo]pen (?:daily|every ?day|7 days a week|year[- ]round)|no days off)\b"
)
_DAY_ALONE = compiled(
    rf"(?<![가-힣\d·,/&~-])(?P<day>[{WEEK}])(?=\s?(?:(?:정기\s?)?휴[무일점진관원장업강]|\d{{1,2}}(?::\d\d"
    rf"|\s?시(?!간))|\d{{1,2}}\s?[~-]\s?\d{{1,2}}(?::\d\d|\s?시(?!간))|오[전후]\s?\d))"
)
"""A day of the week in one letter, before its hours or its closing: 토 11-17시, 일 휴무."""
_CLOSED = compiled(
    r"휴[무일점진관원장업강]|쉼(?![표터])|쉴|쉬어|쉬[는니고며었]|쉽니다|쉬어요|쉰|없[음어는]|닫|문 닫|closed"
    r"|day off|days off|we rest|off\b",
    re.IGNORECASE,
)
_AT_AN_HOUR = compiled(r"\d\s?시에\s(?:문을?\s?)?$|\d\s?(?:[ap]m\s)?$")
"""What closes then is the door, and not the day: 주말엔 6시에 문을 닫아요."""
_WEEKS = {"첫": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "넷": 4, "네": 4, "마": 5} | {
    "f": 1,
    "s": 2,
    "t": 3,
    "o": 4,
    "l": 5,
}
_WEEK = compiled(
    rf"(?<![가-힣])(?:(?P<a>[첫둘셋넷]째|[첫두세네]\s?번째|첫(?=\s[{WEEK}]요일)|마지막)(?:[\s,·/]{{0,2}}(?P<b>[둘셋넷]째"
    rf"|[두세네]\s?번째))?\s?(?:주\s?)?|(?P<c>[1-5])(?:\s?[,·/]\s?(?P<d>[1-5])\s?(?:째\s?)?"
    rf"|째\s?)주\s?)(?P<day>[{WEEK}])(?:요일|(?=[\s,.·)]))"
    r"|\b(?P<e>first|second|third|fourth|last)(?:(?:,? and|,| &) (?P<f>second|third|fourth|last))?"
    rf" (?P<en>{_EN_DAY})\b",
    re.IGNORECASE,
)
"""A day of some weeks of the month: 둘째 일요일, 1·3주 월요일."""
_WEEKLY = compiled(r"[매격]주\s?$|\bevery (?:other )?$", re.IGNORECASE)
_HOUR_NEXT = compiled(
    r"[\s:,]*(?:at )?(?:(?:오전|오후|아침|낮)\s?\d|\d{1,2}\s?[:시~-]|\d{1,2}\s?[ap]m|\d{1,2} (?:to|till) \d)",
    re.IGNORECASE,
)
_DATE_NEXT = compiled(rf",?\s(?:{_MONTH_EN.replace('?P<NAME>', '?:')}\.?\s\d|\d{{1,2}}[./]\d)")
_OPEN = compiled(r"^\s?전[에 ,]|영업|운영|오픈|엽니다|열어|열려|여는|진행|open|hours", re.IGNORECASE)
_EXCEPT = compiled(
    r"^\s?(?:에?만 빼고|을? ?제외|빼고|말고는|except)|(?:except|(?:day|night|daily|week),? but)(?: on)? ?$",
    re.IGNORECASE,
)
_BUT = compiled(
    rf"\s?(?:of the week)?\s?[,(]?\s?(?:except|but\b|excluding|단[, ]"
    rf"|[은는엔]?\s?[{WEEK}]요일만|[{WEEK}]요일\S{{0,2}}\s?(?:제외|빼고))",
    re.IGNORECASE,
)
"""What takes a day from all of them."""


def read_weekdays(text: str) -> Iterator[Fact]:
    """The days of the week of a text, as a set of 0 (Monday) to 6, with what they are the days of as role."""
    for match in _DAY_ALONE.finditer(text):
        role = "closed" if _CLOSED.match(text[match.end() :].lstrip()) else "open"
        yield Fact("weekday", frozenset((WEEK.index(match["day"]),)), match.start(), match.end(), match[0], role=role)
    for match in _WEEKDAYS.finditer(text):
        days = _days(match)
        before, after = around(text, match.start(), match.end(), 12, 14)
        if _BUT.match(text, match.end()) and (match["flat"] or match["en_flat"]):
            continue  # open every day but Monday
        if match["flat"] in ("연중무휴", "연중 무휴") or (match["en_flat"] or "").lower()[:4] in ("open", "no d"):
            yield Fact("weekday", ALL_DAYS, match.start(), match.end(), match[0], role="open")
            continue
        near = re.split(r"[,.!?/|·](?!\d)|\s-\s", after)[0]
        earlier = re.split(r"[,.!?/|·](?!\d)", before)[-1]
        role, sure = "", False
        is_dated = bool(re.search(r"\d일?\.?\s?$|\d,?\s?$", before) or _DATE_NEXT.match(after))
        if match["tag"] or ((match["en_tag"] or match["en"]) and is_dated):
            role, sure = "date" if is_dated else "", is_dated
        elif (
            ((closed := _CLOSED.search(near)) and not _AT_AN_HOUR.search(near[: closed.start()]))
            or re.search(
                r"(?:휴무일?|정기\s?휴무|(?:closed|rest|off)(?: on)?|휴일)\s?(?:은|는|:)?\s?(?:매주\s?)?(?:every )?$",
                earlier,
                re.IGNORECASE,
            )
            or _EXCEPT.search(near)
            or _EXCEPT.search(earlier)
        ):
            role, sure = "closed", True
        elif re.search(r"\d+일\s?$", before):
            role, sure = "date", True
        elif _HOUR_NEXT.match(after) or _OPEN.search(near) or re.search(r"open(?: on)? ?$", earlier, re.IGNORECASE):
            role, sure = "open", True
        elif _WEEKLY.search(before):
            role, sure = "weekly", True
        yield Fact("weekday", days, match.start(), match.end(), match[0], sure, role)


def day_name(day: int, like: str) -> str:
    """The name of a day, 0 is Monday, in the language and the form of another one: 화요일, (화), Tue, TUESDAY."""
    if not like.isascii() or not any(map(str.isalpha, like)):
        return re.sub(f"[{WEEK}]", WEEK[day], like, count=1)
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day]
    name = f"{name}s" if like.lower().endswith("days") else name if like.lower().endswith("day") else name[:3]
    return name.upper() if like.isupper() else name


def read_weeks(text: str) -> Iterator[Fact]:
    """Which weeks of a month a day of the week is meant of, as their numbers; the last is the fifth."""
    for match in _WEEK.finditer(text):
        said = [match[name] for name in "abcdef" if match[name]]
        weeks = frozenset(int(each) if each.isdigit() else _WEEKS[each.lower().replace("fo", "o")[0]] for each in said)
        end = match.start("day" if match["day"] else "en")
        before, after = around(text, match.start(), match.end(), 6, 12)
        sure = bool(
            re.search(r"매[달월]|every month|(?:on|every) (?:the )?$", before)
            or _CLOSED.search(re.split("[,.!?/|·]", after)[0])
        )
        day = match["day"] or WEEK[_EN_INDEX[match["en"][:3].lower()]]
        yield Fact("weeks", weeks, match.start(), end, text[match.start() : end].rstrip(), sure, day)


def _days(match: re.Match[str]) -> frozenset[int]:
    flat = (match["flat"] or match["en_flat"] or "").lower()
    if flat:
        weekend = flat.startswith(("주말", "weekend"))
        return frozenset((5, 6)) if weekend else frozenset(range(5))
    text = match[0]
    if match["en_span"] or match["en_list"] or match["en"] or match["en_tag"]:
        indices = [_EN_INDEX[name[:3].lower()] for name in re.findall(_EN_DAY, text, re.IGNORECASE)]
    else:
        indices = [WEEK.index(day) for day in re.findall(f"[{WEEK}]", text.replace("요일", " "))]
    if (match["span"] or match["en_span"]) and len(indices) == 2:
        first, last = indices
        return frozenset((first + at) % 7 for at in range((last - first) % 7 + 1))
    return frozenset(indices)
