"""The facts of a caption beside those of its brief: the same, another, not in the brief, or left out though stressed.

A wrong mark is worse than none: what the words around a fact leave open is not marked. Prices that follow from the
brief (a discount, a multiple, a difference) are taken as said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace

from lib.domain.findings import loanwords, schedule, spans
from lib.domain.findings.agreement import agrees, unlimited
from lib.domain.findings.brief_facts import (
    AMOUNTS,
    BriefFacts,
    rate_of,
    read,
)
from lib.domain.findings.context import OPENING, owner_of, sentence_of, shares_context
from lib.domain.findings.derived import follows, may_be_derived
from lib.domain.findings.fact import NUMBER, Fact, around, compiled, narrow
from lib.domain.findings.reading import money, places, quantities
from lib.domain.findings.reading.names import misspelt
from lib.domain.findings.replacement import Compared, is_alike, otherwise


def compare(brief: BriefFacts, caption: str) -> list[Compared]:
    """The receipt of a caption: each of its facts with how it stands to the brief; what is missing comes last."""
    text = narrow(caption)
    facts = read(text)
    facts = [replace(each, sure=True) if _is_in_menu(brief, each, text, facts) else each for each in facts]
    compared = [_compared(brief, fact, text, facts) for fact in facts]
    compared += _miscounted(brief, text, facts)
    marked = {each.fact.start for each in compared if each.status in ("different", "same")}
    compared += (each for each in _miscounted_abroad(brief, text, facts) if each.fact.start not in marked)
    stated = {(each.fact.kind, each.brief) for each in compared if each.status == "same"}
    compared = [replace(each, status="open") if _is_besides(each, text, stated) else each for each in compared]
    taken = {(each.fact.start, each.fact.end) for each in compared if each.status != "open"}
    for fact, own in misspelt(text, brief.names, brief.text):
        if not any(start < fact.end and fact.start < end for start, end in taken):
            taken.add((fact.start, fact.end))
            compared.append(Compared(fact, "different", own))
    compared.sort(key=lambda each: each.fact.start)
    instead = {(each.fact.kind, each.brief) for each in compared if each.status in ("different", "absent")}
    missing = [
        group[0]
        for group in brief.stressed
        if not any(agrees(fact, stressed) for fact in facts for stressed in group)
        and not any((stressed.kind, brief_text) in instead for stressed in group for brief_text in (stressed.text, ""))
    ]
    return compared + [Compared(fact, "missing", fact.text) for fact in dict.fromkeys(missing)]


def _is_in_menu(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> bool:
    """Whether an amount without its currency is a price: another one is the brief's, or it stands behind its thing."""
    if fact.kind != "money" or fact.sure:
        return False
    others = (each for each in facts if each.kind == "money" and not each.sure and each is not fact)
    return owner_of(text, fact) in brief.prices or any(each.value in _values(brief.of("money")) for each in others)


def _values(facts: Iterable[Fact]) -> frozenset[Hashable]:
    return frozenset(each.value for each in facts)


def _is_besides(each: Compared, text: str, stated: set[tuple[str, str]]) -> bool:
    """Whether a fact stands in the place of none of the brief.

    An amount beside the brief's own does not (outside 10 degrees, the pool 30), nor does what was once.
    """
    if each.status not in ("different", "absent"):
        return False
    if each.status == "absent" and _ASKED.match(text, each.fact.end):
        return True  # would 100,000 won do?
    is_stated = each.fact.kind in AMOUNTS and (each.fact.kind, each.brief) in stated
    return is_stated or (each.fact.kind in _OFFERED and bool(_PAST.search(sentence_of(text, each.fact))))


_ASKED = compiled(r"[^\n.!?]*\?")
_OFFERED = AMOUNTS | {"money", "hour"}


def _compared(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Compared:
    candidates = brief.dates if fact.kind == "date" else brief.of(fact.kind)
    if not brief.is_read or _NEGATED.match(text[fact.end : fact.end + 12]):
        return Compared(fact, "open")
    if fact.kind == "hour":
        fact, compared = schedule.compare_hour(brief, fact, text, facts)
        if compared:
            return compared
    if fact.kind == "weekday":
        candidates, compared = schedule.compare_weekday(brief, fact, text, facts)
        if compared:
            return compared
    alike = [candidate for candidate in candidates if agrees(fact, candidate)]
    same = min(alike, key=lambda each: each.role != fact.role, default=None)
    if fact.kind == "money" and (full := _full_price(brief, fact, text)):
        return Compared(fact, "different", full.text)
    if fact.kind == "money" and same is None and (rate := _other_rate(brief, fact, text, facts)):
        return Compared(fact, "different", rate.text)
    if fact.kind == "money" and same is not None and (own_price := _own_price(brief, fact, text, facts)):
        return Compared(fact, "different", own_price.text)
    if fact.kind == "span" and not quantities.in_its_place(fact) and spans.is_beside_session(text, fact):
        candidates = [each for each in candidates if spans.is_beside_session(brief.text, each)]
        if not candidates:
            return Compared(fact, "open")
    if fact.kind in AMOUNTS and not quantities.is_idle(text, fact):
        own_amount = brief.amounts.get((fact.kind, fact.role, owner_of(text, fact) or ""))
        of_others = all(
            owner_of(brief.text, each) or OPENING.search(brief.text[max(0, each.start - 8) : each.start])
            for each in candidates
            if agrees(fact, each)
        )
        is_other = own_amount and own_amount.value != fact.value and is_alike(fact, own_amount)
        if own_amount and is_other and of_others and not _is_rate(brief, own_amount):
            return Compared(fact, "different", own_amount.text)
    if fact.kind == "span" and (other := spans.of_topic(brief, fact, text, facts)):
        return Compared(fact, "different", other.text)
    if (
        fact.kind in (*AMOUNTS, "hour") and same is None
    ):  # what the caption says elsewhere is not what it says otherwise here
        candidates = [each for each in candidates if not any(agrees(other, each) for other in facts)]
    if fact.role == quantities.THING:
        limited = [each for each in candidates if each.sure or quantities.is_daily(brief.text, each)]
        if same is None and len({each.value for each in limited}) == 1:
            return Compared(fact, "different", limited[0].text)
        return Compared(fact, "same", same.text) if same else Compared(fact, "open")
    if fact.kind == "count" and quantities.is_daily(text, fact):
        candidates = [each for each in candidates if quantities.is_daily(brief.text, each)]
    if fact.kind in AMOUNTS and same is None and spans.is_within(brief, fact):
        return Compared(fact, "open")
    if (
        fact.kind in ("count", "span")
        and same is None
        and fact.value not in (0, 1)
        and not quantities.is_idle(text, fact)
    ):
        of_unit = [each for each in brief.of(fact.kind) if each.role == fact.role] if spans.is_telling(fact) else []
        of_thing = of_unit if len(of_unit) == 1 else brief.of_same_thing(fact, text)
        of_thing = [each for each in of_thing if each in candidates and _is_alike(fact, each)]
        if len(of_thing) == 1 and not spans.is_within(brief, fact) and not follows(brief, fact, text, facts):
            return Compared(fact, "different", of_thing[0].text)
    if fact.kind in ("count", "span") and (own_range := spans.other_range(brief, fact, text, facts)):
        return Compared(fact, "different", own_range)
    if fact.kind in ("count", "span") and same is not None and (paired := _paired(brief, fact, text, facts)):
        return Compared(fact, "different", paired.text)
    if same is not None or follows(brief, fact, text, facts):
        return Compared(fact, "same", same.text if same else "")
    if not fact.sure and fact.kind not in ("count", "span", "district"):
        return Compared(fact, "open")
    if fact.kind == "count" and _makes_price(brief, fact, facts):
        return Compared(fact, "same")
    if (
        fact.kind in ("count", "span")
        and (float(str(fact.value)) >= 2 or fact.role == "year")
        and not quantities.is_idle(text, fact)
    ):
        beside = _neighbours(fact, facts, text)
        for each in sorted(candidates, key=lambda each: each.role != fact.role):
            is_alike_unit = unlimited(each.role) == unlimited(fact.role) or (
                fact.kind == "span" and spans.may_replace(fact, each) and not agrees(fact, each)
            )
            if is_alike_unit and beside & _neighbours(each, brief.facts, brief.text):
                return Compared(fact, "different", each.text)
    if fact.kind == "date" and (date := schedule.date_of_hour(brief, fact, text, facts)):
        return Compared(fact, "different", date.text)
    return _RULES.get(fact.kind, otherwise)(brief, fact, text, candidates)


def _full_price(brief: BriefFacts, fact: Fact, text: str) -> Fact | None:
    """The brief's one list price, where a caption calls another amount so."""
    said = [each for each in brief.of("money") if _FULL.search(brief.text[max(0, each.start - 12) : each.start])]
    is_full = _FULL.search(text[max(0, fact.start - 12) : fact.start])
    return said[0] if is_full and len(said) == 1 and not agrees(fact, said[0]) else None


_FULL = compiled(r"(?:정가|소비자가|원가|\bwas|list price|regular(?:ly)?)(?:격|는|은)?\s?[:(]?\s?[₩$]?$", re.IGNORECASE)


def _own_price(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The brief's price of the thing, or of the number, that a price stands behind, where that is another one."""
    if rate := _other_rate(brief, fact, text, facts):
        return rate
    prices = brief.of("money")
    thing = owner_of(text, fact)
    is_named = any(brief.names_beside(each, thing) for each in prices if agrees(fact, each))
    own = None if is_named or len(brief.prices) == 1 else brief.price_of(thing)
    currency, amount = fact.value if isinstance(fact.value, tuple) else ("", 0.0)
    return None if own in (None, amount) else next(each for each in prices if each.value == (currency, own))


def _other_rate(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The brief's one price of as many of a unit, where a price is neither that nor lowered by what the brief says."""
    rates = brief.rates.get(rate_of(fact, text, facts) or ("", None), [])
    if len({each.value for each in rates}) != 1 or rates[0].value == fact.value:
        return None
    mine, theirs = (each.value[1] if isinstance(each.value, tuple) else 0.0 for each in (fact, rates[0]))
    lowered = {theirs * (100 - off) / 100 for off in brief.percents} | {theirs - off for off in brief.discounts}
    raised = {theirs + more for more in brief.surcharges}
    if any(mine * count in brief.prices_in("won") for count in brief.counts if count > 1):
        return None  # one of a set
    return None if any(abs(each - mine) < 1 for each in lowered | raised) else rates[0]


def _makes_price(brief: BriefFacts, fact: Fact, facts: list[Fact]) -> bool:
    """Whether the price behind a count is that of so many: two bowls for 19,000, where one is 9,500."""
    behind = next((each for each in facts if each.kind == "money" and 0 <= each.start - fact.end <= 8), None)
    if behind is None or not isinstance(behind.value, tuple):
        return False
    currency, amount = behind.value
    prices = brief.prices_in(currency)
    return amount not in prices and amount / float(str(fact.value)) in prices


_TOTAL = compiled(r"(?:모두|총|전체|전부 합쳐|a total of|in all)\s?$", re.IGNORECASE)


def _is_rate(brief: BriefFacts, said: Fact) -> bool:
    """Whether the brief says what one of a thing costs: 침낭 1개 10,000원."""
    return said.value == 1 and bool(re.match(r"\s?(?:당\s?)?[₩\d]", brief.text[said.end :]))


def _count(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """Things that are counted: certain where the brief counts the same with another number, or it is a limit."""
    is_limit = fact.kind == "span" and (fact.sure or quantities.in_its_place(fact) == "ahead")
    if isinstance(fact.value, int | float) and fact.value < 2 and not is_limit:
        return Compared(fact, "open")
    offered = [each for each in candidates if each in brief.offered and not _is_rate(brief, each)]
    of_unit = [each for each in offered if each.role == fact.role] or [
        each for each in offered if fact.role == f"{each.role} {quantities.MOST}"
    ]
    idle = quantities.is_idle(text, fact)
    near = [each for each in of_unit if shares_context(text, fact, brief.text, each) and is_alike(fact, each)]
    if near and not idle:
        return Compared(fact, "different", near[0].text)
    if (
        fact.kind == "count"
        and len({each.value for each in of_unit}) == 1
        and _is_alike(fact, of_unit[0])
        and not idle
        and (fact.role not in ("people", "time") or _TOTAL.search(text[max(0, fact.start - 8) : fact.start]))
    ):
        return Compared(fact, "different", of_unit[0].text)
    if quantities.in_its_place(fact) and not idle:
        return Compared(fact, "different", of_unit[0].text) if len(of_unit) == 1 else Compared(fact, "open")
    values = {float(str(each.value)) for each in of_unit}
    if unlimited(fact.role) == "people" and (most := _room(brief, fact, candidates)) and not idle:
        return Compared(fact, "different", most.text)
    if fact.role == "people" and len(values) == 1 and not idle and min(values) >= 100:
        ratio = float(str(fact.value)) / min(values)
        return Compared(fact, "different", of_unit[0].text) if 1 / 2 <= ratio <= 2 else Compared(fact, "open")
    is_daily = quantities.is_daily(text, fact)
    if fact.kind == "span" and re.match(r"\s?씩", text[fact.end :]) and len(values) == 1 and not is_daily:
        return Compared(fact, "different", of_unit[0].text)
    if fact.kind == "span":
        limits = [each for each in brief.offered if each.kind == "span" and each.sure]
        said = limits if fact.sure else of_unit if spans.is_exact(fact) and not idle else []
        alike = [each for each in said if spans.may_replace(fact, each)]
        return Compared(fact, "different", alike[0].text) if len(alike) == 1 else Compared(fact, "open")
    if fact.sure and not idle and of_unit:
        return Compared(fact, "different", of_unit[0].text)
    is_invented = fact.sure and not idle and fact.role not in ("time", "piece")
    return Compared(fact, "absent" if is_invented else "open")


def _room(brief: BriefFacts, fact: Fact, candidates: list[Fact]) -> Fact | None:
    """The one number of people whom the brief has room for, where five or more are named instead."""
    people = [each for each in candidates if each in brief.offered and unlimited(each.role) == "people"]
    rooms = [each for each in people if each.role == f"people {quantities.MOST}"] or people
    if len(rooms) != 1:
        return None
    mine, theirs = (float(str(each.value)) for each in (fact, rooms[0]))
    return rooms[0] if mine >= _MANY_PEOPLE and max(mine, theirs) <= 2 * min(mine, theirs) else None


_MANY_PEOPLE = 5


def _is_alike(fact: Fact, said: Fact) -> bool:
    """Whether an amount may stand in the place of another: not of the one that costs so much, nor of 40 for 5."""
    mine, theirs = float(str(fact.value)), float(str(said.value))
    return theirs > 1 and (fact.role not in ("piece", *_LONG) or max(mine, theirs) <= 3 * min(mine, theirs))


_LONG = ("minute", "hour", "day", "week", "month", "year")


_ORDINALS = frozenset(("단계", "급", "위", "화", "기", "호점", "주차", "단"))
"""What is numbered up to a last one: the second of four steps is no other number of steps."""


def _miscounted_abroad(brief: BriefFacts, text: str, facts: list[Fact]) -> Iterator[Compared]:
    """What the brief counts in the other language: ten food trucks, where it has 트럭 12대."""
    counted = list(quantities.things_in(text, facts))
    for fact in counted:
        said = [each for each in brief.things if loanwords.same(fact.role, each.role)]
        values = {each.value for each in said}
        own = float(str(said[0].value)) if said else 0.0
        if len(values) != 1 or any(each.value == own for each in counted) or quantities.is_idle(text, fact):
            continue
        value = float(str(fact.value))
        if min(own, value) > 1 and max(own, value) <= 4 * min(own, value):
            yield Compared(fact, "different", said[0].text)


_MANY = 100
"""So many are no order that somebody makes: 12,000편 이상 is what a shop has."""
_THRESHOLD = compiled(r"\s?(?:이상|부터|이?면|넘|or more)")


def _miscounted(brief: BriefFacts, text: str, facts: list[Fact]) -> Iterator[Compared]:
    """What the brief counts once, and the caption with another number."""
    counters = list(quantities.counters_in(text, facts))
    for fact in counters:
        said = brief.counters.get(fact.role)
        value = float(str(fact.value))
        if (
            said is None
            or _is_rate(brief, said)
            or value < 2
            or value in brief.loose_numbers
            or quantities.is_idle(text, fact)
        ):
            continue
        if any(each.role == fact.role and each.value == said.value for each in counters):
            continue  # a fifth round beside the brief's three
        if value < _MANY and _THRESHOLD.match(brief.text, said.end) and not _THRESHOLD.match(text, fact.end):
            continue  # two coats, where five are fetched for nothing
        if fact.role not in _ORDINALS or value > float(str(said.value)):
            yield Compared(fact, "different", said.text)


def _paired(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The amount that the brief has beside the same count, where it has another one there: 주 1회 20분."""
    beside = {each for each in _neighbours(fact, facts, text) if each[0] == "count"}
    said = [
        each
        for each in brief.of(fact.kind)
        if unlimited(each.role) == unlimited(fact.role) and beside & _neighbours(each, brief.facts, brief.text)
    ]
    return said[0] if len({each.value for each in said}) == 1 and not agrees(fact, said[0]) else None


def _neighbours(fact: Fact, facts: list[Fact], text: str) -> frozenset[tuple[str, str, Hashable]]:
    """The prices, percents and counts right beside a fact, by which it can be told again."""
    return frozenset(
        (each.kind, each.role, each.value)
        for each in facts
        if each.kind in ("money", "percent", "count")
        and each is not fact
        and 0 <= max(fact.start - each.end, each.start - fact.end) <= 8
        and _BESIDE.fullmatch(text[min(fact.end, each.end) : max(fact.start, each.start)])
    )


_BESIDE = compiled(r"[^\n]*|[^\n\w]*\n[^\n\w]*")
"""What stands between neighbours: the rest of a line, or the break after a title (3개월 💪, 180,000원)."""
_OF_PRODUCTS = frozenset(("ml", "g", "kcal", "mAh", "GB", "SPF", "karat"))
"""Measures of a product; lengths and degrees are also those of a scene."""


def _measure(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    of_unit = [each for each in candidates if each.role == fact.role]
    if of_unit:
        is_limit = re.match(r"\s?(?:안|이내|내에|반경|within)", text[fact.end :])
        if (
            fact.role == "m"
            and not is_limit
            and not any(shares_context(text, fact, brief.text, each) for each in of_unit)
        ):
            return Compared(fact, "open")  # a way that somebody runs or drives
        compared = otherwise(brief, fact, text, of_unit)
        if compared.status != "absent":
            return compared
    has_price = re.match(rf"\s?[(,]?\s?(?:₩|(?:{NUMBER})\s?원)", text[fact.end : fact.end + 12])
    return Compared(fact, "absent" if fact.role in _OF_PRODUCTS and has_price else "open")


def _money(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """A price that the brief has not: where it may be made of others, certain only beside one of about as much."""
    if _is_reckoned(fact, text):
        return Compared(fact, "open")
    is_known = any(shares_context(text, fact, brief.text, each) or _is_near(fact, each) for each in candidates)
    return (
        otherwise(brief, fact, text, candidates)
        if is_known or not may_be_derived(brief, fact, text)
        else Compared(fact, "open")
    )


def _is_reckoned(fact: Fact, text: str) -> bool:
    """Whether a price is reckoned with in its sentence: what costs 3,000 four times a week comes to 48,000 a month."""
    line = sentence_of(text, fact)
    amounts = [each.value[1] for each in money.read(line) if isinstance(each.value, tuple) and each.kind == "money"]
    mine = fact.value[1] if isinstance(fact.value, tuple) else 0.0
    pairs = ((max(mine, other), min(mine, other)) for other in amounts if other != mine)
    return any(most % least == 0 and most / least <= _TIMES for most, least in pairs) and bool(_EACH.search(line))


_TIMES = 60
_EACH = compiled(r"씩|마다|매일|하루|\beach\b|\bevery\b|\ba (?:day|week|month)\b")


def _is_near(fact: Fact, said: Fact) -> bool:
    mine, theirs = (each.value[1] if isinstance(each.value, tuple) else 0.0 for each in (fact, said))
    return max(mine, theirs) <= 1.5 * min(mine, theirs)


def _band(brief: BriefFacts, fact: Fact, _text: str, _candidates: list[Fact]) -> Compared:
    """A price as a band (4만 원대): another where the brief has one price, nothing is taken off, and it is outside."""
    low, high = fact.value if isinstance(fact.value, tuple) else (0.0, 0.0)
    prices = [each for each in brief.of("money") if isinstance(each.value, tuple) and each.value[0] == "won"]
    if len(prices) != 1 or brief.of("percent") or not fact.sure:
        return Compared(fact, "open")
    amount = prices[0].value[1] if isinstance(prices[0].value, tuple) else 0.0
    is_near = low / 3 <= amount < high * 3
    return (
        Compared(fact, "different", prices[0].text) if is_near and not low <= amount < high else Compared(fact, "open")
    )


def _percent(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """A percent: certain where something is taken off, or where the brief says one of the same thing."""
    before, after = around(text, fact.start, fact.end, 8, 12)
    is_off = _HALF.match(fact.text) or _OFF.search(after) or _OFF.search(before)
    results = [each for each in candidates if _RESULT.search(around(brief.text, each.start, each.end, 8, 12)[1])]
    if not is_off and results and _RESULT.search(after):
        return otherwise(brief, fact, text, results)
    if is_off or any(shares_context(text, fact, brief.text, each) for each in candidates):
        return otherwise(brief, fact, text, candidates)
    return Compared(fact, "open")


_RESULT = compiled(r"감소|줄었|줄어|개선|증가|늘었|향상|밝아|높아|낮아|decrease|increase|improve", re.IGNORECASE)
"""What a test showed: 57% 감소."""
_HALF = compiled(r"반|절반|half", re.IGNORECASE)
_OFF = compiled(
    r"\bABV|\balc|도수|알코올|할인|세일|쿠폰|적립|페이백|캐시백|인하|저렴|싸게|깎|빼|내[려린렸릴]|부담|만 내|off\b|sale"
    r"|discount|cash ?back|\bDC\b|less|save",
    re.IGNORECASE,
)


def _district(_brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    if candidates and places.is_shops_own(text, fact):
        return Compared(fact, "different", candidates[0].text)
    return Compared(fact, "open")


def _address(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    if fact.kind == "exit" and not candidates:
        return Compared(fact, "absent")
    if fact.kind == "floor" and not candidates and not re.search(r"매장|오세요|있어요|위치|오시면|카페", text):
        return Compared(fact, "open")
    return otherwise(brief, fact, text, candidates)


def _way(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    """A line of the underground, a station or a room: certain where the brief names another."""
    candidates = [each for each in candidates if each.role == fact.role]
    if not candidates or any(str(each.value).endswith(str(fact.value)) for each in candidates):
        return Compared(fact, "open")
    return Compared(fact, "different", candidates[0].text)


def _of_same_name(word: str, other: str) -> bool:
    return word[:2] == other[:2] or loanwords.same(word, other)


def _year(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    """The year of a product: certain where the brief has the same product of another year."""
    same = next((each for each in candidates if _of_same_name(fact.role, each.role)), None)
    return Compared(fact, "different", same.text) if same else Compared(fact, "open")


_RULES: dict[str, Callable[[BriefFacts, Fact, str, list[Fact]], Compared]] = {
    "money": _money,
    "band": _band,
    "percent": _percent,
    "rating": _way,
    "weeks": schedule.weeks_otherwise,
    "count": _count,
    "span": _count,
    "hour": schedule.hour_otherwise,
    "date": schedule.date_otherwise,
    "weekday": schedule.weekday_otherwise,
    "district": _district,
    "year": _year,
    "line": _way,
    "room": _way,
    "station": _way,
    "exit": _address,
    "floor": _address,
    "measure": _measure,
}
_PAST = compiled(
    r"\d\s?년 전|작년|지난\s?(?:해|번)|어제|어릴|예전|시절|처음엔|그때|last (?:year|time|week)|years? ago|used to",
    re.IGNORECASE,
)
"""What was once: 1년 전 첫날, 소금빵 30개를 굽던 밤."""
_NEGATED = compiled(r"[?]?\s?(?:은|는|이|가|도)?\s?(?:아니|아닌|말고)|\s?(?:is|are)? ?n[o']t\b", re.IGNORECASE)
