"""The facts of a caption beside those of its brief: the same, another, not in the brief, or left out though stressed.

A wrong mark is worse than none: what the words around a fact leave open is not marked. Prices that follow from the
brief (a discount, a multiple, a difference) are taken as said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

from lib.domain.findings import money, places, quantities, times
from lib.domain.findings.fact import ENGLISH, NATIVE, NUMBER, Fact, narrow, number
from lib.domain.findings.names import misspelt, read_names

Status = Literal["same", "different", "absent", "missing", "open"]
"""Beside the brief: the same, another value, not said there, stressed there and missing here; or it cannot be told."""


@dataclass(frozen=True)
class Compared:
    """A fact of the caption (of the brief where it is missing), and what the brief says in its place."""

    fact: Fact
    status: Status
    brief: str = ""


_READERS: tuple[Callable[[str], Iterator[Fact]], ...] = (
    places.read, times.read_dates, times.read_hours, money.read, quantities.read, times.read_weekdays, places.read_districts,
)  # fmt: skip


def read(text: str) -> list[Fact]:
    """The facts of a text in their order; no two share a character."""
    plain, facts, taken = narrow(text), list[Fact](), bytearray(len(text))
    for reader in _READERS:
        for fact in reader(plain):
            if not any(taken[fact.start : fact.end]):
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
                facts.append(fact)
    return sorted(facts, key=lambda fact: fact.start)


_STRESS = re.compile(
    r"꼭|반드시|필히|무조건|필수|강조|빠뜨리|빠지지|빼먹|잊지|\bmust\b|be sure|make sure|do(?:n't| not) forget|always|essential|stress|emphasi[sz]e|highlight",
    re.IGNORECASE,
)
_UNWANTED = re.compile(
    r"빼고|빼 ?주|제외|넣지|쓰지|말아|마세요|금지|do not|don't (?!forget)|never|avoid|without|leave out", re.IGNORECASE
)
_WRITING = re.compile(
    r"넣[어으기]|[써쓰]|적어|적기|표기|언급|포함해|강조|알려|담아|들어가|소개|\b(?:include|mention|write|say|state|highlight|stress)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\n.!?]+(?:[.!?](?=\d)[^\n.!?]*)*")
_CALLED: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"가격|값을|요금|price", re.IGNORECASE), ("money",)),
    (re.compile(r"할인율|할인 ?폭|discount rate", re.IGNORECASE), ("percent",)),
    (re.compile(r"영업 ?시간|운영 ?시간|오픈 ?시간|시간을|opening hours|hours", re.IGNORECASE), ("hour",)),
    (re.compile(r"휴무|closed day|day off|closing day", re.IGNORECASE), ("weekday",)),
    (re.compile(r"전화|연락처|phone|telephone", re.IGNORECASE), ("phone",)),
    (re.compile(r"주소|오시는 ?길|address", re.IGNORECASE), ("address", "exit")),
    (re.compile(r"날짜|기간|일정|\bdates?\b|period", re.IGNORECASE), ("date",)),
    (re.compile(r"용량|중량|volume|weight", re.IGNORECASE), ("measure",)),
)


_DISCOUNT = re.compile(r"할인(?!가|율|\s?폭)|세일|discount(?! rate)|\bsale\b", re.IGNORECASE)


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
        matches = re.finditer(rf"(?<![A-Za-z가-힣])(?:{NUMBER})", self.text)
        return frozenset(number(match[0]) for match in matches if not inside[match.start()])

    @cached_property
    def prices(self) -> dict[str, float]:
        """The price of what stands right before it, where that has one price."""
        prices: dict[str, set[float]] = {}
        for fact in self.of("money"):
            if (name := _owner(self.text, fact)) and isinstance(fact.value, tuple):
                prices.setdefault(name, set()).add(fact.value[1])
        return {name: values.pop() for name, values in prices.items() if len(values) == 1}

    @cached_property
    def has_reduction(self) -> bool:
        """Whether it names a price and what it was lowered to."""
        return bool(re.search(r"→|->|정가|원래|할인가|특가|원에서|\bwas\b|\bnow\b|\bsale\b", self.text, re.IGNORECASE))

    @cached_property
    def amounts(self) -> dict[tuple[str, str, str], Fact]:
        """The count, span, measure or percent of what stands right before it, where that has one of them."""
        amounts: dict[tuple[str, str, str], list[Fact]] = {}
        for fact in self.facts:
            if fact.kind in _AMOUNTS and (name := _owner(self.text, fact)):
                amounts.setdefault((fact.kind, fact.role, name), []).append(fact)
        return {key: facts[0] for key, facts in amounts.items() if len({fact.value for fact in facts}) == 1}

    @cached_property
    def days_of_hours(self) -> dict[int, Hashable]:
        """The one day of the week that an hour belongs to, by the place of the hour."""
        days = {fact.start: _weekday_before(fact, self.text, self.facts) for fact in self.of("hour")}
        return {start: day.value for start, day in days.items() if day}

    @cached_property
    def discounts(self) -> frozenset[float]:
        """The amounts that prices are lowered by."""
        return frozenset(
            fact.value[1]
            for fact in self.of("money")
            if isinstance(fact.value, tuple)
            and re.match(r"\s?(?:즉시 )?(?:할인|off|discount|쿠폰)", self.text[fact.end :], re.IGNORECASE)
        )

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
                (fact,) for fact in within if fact.sure and fact.kind not in ("count", "span", "district", "weekday")
            ]
            if not within:
                for words, kinds in _CALLED:
                    if words.search(match[0]):
                        groups += [(fact,) for kind in kinds[:1] for fact in self.of(kind)] or [
                            (fact,) for kind in kinds for fact in self.of(kind)
                        ]
                if _DISCOUNT.search(match[0]):
                    groups += [(fact, *self._lowered_by(fact)) for fact in self.of("percent")]
        return groups

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


def compare(brief: BriefFacts, caption: str) -> list[Compared]:
    """The receipt of a caption: each of its facts with how it stands to the brief; what is missing comes last."""
    text = narrow(caption)
    facts = read(text)
    compared = [_compared(brief, fact, text, facts) for fact in facts]
    taken = {(fact.start, fact.end) for fact in facts}
    for fact, own in misspelt(text, brief.names, brief.text):
        if not any(start < fact.end and fact.start < end for start, end in taken):
            taken.add((fact.start, fact.end))
            compared.append(Compared(fact, "different", own))
    compared.sort(key=lambda each: each.fact.start)
    instead = {(each.fact.kind, each.brief) for each in compared if each.status == "different"}
    missing = [
        group[0]
        for group in brief.stressed
        if not any(_agrees(fact, stressed) for fact in facts for stressed in group)
        and not any((stressed.kind, stressed.text) in instead for stressed in group)
    ]
    return compared + [Compared(fact, "missing", fact.text) for fact in dict.fromkeys(missing)]


def _compared(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Compared:
    candidates = brief.of(fact.kind)
    if _NEGATED.match(text[fact.end :]):
        return Compared(fact, "open")
    if fact.kind == "hour":
        day = _weekday_before(fact, text, facts)
        of_day = [each for each in candidates if day and brief.days_of_hours.get(each.start) == day.value]
        if fact.sure and of_day and not any(_agrees(fact, each) for each in of_day):
            return Compared(fact, "different", _nearest(fact, text, brief, of_day).text)
        fact = _hour_of_event(fact, text, facts)
        label = _label(text, fact)
        labelled = [each for each in candidates if label and _label(brief.text, each) == label]
        if labelled:
            if any(_agrees(fact, each) for each in labelled):
                return Compared(fact, "same", labelled[0].text)
            if label in _OF_DAYS and any(
                _agrees(fact, each) and _label(brief.text, each) is None for each in candidates
            ):
                return Compared(fact, "open")
            return Compared(fact, "different", _nearest(fact, text, brief, labelled).text)
    if fact.kind == "weekday" and fact.role == "date" and (day := _day_of(fact, facts)):
        candidates = [
            each for each in candidates if each.role == "date" and _agrees_day(day, _day_of(each, brief.facts))
        ]
    same = next((candidate for candidate in candidates if _agrees(fact, candidate)), None)
    if fact.kind == "money" and same is not None:
        own = brief.prices.get(_owner(text, fact) or "")
        if own is not None and isinstance(fact.value, tuple) and own != fact.value[1] and len(brief.prices) > 1:
            own_price = next(each for each in candidates if each.value == (fact.value[0], own))
            return Compared(fact, "different", own_price.text)
    if fact.kind in _AMOUNTS and not quantities.is_idle(text, fact):
        own_amount = brief.amounts.get((fact.kind, fact.role, _owner(text, fact) or ""))
        of_others = all(
            _owner(brief.text, each) or _OPENING.search(brief.text[: each.start])
            for each in candidates
            if _agrees(fact, each)
        )
        if own_amount is not None and own_amount.value != fact.value and of_others:
            return Compared(fact, "different", own_amount.text)
    if same is not None or _follows(brief, fact, text, facts):
        return Compared(fact, "same", same.text if same else "")
    if not fact.sure and fact.kind not in ("count", "span", "district"):
        return Compared(fact, "open")
    if fact.kind in ("count", "span") and float(str(fact.value)) >= 2 and not quantities.is_idle(text, fact):
        beside = _neighbours(fact, facts, text)
        for each in candidates:
            if each.role == fact.role and beside & _neighbours(each, brief.facts, brief.text):
                return Compared(fact, "different", each.text)
    return _RULES.get(fact.kind, _otherwise)(brief, fact, text, candidates)


def _day_of(fact: Fact, facts: list[Fact]) -> Fact | None:
    """The date that a day of the week stands right behind."""
    return next((each for each in facts if each.kind == "date" and 0 <= fact.start - each.end <= 2), None)


def _agrees_day(day: Fact, said: Fact | None) -> bool:
    return said is not None and _agrees(day, said)


def _otherwise(_brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    nearest = _nearest(fact, text, _brief, candidates) if candidates else None
    if nearest and (_shares_context(text, fact, _brief.text, nearest) or _is_instead(fact, nearest, len(candidates))):
        return Compared(fact, "different", nearest.text)
    return Compared(fact, "absent")


def _is_instead(fact: Fact, said: Fact, candidates: int) -> bool:
    """Whether a fact stands in the place of one of the brief, and is no other fact that the brief does not have."""
    mine, theirs = (list(_figures(value)) for value in (fact.value, said.value))
    if fact.kind in ("money", "measure") and mine and theirs and min(mine[0], theirs[0]) > 0:
        ratio = max(mine[0], theirs[0]) / min(mine[0], theirs[0])
        return ratio <= (3 if candidates == 1 else 2)
    if fact.kind == "hour":
        return min(min(abs(a - b), times.DAY - abs(a - b)) for a in mine for b in theirs) <= (
            180 if candidates == 1 else 90
        )
    return True


def _agrees(fact: Fact, said: Fact) -> bool:
    if fact.kind != said.kind:
        return False
    mine, theirs = fact.value, said.value
    if fact.kind == "date" and isinstance(mine, tuple) and isinstance(theirs, tuple):
        return all(a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True))
    if fact.kind == "hour" and isinstance(mine, frozenset) and isinstance(theirs, frozenset):
        return bool({at % times.DAY for at in mine} & {at % times.DAY for at in theirs})
    if fact.kind == "weekday" and isinstance(mine, frozenset) and isinstance(theirs, frozenset):
        return fact.role == said.role and (mine == theirs or (fact.role == "closed" and mine < theirs))
    if fact.kind in ("count", "span"):
        return mine == theirs and fact.role == said.role
    if fact.kind == "address":
        return _same_address(fact, said)
    return mine == theirs


def _same_address(fact: Fact, said: Fact) -> bool:
    """Whether two addresses have the same numbers: of the house, of the lane if both name one, and of the road."""
    (house, _, lane), (own_house, _, own_lane) = (str(each.value).partition("/") for each in (fact, said))
    if house != own_house or (lane and own_lane and lane != own_lane):
        return False
    roads = [re.sub(r"\d", "", each.role) for each in (fact, said)]
    numbers = [re.sub(r"\D", "", each.role) for each in (fact, said)]
    return roads[0] != roads[1] or numbers[0] == numbers[1]


# -- what follows from a brief ----------------------------------------------------------------------------------------


def _follows(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> bool:
    if fact.kind == "money" and isinstance(fact.value, tuple):
        each = bool(_EACH.search(text[max(0, fact.start - 12) : fact.start]))
        return _price_follows(
            brief,
            fact.value,
            text,
            facts,
            each=each,
            less=bool(_LESS.search(text[max(0, fact.start - 8) : fact.end + 10])),
        )
    if fact.kind == "percent":
        prices = [each.value[1] for each in brief.of("money") if isinstance(each.value, tuple)]
        if 100 - float(str(fact.value)) in [each.value for each in brief.of("percent")]:
            return bool(re.match(r"\s?(?:가격|만|of the price)", text[fact.end :]))
        if ("degree", fact.value) in [each.value for each in brief.of("measure")]:
            return True  # of alcohol: 6도
        value = float(str(fact.value))
        return brief.has_reduction and any(
            a > b > 0 and (abs((a - b) / a * 100 - value) <= 0.5 or abs(b / a * 100 - value) < 0.01)
            for a in prices
            for b in prices
        )
    if fact.kind in ("count", "span"):
        return (fact.value in brief.loose_numbers and not (fact.kind == "span" and fact.sure)) or any(
            each.value == fact.value and "piece" in (fact.role, each.role) for each in brief.of("count")
        )
    if fact.kind == "weekday":
        return _weekday_follows(brief, fact)
    if fact.kind == "hour":
        return False
    if fact.kind == "name" or fact.kind == "district":
        return str(fact.value) in brief.text
    if fact.kind == "phone":
        return str(fact.value) in re.sub(r"\D", "", brief.text)
    if fact.kind in ("account", "link"):
        return str(fact.value) in brief.text.lower()
    if fact.kind == "founded":
        return float(str(fact.value)) in brief.numbers
    if fact.kind == "offer" and isinstance(fact.value, tuple):
        return "x".join(map(str, fact.value)) in brief.text
    return False


def _price_follows(
    brief: BriefFacts, value: tuple[str, float], text: str, facts: list[Fact], *, each: bool, less: bool
) -> bool:
    currency, amount = value
    near = 1 if currency == "won" else 0.01
    prices = [
        each.value[1] for each in brief.of("money") if isinstance(each.value, tuple) and each.value[0] == currency
    ]
    if currency == "won" and amount >= 1_000 and amount in brief.numbers:
        return True
    if any(price - discount == amount for price in prices for discount in brief.discounts):
        return True
    percents = [each.value for each in brief.of("percent") if isinstance(each.value, int | float)]
    if any(abs(price * (100 - percent) / 100 - amount) < near for price in prices for percent in percents):
        return True
    if any(abs(price * percent / 100 - amount) < near for price in prices for percent in percents):
        return True
    if less and any(a - b == amount for a in prices for b in prices):
        return True
    said = (fact.value for fact in facts if fact.kind in ("count", "span") and isinstance(fact.value, int | float))
    counts = {count for count in (*said, *_spelled_numbers(text)) if 2 <= count <= 36}
    return any(
        price * count == amount or (each and abs(price / count - amount) < near) for price in prices for count in counts
    )


def _weekday_follows(brief: BriefFacts, fact: Fact) -> bool:
    days = fact.value
    if not isinstance(days, frozenset):
        return False
    said = brief.of("weekday")
    closed = frozenset[int]().union(
        *(each.value for each in said if each.role == "closed" and isinstance(each.value, frozenset))
    )
    opened = frozenset[int]().union(
        *(each.value for each in said if each.role != "closed" and isinstance(each.value, frozenset))
    )
    if fact.role == "closed":
        return bool(days <= closed or (opened and days <= times.ALL_DAYS - opened and not closed))
    if fact.role == "date":
        return False
    if fact.role == "open":
        return (
            days <= (opened - closed)
            or (bool(closed) and days <= times.ALL_DAYS - closed)
            or bool(days == times.ALL_DAYS and not said and re.search(r"매일|연중|daily|every ?day|24시간", brief.text))
        )
    return any(isinstance(each.value, frozenset) and days <= each.value for each in said)


# -- where a difference is certain ------------------------------------------------------------------------------------


def _count(brief: BriefFacts, fact: Fact, text: str, _candidates: list[Fact]) -> Compared:
    """Things that are counted: certain where the brief counts the same with another number, or it is a limit."""
    if isinstance(fact.value, int | float) and fact.value < 2:
        return Compared(fact, "open")
    of_unit = [each for each in brief.offered if each.kind == fact.kind and each.role == fact.role]
    idle = quantities.is_idle(text, fact)
    near = [each for each in of_unit if _shares_context(text, fact, brief.text, each)]
    if near and not idle:
        return Compared(fact, "different", near[0].text)
    if (
        fact.kind == "count"
        and len({each.value for each in of_unit}) == 1
        and not idle
        and fact.role not in ("people", "time")
    ):
        return Compared(fact, "different", of_unit[0].text)
    if fact.kind == "span":  # within three days
        limits = [each for each in of_unit if each.sure] if fact.sure else []
        return Compared(fact, "different", limits[0].text) if limits else Compared(fact, "open")
    if fact.sure and not idle:
        return Compared(fact, "different", of_unit[0].text) if of_unit else Compared(fact, "absent")
    return Compared(fact, "open")


def _neighbours(fact: Fact, facts: list[Fact], text: str) -> frozenset[Hashable]:
    """The prices, percents and counts right beside a fact, by which it can be told again."""
    return frozenset(
        (each.kind, each.role, each.value)
        for each in facts
        if each.kind in ("money", "percent", "count") and each is not fact
        and 0 <= max(fact.start - each.end, each.start - fact.end) <= 8
        and "\n" not in text[min(fact.end, each.end) : max(fact.start, each.start)]
    )  # fmt: skip


_AMOUNTS = frozenset(("count", "span", "measure", "percent"))
_OF_PRODUCTS = frozenset(("ml", "g", "kcal", "mAh", "GB"))
"""Measures of a product; lengths and degrees are also those of a scene."""


def _measure(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    of_unit = [each for each in candidates if each.role == fact.role]
    if of_unit:
        compared = _otherwise(brief, fact, text, of_unit)
        is_scene = compared.status == "absent" and fact.role not in _OF_PRODUCTS  # the first kilometre
        return Compared(fact, "open") if is_scene else compared
    return Compared(fact, "absent" if fact.role in _OF_PRODUCTS else "open")


def _hour(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    if any(each.value == frozenset((times.DAY,)) for each in candidates):
        return Compared(fact, "open")
    if not candidates and re.search(r"24시간|연중무휴|상시", brief.text):
        return Compared(fact, "open")
    return _otherwise(brief, fact, text, candidates)


def _date(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    if fact.role in ("day", "month", "scene") and not candidates:
        return Compared(fact, "open")
    return _otherwise(brief, fact, text, candidates)


def _weekday(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    days = fact.value if isinstance(fact.value, frozenset) else frozenset()
    said = [each for each in candidates if each.role == fact.role]
    others = [each for each in candidates if each.role in ("closed", "open")]
    if fact.role == "date":
        return Compared(fact, "different", said[0].text) if said else Compared(fact, "open")
    if said or others:
        return Compared(fact, "different", (said or others)[0].text)
    is_named = any(isinstance(each.value, frozenset) and days <= each.value for each in candidates)
    return Compared(fact, "absent") if fact.role == "closed" and not is_named else Compared(fact, "open")


def _district(_brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    if candidates and places.is_shops_own(text, fact):
        return Compared(fact, "different", candidates[0].text)
    return Compared(fact, "open")


def _address(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    if fact.kind == "exit" and not candidates:
        return Compared(fact, "absent")
    if fact.kind == "floor" and not candidates and not re.search(r"매장|오세요|있어요|위치|오시면|카페", text):
        return Compared(fact, "open")
    return _otherwise(brief, fact, text, candidates)


def _way(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    """A line of the underground, a station or a room: certain where the brief names another."""
    if not candidates or any(str(each.value).endswith(str(fact.value)) for each in candidates):
        return Compared(fact, "open")
    return Compared(fact, "different", candidates[0].text)


def _year(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    """The year of a product: certain where the brief has the same product of another year."""
    same = next((each for each in candidates if each.role == fact.role), None)
    return Compared(fact, "different", same.text) if same else Compared(fact, "open")


_RULES: dict[str, Callable[[BriefFacts, Fact, str, list[Fact]], Compared]] = {
    "count": _count, "span": _count, "hour": _hour, "date": _date, "weekday": _weekday, "district": _district,
    "year": _year, "line": _way, "room": _way, "station": _way, "exit": _address, "floor": _address, "measure": _measure,
}  # fmt: skip


_EACH = re.compile(
    r"(?:[개병잔팩장달]당|하나에|한\s?[개병잔팩장달](?:에)?|각각?|월|\bper \w+|\beach|\bmonthly)\s?$", re.IGNORECASE
)
_LESS = re.compile(r"할인|싸|저렴|절약|아끼|아껴|내려|\bsave|\boff\b|less|cheaper", re.IGNORECASE)
_NEGATED = re.compile(r"[?]?\s?(?:은|는|이|가|도)?\s?(?:아니|아닌|말고)|\s?(?:is|are)? ?n[o']t\b", re.IGNORECASE)
_LABELS = re.compile(
    r"(?P<rest>브레이크\s?타임|break ?time)|(?P<last>라스트\s?오더|last order)|(?P<check_in>체크\s?인|입실|check-?in)|(?P<check_out>체크\s?아웃|퇴실|check-?out)"
    r"|(?P<entry>입장\s?마감)|(?P<weekdays>평일|weekdays?|Mon\s?-\s?Fri)|(?P<weekends>주말|weekends?)|(?P<other>영업|운영|오픈|점심|lunch|open|,|/|\.)",
    re.IGNORECASE,
)


_OF_DAYS = ("weekdays", "weekends")
"""Labels that several hours may follow."""


def _label(text: str, fact: Fact) -> str | None:
    """What the hour is the hour of, where the words before it say so."""
    before = text[max(0, fact.start - 24) : fact.start].rpartition("\n")[2]
    labels = [match.lastgroup for match in _LABELS.finditer(before)]
    return labels[-1] if labels and labels[-1] != "other" else None


def _weekday_before(fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The one day of the week that an hour stands right behind, or the first of its range does."""
    first = fact
    for each in reversed([each for each in facts if each.kind == "hour" and each.end <= fact.start]):
        if not times.JOINT.fullmatch(text[each.end : first.start]):
            break
        first = each
    return next(
        (
            each
            for each in facts
            if each.kind == "weekday" and isinstance(each.value, frozenset) and len(each.value) == 1
            and 0 <= first.start - each.end <= 4 and "\n" not in text[each.end : first.start]
        ),
        None,
    )  # fmt: skip


def _hour_of_event(fact: Fact, text: str, facts: list[Fact]) -> Fact:
    """The hour as sure, where a date or a day of the week stands right before it, or before a list that it is in."""
    first = fact
    for each in reversed([each for each in facts if each.kind == "hour" and each.end <= fact.start]):
        if not times.LISTED.fullmatch(text[each.end : first.start]):
            break
        first = each
    before = (each for each in facts if each.kind in ("date", "weekday") and 0 <= first.start - each.end <= 6)
    return replace(fact, sure=True) if any("\n" not in text[each.end : first.start] for each in before) else fact


_SPELLED = re.compile(
    rf"(?<![가-힣])({'|'.join(sorted(NATIVE, key=len, reverse=True))})(?=\s|개|병|잔|장|명|판)|\b({'|'.join(ENGLISH)})\b",
    re.IGNORECASE,
)


def _spelled_numbers(text: str) -> Iterator[float]:
    """The numbers that a text says in words."""
    for match in _SPELLED.finditer(text):
        yield NATIVE[match[1]] if match[1] else ENGLISH[match[2].lower()]


# -- context ----------------------------------------------------------------------------------------------------------

_OWNER = re.compile(
    r"(?<![\d가-힣A-Za-z,.])(\d+[가-힣A-Za-z]+|[가-힣A-Za-z]{2,})\s*(?:[:：=]|(?<=[가-힣])(?:은|는|이|가))?\s*[-·(]?\s*$"
)
_OPENING = re.compile(r"(?:^|[.!?\n/])\s*$")
_NO_OWNER = frozenset(
    [
        "하루",
        "매일",
        "오늘",
        "단돈",
        "가격",
        "정가",
        "할인가",
        "특가",
        "판매가",
        "각각",
        "모두",
        "전부",
        "오직",
        "최대",
        "최소",
        "으로",
        "에서",
        "only",
        "just",
        "for",
        "now",
        "price",
        "from",
        "at",
        "the",
    ]
)


def _owner(text: str, fact: Fact) -> str | None:
    """The word right before a price, without its particle: what costs so much."""
    match = _OWNER.search(text[max(0, fact.start - 20) : fact.start].rpartition("\n")[2])
    if not match:
        return None
    word = re.sub(r"(?<=[가-힣]{2})(?:은|는|이|가)$", "", match[1]).lower()
    return None if word in _NO_OWNER else word


def _shares_context(text: str, fact: Fact, other_text: str, other: Fact) -> bool:
    """Whether a word beside the one fact stands beside the other one too, by its first two syllables or letters."""
    return bool(_context(text, fact) & _context(other_text, other))


def _context(text: str, fact: Fact) -> frozenset[str]:
    before = text[max(0, fact.start - 12) : fact.start].rpartition("\n")[2]
    after = text[fact.end : fact.end + (18 if fact.text.isascii() else 10)].partition("\n")[0]
    words = re.findall(r"[가-힣]{2,}|[A-Za-z]{4,}", f"{before} {after}")
    beside = re.search(r"([가-힣A-Za-z]+)\s?$", before)
    last = {f"{beside[1]} "} if beside else set()
    return frozenset(word[:2] if word[0] >= "가" else word[:4].lower() for word in words) - _NO_CONTEXT | last


_NO_CONTEXT = frozenset(
    ("하루", "매일", "오늘", "우리", "저희", "정말", "지금", "이상", "동안", "정도", "따뜻", "맛있")
)


def _nearest(fact: Fact, text: str, brief: BriefFacts, candidates: Iterable[Fact]) -> Fact:
    """What the brief most likely says in its place: with the same words around it, else the nearest value."""

    def distance(candidate: Fact) -> tuple[bool, bool, float]:
        context = not _shares_context(text, fact, brief.text, candidate)
        return not candidate.sure, context, _apart(fact.value, candidate.value)

    return min(candidates, key=distance)


def _apart(mine: object, theirs: object) -> float:
    flat = [list(_figures(value)) for value in (mine, theirs)]
    return min((abs(a - b) for a in flat[0] for b in flat[1]), default=0.0)


def _figures(value: object) -> Iterator[float]:
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _figures(each)
