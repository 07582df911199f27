"""Prices of a caption beside those of its brief: of what, of how many, and whether a caption reckons them itself."""

from __future__ import annotations

import re
from collections.abc import Hashable

from lib.domain.findings.agreement import agrees
from lib.domain.findings.brief_facts import BriefFacts, rate_of
from lib.domain.findings.context import owner_of, shares_context
from lib.domain.findings.derived import may_be_derived
from lib.domain.findings.fact import Fact, around, compiled
from lib.domain.findings.reading import money
from lib.domain.findings.replacement import Compared, otherwise


def own_price(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact], *, is_said: bool) -> Fact | None:
    """The brief's other price of what a price is of: of the list, of so many, or of a thing if it ``is_said``."""
    other = _full_price(brief, fact, text) or _other_rate(brief, fact, text, facts)
    return other or (_price_of_thing(brief, fact, text) if is_said else None)


def _price_of_thing(brief: BriefFacts, fact: Fact, text: str) -> Fact | None:
    """The brief's price of the thing that a price stands behind, where that is another one."""
    prices = brief.of("money")
    thing = owner_of(text, fact)
    is_named = any(brief.names_beside(each, thing) for each in prices if agrees(fact, each))
    own = None if is_named or len(brief.prices) == 1 else brief.price_of(thing)
    currency, amount = fact.value if isinstance(fact.value, tuple) else ("", 0.0)
    return None if own in (None, amount) else next(each for each in prices if each.value == (currency, own))


def _full_price(brief: BriefFacts, fact: Fact, text: str) -> Fact | None:
    """The brief's one list price, where a caption calls another amount so."""
    said = [each for each in brief.of("money") if _FULL.search(brief.text[max(0, each.start - 12) : each.start])]
    is_full = _FULL.search(text[max(0, fact.start - 12) : fact.start])
    return said[0] if is_full and len(said) == 1 and not agrees(fact, said[0]) else None


_FULL = compiled(r"(?:정가|소비자가|원가|\bwas|list price|regular(?:ly)?)(?:격|는|은)?\s?[:(]?\s?[₩$]?$", re.IGNORECASE)


def _other_rate(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The brief's one price of as many of a unit, where a price is neither that nor lowered by what the brief says."""
    rate = rate_of(fact, text, facts) or ("", None)
    rates = brief.rates.get(rate, [])
    if len({each.value for each in rates}) != 1 or rates[0].value == fact.value:
        return None
    mine, theirs = (each.value[1] if isinstance(each.value, tuple) else 0.0 for each in (fact, rates[0]))
    lowered = {theirs * (100 - off) / 100 for off in brief.percents} | {theirs - off for off in brief.discounts}
    raised = {theirs + more for more in brief.surcharges}
    if mine in _prices_of_less(brief, rate[1]) or any(
        mine * count in brief.prices_in("won") for count in brief.counts if count > 1
    ):
        return None  # as much of another thing, or one of a set
    return None if any(abs(each - mine) < 1 for each in lowered | raised) else rates[0]


def _prices_of_less(brief: BriefFacts, amount: Hashable) -> frozenset[float]:
    """What a measure costs by the brief's prices of smaller ones: 500g are 2,000 won where 100g are 400."""
    unit, size = amount if isinstance(amount, tuple) else ("", 0.0)
    smaller = ((each, prices) for (_, each), prices in brief.rates.items() if isinstance(each, tuple))
    return frozenset(
        price.value[1] * size / each[1]
        for each, prices in smaller
        for price in prices
        if each[0] == unit and 0 < each[1] < size and isinstance(price.value, tuple)
    )


def price_otherwise(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """A price that the brief has not: where it may be made of others, certain only beside one of about as much."""
    if _is_reckoned(brief, fact, text) or _is_elsewhere(brief, fact, text):
        return Compared(fact, "open")
    is_known = any(shares_context(text, fact, brief.text, each) or _is_near(fact, each) for each in candidates)
    return (
        otherwise(brief, fact, text, candidates)
        if is_known or not may_be_derived(brief, fact, text)
        else Compared(fact, "open")
    )


def _is_elsewhere(brief: BriefFacts, fact: Fact, text: str) -> bool:
    """Whether a price is what something costs that the brief does not name: 기름값 5만 원."""
    thing = owner_of(text, fact)
    return thing is not None and bool(_COSTS.fullmatch(thing)) and thing[:2] not in brief.text


_COSTS = compiled(r"(?!반값)[가-힣]{1,4}(?:값|비)")


def _is_reckoned(brief: BriefFacts, fact: Fact, text: str) -> bool:
    """Whether a price goes into another one that the brief has not: 3,000 four times a week come to 48,000 a month."""
    if brief.price_of(owner_of(text, fact)) is not None:
        return False
    line = "".join(around(text, fact.start, fact.start, 100, 100))
    prices = (
        each for each in money.read(line) if each.kind == "money" and brief.price_of(owner_of(line, each)) is None
    )
    others = {each.value[1] for each in prices if isinstance(each.value, tuple)} - brief.prices_in("won")
    mine = fact.value[1] if isinstance(fact.value, tuple) else 0.0
    pairs = ((max(mine, other), min(mine, other)) for other in others if other != mine)
    return any(most % least == 0 and most / least <= _TIMES for most, least in pairs)


_TIMES = 60


def _is_near(fact: Fact, said: Fact) -> bool:
    mine, theirs = (each.value[1] if isinstance(each.value, tuple) else 0.0 for each in (fact, said))
    return max(mine, theirs) <= 1.5 * min(mine, theirs)


def band_otherwise(brief: BriefFacts, fact: Fact, _text: str, _candidates: list[Fact]) -> Compared:
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
