"""The facts of a brief, and what it counts, owns and stresses."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import pairwise

from lib.domain.findings import loanwords
from lib.domain.findings.agreement import agrees
from lib.domain.findings.context import CLAUSE_END, clause_of, owner_of, words_of
from lib.domain.findings.fact import NUMBER, Fact, around, compiled, narrow, number
from lib.domain.findings.reading import money, places, quantities, times
from lib.domain.findings.reading.names import read_names

_READERS: tuple[Callable[[str], Iterator[Fact]], ...] = (
    places.read,
    times.read_dates,
    times.read_hours,
    money.read,
    quantities.read,
    times.read_weekdays,
    times.read_weeks,
    places.read_districts,
)


MOST = 250
"""Facts of a text that are read: each is compared with the others, and a caption has a dozen."""


def read(text: str) -> list[Fact]:
    """The facts of a text in their order, the first :data:`MOST` of them; no two share a character."""
    plain, facts, taken = narrow(text), list[Fact](), bytearray(len(text))
    for reader in _READERS:
        for fact in reader(plain):
            if not any(taken[fact.start : fact.end]):
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
                facts.append(fact)
    return sorted(facts, key=lambda fact: fact.start)[:MOST]


_STRESS = compiled(
    r"꼭|반드시|필히|무조건|필수|강조|빠뜨리|빠지지|빼먹|잊지|\bmust\b|be sure|make sure|do(?:n't| not) forget"
    r"|always|essential|stress|emphasi[sz]e|highlight",
    re.IGNORECASE,
)
_UNWANTED = compiled(
    r"빼고|빼 ?주|제외|넣지|쓰지|말아|마세요|금지|do not|don't (?!forget)|never|avoid|without|leave out", re.IGNORECASE
)
_WRITING = compiled(
    r"넣[어으기]|[써쓰]|적어|적기|표기|언급|포함해|강조|알려|담아|들어가|소개|\b(?:include|mention|write|say"
    r"|state|highlight|stress)",
    re.IGNORECASE,
)
_SENTENCE = compiled(r"[^\n.!?]+(?:[.!?](?=\d)[^\n.!?]*)*")
_LASTING = "소요|작업|제작|조리|준비|배송|배달|상영|관람|대기|주차|충전|보관|숙성|발효|수면"
"""How long something takes, which is no hour."""
_CALLED: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (compiled(r"가격|값을|요금|price", re.IGNORECASE), ("money",)),
    (compiled(r"할인율|할인 ?폭|discount rate", re.IGNORECASE), ("percent",)),
    (
        compiled(
            rf"영업 ?시간|운영 ?시간|오픈 ?시간"
            rf"|(?<!{_LASTING})(?<!(?:{_LASTING}) )시간(?:[을은도과,·]|이랑|\s?(?:꼭|반드시))"
            r"|opening hours|hours",
            re.IGNORECASE,
        ),
        ("hour",),
    ),
    (compiled(r"휴무|closed day|day off|closing day", re.IGNORECASE), ("weekday",)),
    (compiled(r"전화|연락처|phone|telephone", re.IGNORECASE), ("phone",)),
    (compiled(r"주소|오시는 ?길|address", re.IGNORECASE), ("address", "exit")),
    (
        compiled(
            r"날짜|기간|일정|(?:마감|오픈|출시|시작|개강|개막|행사|공연|발매|발송|배송|접수)일|\bdates?\b|deadline|period",
            re.IGNORECASE,
        ),
        ("date",),
    ),
    (compiled(r"용량|중량|volume|weight", re.IGNORECASE), ("measure",)),
)
_DISCOUNT = compiled(r"할인(?!가|율|\s?폭)|세일|discount(?! rate)|\bsale\b", re.IGNORECASE)

_BARE_RANGE = compiled(r"(?<![\d:.,/-])(\d{1,2})\s?[~-]\s?(\d{1,2})(?![\d:.,%~-]\d|[\d%가-힣])")

_LAST_HOUR = 24
_TAKEN_OFF = compiled(r"\s?(?:즉시 )?(?:할인|off|discount|쿠폰|차감)|\s?\([^()\n]{0,12}(?:할인|차감)\)", re.IGNORECASE)
_QUALIFIERS = 2
"""Words before the kind of a fact that may say which fact of the kind is meant."""
_ENDING = compiled(r"마감|deadline", re.IGNORECASE)
_UNTIL = compiled(r"\s?(?:\([^)\n]{1,4}\))?\s?(?:까지|마감|전에)")
_NO_PRICE = compiled(r"\s?(?:이상|넘|할인|쿠폰|적립|추가|상당|off\b|→|->)", re.IGNORECASE)
_NO_PRICE_BEFORE = compiled(
    r"(?:정가|원래|기존|배송비?|택배비?|추가|보증금|예약금|재료비|shipping|delivery|\bwas|\+)\s?[:(]?\s?₩?$",
    re.IGNORECASE,
)


class BriefFacts:
    """What a brief says. ``offer`` are its texts about the product and the shop, ``wishes`` the instructions."""

    def __init__(self, offer: str, wishes: str) -> None:
        self.text = narrow(f"{offer}\n\n{wishes}")
        self.wishes_at = len(offer)
        self.facts = read(self.text)
        self.offered = [fact for fact in self.facts if fact.end <= len(offer)]
        self.names = list(dict.fromkeys(str(fact.value) for fact in read_names(narrow(offer))))
        self._by_kind: dict[str, list[Fact]] = {}
        for fact in self.facts:
            self._by_kind.setdefault(fact.kind, []).append(fact)

    def of(self, kind: str) -> list[Fact]:
        """The brief's facts of a kind."""
        return self._by_kind.get(kind, [])

    def line_of(self, fact: Fact) -> int:
        """Which of its lines a fact stands in."""
        return self.text.count("\n", 0, fact.start)

    @cached_property
    def dates(self) -> list[Fact]:
        """The dates of a brief; a month alone (3월 한정) stands for no day where it names days of that month."""
        pairs = [(fact, fact.value) for fact in self.of("date") if isinstance(fact.value, tuple)]
        named = {month for _, (_, month, day) in pairs if day}
        return [fact for fact, (_, month, day) in pairs if day or month not in named]

    def prices_in(self, currency: str) -> frozenset[float]:
        """The brief's prices in a currency."""
        return self._prices.get(currency, frozenset())

    @cached_property
    def _prices(self) -> dict[str, frozenset[float]]:
        pairs = {fact.value for fact in self.of("money") if isinstance(fact.value, tuple)}
        return {name: frozenset(amount for of, amount in pairs if of == name) for name in ("won", "usd")}

    @cached_property
    def percents(self) -> frozenset[float]:
        """The percents of the brief."""
        return frozenset(fact.value for fact in self.of("percent") if isinstance(fact.value, int | float))

    @cached_property
    def counts(self) -> frozenset[float]:
        """How many of anything, and how long, it says."""
        return frozenset(counts_of(self.facts))

    @cached_property
    def has_events(self) -> bool:
        """Whether an hour stands behind a date or a day of the week."""
        return any(is_of_event(fact, self.text, self.facts) for fact in self.of("hour"))

    @cached_property
    def occasions(self) -> frozenset[str]:
        """The beginnings of the words around what is taken off: when, from what, for whom."""
        words: set[str] = set()
        for fact in self.facts:
            if fact.kind == "percent" or (isinstance(fact.value, tuple) and fact.value[-1] in self.discounts):
                before, after = around(self.text, fact.start, fact.end, 30, 12)
                before = re.sub(r"\([^()]*\)", " ", before)
                clause = re.split(r"[.!?,(/]", before)[-1] + re.split(r"[.!?,)/]", after)[0]
                words.update(
                    word if word[0].isdigit() else word[:2]
                    for word in re.findall(r"\d{1,2}월|[가-힣]{2,}|[A-Za-z]{4,}", clause)
                )
        return frozenset(words)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Every number of the brief."""
        return frozenset(number(match) for match in re.findall(NUMBER, self.text))

    @cached_property
    def loose_numbers(self) -> frozenset[float]:
        """The numbers that are no part of a fact."""
        inside = bytearray(len(self.text))
        for fact in self.facts:
            inside[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
        matches = re.finditer(rf"(?<![A-Za-z가-힣])(?:{NUMBER})(?![A-Za-z])", self.text)
        return frozenset(number(match[0]) for match in matches if not inside[match.start()])

    @cached_property
    def bare_hours(self) -> frozenset[int]:
        """The hours, of twelve, that ranges in bare figures may mean: 토 10-2, 9-6 daily."""
        inside = {at for fact in self.facts for at in range(fact.start, fact.end)}
        ranges = (match for match in _BARE_RANGE.finditer(self.text) if match.start() not in inside)
        ends = (tuple(map(int, match.groups())) for match in ranges)
        return frozenset(hour % 12 for hours in ends if max(hours) <= _LAST_HOUR for hour in hours)

    @cached_property
    def prices(self) -> dict[str, float]:
        """The price of what stands right before it, where that has one price."""
        prices: dict[str, set[float]] = {}
        for fact in self.of("money"):
            if (name := owner_of(self.text, fact)) and isinstance(fact.value, tuple):
                prices.setdefault(name, set()).add(fact.value[1])
        return {name: values.pop() for name, values in prices.items() if len(values) == 1}

    def price_of(self, thing: str | None) -> float | None:
        """The price of a thing, in whichever writing its name is."""
        if thing is None or thing in self.prices:
            return self.prices.get(thing or "")
        named = [price for name, price in self.prices.items() if loanwords.same(thing, name)]
        return named[0] if len(named) == 1 else None

    def names_beside(self, fact: Fact, thing: str | None) -> bool:
        """Whether the clause of one of the brief's facts names a thing."""
        words = re.findall(r"[가-힣]+|[A-Za-z]+", clause_of(self.text, fact))
        return thing is not None and any(
            word.lower() == thing or (len(thing) > 1 and word.endswith(thing)) or loanwords.same(word, thing)
            for word in words
        )

    @cached_property
    def counters(self) -> dict[str, Fact]:
        """What it counts by words that are no units, where it counts a thing once."""
        counters: dict[str, list[Fact]] = {}
        for fact in quantities.counters_in(self.text, self.facts):
            counters.setdefault(fact.role, []).append(fact)
        return {word: facts[0] for word, facts in counters.items() if len({fact.value for fact in facts}) == 1}

    @cached_property
    def rates(self) -> dict[tuple[str, Hashable], list[Fact]]:
        """The prices of so many of a unit, where they stand right behind: 2인 120,000원, 1마리 1만원."""
        rates: dict[tuple[str, Hashable], list[Fact]] = {}
        for price in self.of("money"):
            if key := rate_of(price, self.text, self.facts):
                rates.setdefault(key, []).append(price)
        return rates

    def is_rate(self, fact: Fact) -> bool:
        """Whether one of the brief's counts is what one of a thing costs: 침낭 1개 10,000원."""
        return fact.value == 1 and bool(re.match(r"\s?(?:당\s?)?[₩\d]", self.text[fact.end :]))

    @cached_property
    def things(self) -> list[Fact]:
        """What it counts, with the thing as role."""
        return list(quantities.things_in(self.text, self.facts))

    @cached_property
    def paid(self) -> list[float]:
        """What is paid for one thing each: no limits (3만 원 이상) and nothing that is taken off."""
        return [
            fact.value[1]
            for fact in self.of("money")
            if isinstance(fact.value, tuple)
            and not re.match(r"\s?(?:이상|넘|할인|쿠폰|off\b)", self.text[fact.end :])
            and not re.search(r"(?:over|above|from)\s?₩?$", self.text[max(0, fact.start - 8) : fact.start])
        ]

    @cached_property
    def has_reduction(self) -> bool:
        """Whether it names a price and what it was lowered to."""
        return bool(re.search(r"→|->|정가|원래|할인가|특가|원에서|\bwas\b|\bnow\b|\bsale\b", self.text, re.IGNORECASE))

    @cached_property
    def amounts(self) -> dict[tuple[str, str, str], Fact]:
        """The count, span, measure or percent of what stands right before it, where that has one of them."""
        amounts: dict[tuple[str, str, str], list[Fact]] = {}
        for fact in self.facts:
            if fact.kind in AMOUNTS and (name := owner_of(self.text, fact)):
                amounts.setdefault((fact.kind, fact.role, name), []).append(fact)
        return {key: facts[0] for key, facts in amounts.items() if len({fact.value for fact in facts}) == 1}

    @cached_property
    def days_of_hours(self) -> dict[int, Hashable]:
        """The days of the week that an hour belongs to, by the place of the hour."""
        days = {fact.start: weekday_before(fact, self.text, self.facts, single=False) for fact in self.of("hour")}
        return {start: self._with_days_before(day) for start, day in days.items() if day}

    def _with_days_before(self, day: Fact) -> Hashable:
        """The days of a dated day, those since the first of its range among them: 13일(금)~15일(일)."""
        earlier = [each for each in self.of("weekday") if each.role == day.role == "date" and each.end <= day.start]
        first = earlier[-1].value if earlier else None
        if not isinstance(first, frozenset) or not isinstance(day.value, frozenset):
            return day.value
        if not _TO_DAY.fullmatch(self.text, earlier[-1].end, day.start):
            return day.value
        since, until = min(first), min(day.value)
        return frozenset((since + at) % 7 for at in range((until - since) % 7 + 1))

    @cached_property
    def dates_of_hours(self) -> dict[int, Fact]:
        """The date that an hour stands right behind, by the place of the hour."""
        dates = {fact.start: date_before(fact, self.text, self.facts) for fact in self.of("hour")}
        return {start: date for start, date in dates.items() if date}

    @cached_property
    def _clauses(self) -> list[tuple[int, frozenset[str]]]:
        """The clauses of the text: where each ends, and its words."""
        ends = [*(match.end() for match in CLAUSE_END.finditer(self.text)), len(self.text)]
        return [(end, words_of(self.text[start:end])) for start, end in pairwise([0, *ends])]

    @cached_property
    def _told_once(self) -> frozenset[str]:
        """The words that stand in one clause alone."""
        times_told = Counter(word for _, words in self._clauses for word in words)
        return frozenset(word for word, times in times_told.items() if times == 1)

    def of_same_thing(self, fact: Fact, text: str) -> list[Fact]:
        """The brief's facts of the kind and unit of a fact with a word of its clause that no other clause has."""
        telling = self._told_once & words_of(clause_of(text, fact).replace(fact.text, " "))
        alike = [each for each in self.of(fact.kind) if each.role == fact.role] if telling else []
        return [each for each in alike if self._words_around(each) & telling]

    def _words_around(self, fact: Fact) -> frozenset[str]:
        at = bisect_right(self._clauses, fact.start, key=lambda clause: clause[0])
        return self._clauses[at][1] - words_of(fact.text)

    @cached_property
    def hours_of(self) -> dict[str, list[Fact]]:
        """The hours of what stands right before them, those of the same row among them: 1부 11:30-13:30."""
        hours: dict[str, list[Fact]] = {}
        last, owner = None, None
        for fact in self.of("hour"):
            follows = last is not None and times.JOINT.fullmatch(self.text[last.end : fact.start])
            owner = owner if follows else owner_of(self.text, fact)
            if owner and owner not in _NO_HOURS:
                hours.setdefault(owner, []).append(fact)
            last = fact
        return hours

    @cached_property
    def discounts(self) -> frozenset[float]:
        """The amounts that prices are lowered by."""
        return frozenset(
            fact.value[1]
            for fact in self.of("money")
            if isinstance(fact.value, tuple)
            and (
                _TAKEN_OFF.match(self.text, fact.end)
                or re.search(r"쿠폰\s?[:(]?\s?$", self.text[max(0, fact.start - 8) : fact.start])
            )
        )

    @cached_property
    def surcharges(self) -> frozenset[float]:
        """The amounts that others are raised by: 주말 30,000원 추가, 순살 +2,000원."""
        return frozenset(
            fact.value[1]
            for fact in self.of("money")
            if isinstance(fact.value, tuple)
            and (
                re.match(r"\s?(?:추가|더)", self.text[fact.end :])
                or re.search(
                    r"(?:추가|변경|업그레이드|출장비|배송비|설치비)\s[^\n,.]{0,8}$|\+\s?₩?$",
                    self.text[max(0, fact.start - 16) : fact.start],
                )
            )
        )

    @property
    def is_read(self) -> bool:
        """Whether all facts of the brief were read; what it says further on can be no mistake."""
        return len(self.facts) < MOST

    @cached_property
    def stressed(self) -> list[tuple[Fact, ...]]:
        """Facts that a caption must have: of each group one at least."""
        groups: list[tuple[Fact, ...]] = []
        for match in _SENTENCE.finditer(self.text):
            if not _STRESS.search(match[0]) or _UNWANTED.search(match[0]):
                continue
            if match.start() < self.wishes_at and not _WRITING.search(match[0]):
                continue  # what guests must do: 예약 필수
            within = [fact for fact in self.facts if match.start() <= fact.start and fact.end <= match.end()]
            groups += [
                (fact,)
                for fact in within
                if (fact.sure and fact.kind not in ("count", "span", "district", "weekday")) or self._is_offered(fact)
            ]
            if not within:
                for words, kinds in _CALLED:
                    for called in words.finditer(match[0]):
                        named = next((facts for kind in kinds if (facts := self.of(kind))), [])
                        is_end = _ENDING.match(called[0]) and [each for each in named if self._is_until(each)]
                        groups.append(tuple(is_end or self._meant(named, match[0][: called.start()], called[0])))
                if _DISCOUNT.search(match[0]):
                    groups += [(fact, *self._lowered_by(fact)) for fact in self.of("percent")]
        return [group for group in groups if group]

    def _meant(self, facts: list[Fact], before: str, called: str) -> list[Fact]:
        """Those of ``facts`` that a wish names by words ``before`` their kind (첫 달 가격); of prices what is paid."""
        words = before.split()[-_QUALIFIERS:]
        phrases = ["".join(words[first:]) for first in range(len(words))]
        for phrase in (*phrases, called.removesuffix("일")):
            beside = [fact for fact in facts if phrase in re.sub(r"\s", "", clause_of(self.text, fact))]
            if len(phrase) > 1 and beside:
                return beside
        return [fact for fact in facts if not self._is_beside_price(fact)] or facts

    def _is_until(self, fact: Fact) -> bool:
        """Whether something ends on a date."""
        return bool(_UNTIL.match(self.text[fact.end : fact.end + 12]))

    def _is_beside_price(self, fact: Fact) -> bool:
        """Whether an amount is none that a product is sold for: a limit, a fee, or the price before a reduction."""
        before, after = around(self.text, fact.start, fact.end, 8, 6)
        return fact.kind == "money" and bool(_NO_PRICE.match(after) or _NO_PRICE_BEFORE.search(before))

    def _is_offered(self, fact: Fact) -> bool:
        """Whether a count of the wishes is one of the offer too, and so no wish about the caption (5줄)."""
        return (
            fact.kind == "count"
            and fact.start > self.wishes_at
            and any(each.kind == "count" and agrees(fact, each) for each in self.offered)
        )

    def _lowered_by(self, percent: Fact) -> Iterator[Fact]:
        """The prices as a discount leaves them."""
        for price in self.of("money"):
            if isinstance(price.value, tuple):
                lowered = price.value[1] * (100 - float(str(percent.value))) / 100
                yield replace(price, value=(price.value[0], round(lowered, 2)))


@lru_cache(maxsize=512)
def brief_facts(offer: str, wishes: str) -> BriefFacts:
    """The facts of a brief; those of the latest briefs are kept."""
    return BriefFacts(offer, wishes)


def is_of_event(fact: Fact, text: str, facts: list[Fact]) -> bool:
    """Whether a date or a day of the week stands right before it, or before a list that it is in."""
    if times.OF_SCENE.match(text[fact.end :]):
        return False
    first = fact
    for each in reversed([each for each in facts if each.kind == "hour" and each.end <= fact.start]):
        if not times.LISTED.fullmatch(text[each.end : first.start]):
            break
        first = each
    before = (each for each in facts if each.kind in ("date", "weekday") and 0 <= first.start - each.end <= 6)
    return any("\n" not in text[each.end : first.start] for each in before)


def rate_of(price: Fact, text: str, facts: list[Fact]) -> tuple[str, Hashable] | None:
    """How many of which unit a price is said of, right before it: 한 마리에 만 원."""
    count = next(
        (
            each
            for each in facts
            if each.kind in ("count", "span", "measure") and _TO_PRICE.fullmatch(text, each.end, price.start)
        ),
        None,
    )
    if count:
        return count.role, count.value
    unit = _PER.match(text, price.end)
    return (quantities.unit_of(unit["unit"]), 1.0) if unit else None


_PER = compiled(r"\s?(?:/\s?|per |an? )(?P<unit>[A-Za-z]+|[가-힣]{1,3})")
_TO_PRICE = compiled(r"(?:\s?\([^()\n]{1,20}\))?\s?(?:에|당|마다|씩|이?면)?\s?[:(]?\s?₩?")


def counts_of(facts: Iterable[Fact]) -> Iterator[float]:
    """The numbers of what facts count, and of how long they say."""
    return (each.value for each in facts if each.kind in ("count", "span") and isinstance(each.value, int | float))


AMOUNTS = frozenset(("count", "span", "measure", "percent"))


TO_ITS_HOUR = compiled(r"[^\n]{0,4}|\s(?!휴|쉬|정기|closed)[^\W\d]{1,6}\s", re.IGNORECASE)
"""What stands between a day of the week and its hour: 목요일 라이브 20:30, Thursday from 8:30."""


def _first_of_range(fact: Fact, text: str, facts: list[Fact]) -> Fact:
    """The hour with which the range of an hour begins; the hour itself where it ends none."""
    for each in reversed([each for each in facts if each.kind == "hour" and each.end <= fact.start]):
        if not times.JOINT.fullmatch(text[each.end : fact.start]):
            break
        fact = each
    return fact


_TO_HOUR_OF_DATE = compiled(
    rf"\s?\(?(?:[{times.WEEK}](?:요일)?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*)?\)?,?\s?(?:오전|오후|아침|낮|저녁|밤|at|from)?\s?"
)


_TO_DAY = compiled(r"\)?\s?[~-]\s?[\d월일./\s]{0,12}\(?")


def date_before(fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The date that an hour, or the first of its range, stands right behind: 12월 19일 토요일 오후 5시."""
    first = _first_of_range(fact, text, facts)
    dates = (each for each in facts if each.kind == "date" and each.end <= first.start)
    return next((each for each in dates if _TO_HOUR_OF_DATE.fullmatch(text, each.end, first.start)), None)


def weekday_before(fact: Fact, text: str, facts: list[Fact], *, single: bool = True) -> Fact | None:
    """The day of the week that an hour, or the first of its range, stands right behind; days too if not ``single``."""
    first = _first_of_range(fact, text, facts)
    return next(
        (
            each
            for each in facts
            if each.kind == "weekday"
            and isinstance(each.value, frozenset)
            and (len(each.value) == 1 or not single)
            and each.end <= first.start
            and TO_ITS_HOUR.fullmatch(text, each.end, first.start)
        ),
        None,
    )


_NO_HOURS = frozenset(
    [
        "영업",
        "운영",
        "오픈",
        "시간",
        "영업시간",
        "운영시간",
        "오전",
        "오후",
        "아침",
        "점심",
        "저녁",
        "새벽",
        "주말",
        "평일",
        "마감",
        "공휴일",
        "까지",
        "부터",
        "open",
        "hours",
        "daily",
    ]
)
"""Words before hours that several hours may follow."""
