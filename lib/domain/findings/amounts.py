"""Counts, spans, measures and percents of a caption beside those of its brief.

People say many of them of anything, so one counts as another only where the words, the price or the thing beside it
tell what it is the amount of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable

from lib.domain.findings import spans
from lib.domain.findings.agreement import agrees, same_as, unlimited, unsaid
from lib.domain.findings.brief_facts import BriefFacts
from lib.domain.findings.context import OPENING, owner_of, shares_context
from lib.domain.findings.derived import costs_as_several, follows
from lib.domain.findings.fact import NUMBER, Fact, around, compiled
from lib.domain.findings.reading import quantities
from lib.domain.findings.replacement import Compared, is_alike, otherwise

_COUNTED = ("count", "span")


def compare_amount(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Compared:
    """An amount of a caption, one of ``facts``, beside those of the brief."""
    candidates = brief.of(fact.kind)
    same = same_as(fact, candidates)
    if fact.kind == "span" and not quantities.in_its_place(fact) and spans.is_beside_session(text, fact):
        candidates = [each for each in candidates if spans.is_beside_session(brief.text, each)]
        if not candidates:
            return Compared(fact, "open")
    if other := _own_amount(brief, fact, text, facts, candidates):
        return Compared(fact, "different", other.text)
    if fact.kind == "span" and (other := spans.of_topic(brief, fact, text, facts)):
        return Compared(fact, "different", other.text)
    candidates = candidates if same else unsaid(candidates, facts)
    if fact.role == quantities.THING:
        return _bare_number(brief, fact, same, candidates)
    if fact.kind == "count" and quantities.is_daily(text, fact):
        candidates = [each for each in candidates if quantities.is_daily(brief.text, each)]
    if same is None and spans.is_within(brief, fact):
        return Compared(fact, "open")
    if same is None and (other := _of_thing(brief, fact, text, facts, candidates)):
        return Compared(fact, "different", other.text)
    if fact.kind in _COUNTED and (own_range := spans.other_range(brief, fact, text, facts)):
        return Compared(fact, "different", own_range)
    if same is not None and (other := _paired(brief, fact, text, facts)):
        return Compared(fact, "different", other.text)
    if same is not None or follows(brief, fact, text, facts):
        return Compared(fact, "same", same.text if same else "")
    if fact.kind == "count" and _makes_price(brief, fact, facts):
        return Compared(fact, "same")
    if other := _beside_same(brief, fact, text, facts, candidates):
        return Compared(fact, "different", other.text)
    if not fact.sure and fact.kind not in _COUNTED:
        return Compared(fact, "open")
    return _RULES[fact.kind](brief, fact, text, candidates)


def _own_amount(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact], candidates: list[Fact]) -> Fact | None:
    """The brief's one amount of the thing that an amount stands behind, where that is another one."""
    own = brief.amounts.get((fact.kind, fact.role, owner_of(text, fact) or ""))
    if own is None or own.value == fact.value or brief.is_rate(own) or quantities.is_idle(text, fact):
        return None
    of_others = all(
        owner_of(brief.text, each) or OPENING.search(brief.text[max(0, each.start - 8) : each.start])
        for each in candidates
        if agrees(fact, each)
    )
    is_several = fact.kind == "measure" and costs_as_several(brief, fact, facts)
    return own if of_others and is_alike(fact, own) and not is_several else None


def _bare_number(brief: BriefFacts, fact: Fact, same: Fact | None, candidates: list[Fact]) -> Compared:
    """How many there are, without a word for what: another number where the brief has one limit."""
    limited = [each for each in candidates if each.sure or quantities.is_daily(brief.text, each)]
    if same is None and len({each.value for each in limited}) == 1:
        return Compared(fact, "different", limited[0].text)
    return Compared(fact, "same", same.text) if same else Compared(fact, "open")


def _of_thing(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact], candidates: list[Fact]) -> Fact | None:
    """The brief's one amount of the thing that the clause of an amount names, or of a unit of few scenes."""
    if fact.kind not in _COUNTED or fact.value in (0, 1) or quantities.is_idle(text, fact):
        return None
    of_role = [each for each in brief.of(fact.kind) if each.role == fact.role]
    of_unit = [each for each in of_role if spans.is_telling(each)] if spans.is_telling(fact) else []
    of_thing = of_unit if len(of_unit) == 1 else brief.of_same_thing(fact, text)
    of_thing = [each for each in of_thing if each in candidates and _is_alike(fact, each)]
    return of_thing[0] if len(of_thing) == 1 and not follows(brief, fact, text, facts) else None


def _paired(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The amount that the brief has beside the same count, where it has another one there: 주 1회 20분."""
    if fact.kind not in _COUNTED:
        return None
    beside = {each for each in _neighbours(fact, facts, text) if each[0] == "count"}
    said = [
        each
        for each in brief.of(fact.kind)
        if unlimited(each.role) == unlimited(fact.role) and beside & _neighbours(each, brief.facts, brief.text)
    ]
    return said[0] if len({each.value for each in said}) == 1 and not agrees(fact, said[0]) else None


def _beside_same(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact], candidates: list[Fact]) -> Fact | None:
    """The brief's amount that stands beside the same price, percent or count as one of a caption."""
    is_one = fact.kind in _COUNTED and float(str(fact.value)) < 2 and fact.role != "year"
    if is_one or quantities.is_idle(text, fact):
        return None
    beside = _neighbours(fact, facts, text)
    for each in sorted(candidates, key=lambda each: each.role != fact.role):
        is_as_long = fact.kind == "span" and spans.may_replace(fact, each) and not agrees(fact, each)
        is_of_unit = unlimited(each.role) == unlimited(fact.role) or is_as_long
        if (
            is_of_unit
            and not _is_enough(fact, each)
            and (fact.kind in _COUNTED or is_alike(fact, each))
            and beside & _neighbours(each, brief.facts, brief.text)
        ):
            return each
    return None


def _is_enough(fact: Fact, said: Fact) -> bool:
    """Whether an amount is more than the least that the brief asks for: fifteen people, where ten get 10% off."""
    is_least = said.role.endswith(quantities.LEAST) and not fact.role.endswith(quantities.LEAST)
    return is_least and float(str(fact.value)) > float(str(said.value))


def _neighbours(fact: Fact, facts: list[Fact], text: str) -> frozenset[tuple[str, str, Hashable]]:
    """The prices, percents and counts right beside a fact, by which it can be told again."""
    return frozenset(
        (each.kind, each.role, each.value)
        for each in facts
        if each.kind in ("money", "percent", "count")
        and each is not fact
        and max(fact.start - each.end, each.start - fact.end) >= 0
        and _BESIDE.fullmatch(text[min(fact.end, each.end) : max(fact.start, each.start)])
    )


_FAR = 18
_BESIDE = compiled(r"(?:(?![.!?]\s)[^\n]){0,8}|[A-Za-z ()]{0,18}|[^\n\w]{0,4}\n[^\n\w]{0,4}")
"""What stands between neighbours: the rest of a line, or the break after a title (3개월 💪, 180,000원)."""


def _makes_price(brief: BriefFacts, fact: Fact, facts: list[Fact]) -> bool:
    """Whether the price behind a count is that of so many: two bowls for 19,000, where one is 9,500."""
    behind = next((each for each in facts if each.kind == "money" and 0 <= each.start - fact.end <= 8), None)
    if behind is None or not isinstance(behind.value, tuple):
        return False
    currency, amount = behind.value
    prices = brief.prices_in(currency)
    return amount not in prices and amount / float(str(fact.value)) in prices


def _count_otherwise(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """Things that are counted: certain where the brief counts the same with another number, or it is a limit."""
    is_limit = fact.kind == "span" and (fact.sure or quantities.in_its_place(fact) == "ahead")
    if isinstance(fact.value, int | float) and fact.value < 2 and not is_limit:
        return Compared(fact, "open")
    offered = [each for each in candidates if each in brief.offered and not brief.is_rate(each)]
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


_TOTAL = compiled(r"(?:모두|총|전체|전부 합쳐|a total of|in all)\s?$", re.IGNORECASE)


def _room(brief: BriefFacts, fact: Fact, candidates: list[Fact]) -> Fact | None:
    """The one number of people whom the brief has room for, where five or more are named instead."""
    people = [each for each in candidates if each in brief.offered and each.role in _PEOPLE]
    rooms = [each for each in people if each.role == f"people {quantities.MOST}"] or people
    if len(rooms) != 1:
        return None
    mine, theirs = (float(str(each.value)) for each in (fact, rooms[0]))
    return rooms[0] if mine >= _MANY_PEOPLE and max(mine, theirs) <= 2 * min(mine, theirs) else None


_MANY_PEOPLE = 5
_PEOPLE = ("people", f"people {quantities.MOST}")


def _is_alike(fact: Fact, said: Fact) -> bool:
    """Whether an amount may stand in the place of another: not of the one that costs so much, nor of 40 for 5."""
    mine, theirs = float(str(fact.value)), float(str(said.value))
    return theirs > 1 and max(mine, theirs) <= _ALIKE * min(mine, theirs)


_ALIKE = 3


_OF_PRODUCTS = frozenset(("ml", "g", "kcal", "mAh", "GB", "SPF", "karat"))
"""Measures of a product; lengths and degrees are also those of a scene."""


def _measure_otherwise(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
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


def _percent_otherwise(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
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


_RULES: dict[str, Callable[[BriefFacts, Fact, str, list[Fact]], Compared]] = {
    "count": _count_otherwise,
    "span": _count_otherwise,
    "measure": _measure_otherwise,
    "percent": _percent_otherwise,
}
