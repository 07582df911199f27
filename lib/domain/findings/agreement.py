"""When two facts say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lib.domain.findings.fact import Fact
from lib.domain.findings.reading import quantities, times


def agrees(fact: Fact, said: Fact) -> bool:
    """Whether a fact of a caption is the one of the brief, in whatever form it is written."""
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
        if quantities.THING in (fact.role, said.role):
            return mine == theirs
        if {fact.role, said.role} == {"time a week", "time a month"}:
            weekly, monthly = sorted((fact, said), key=lambda each: each.role, reverse=True)
            return float(str(weekly.value)) * _WEEKS_A_MONTH == monthly.value
        roles = {unlimited(each.role) for each in (fact, said)}
        return (mine == theirs and len(roles) == 1) or lasts_as_long(fact, said)
    if fact.kind == "weeks" and isinstance(mine, frozenset) and isinstance(theirs, frozenset):
        return mine <= theirs and fact.role == said.role
    if fact.kind == "address":
        return _same_address(fact, said)
    return mine == theirs


_WEEKS_A_MONTH = 4


def unlimited(role: str) -> str:
    """The role of a count without its limit: eight people are the eight at most."""
    return role.removesuffix(f" {quantities.LEAST}").removesuffix(f" {quantities.MOST}")


def lasts_as_long(fact: Fact, said: Fact) -> bool:
    """Whether two spans are as long in other units: 일주일 and 7일, 반년 and 6개월, 이틀 전 and 48시간 전."""
    mine, theirs = quantities.minutes(fact), quantities.minutes(said)
    return (
        mine is not None
        and theirs is not None
        and abs(mine - theirs) <= mine * 0.03
        and quantities.in_its_place(fact) == quantities.in_its_place(said)
    )


def _same_address(fact: Fact, said: Fact) -> bool:
    """Whether two addresses have the same numbers: of the house, of the lane if both name one, and of the road."""
    (house, _, lane), (own_house, _, own_lane) = (str(each.value).partition("/") for each in (fact, said))
    names, numbers = ([re.sub(digits, "", each.role) for each in (fact, said)] for digits in (r"\d", r"\D"))
    lanes = (lane or numbers[0], own_lane or numbers[1])
    if house != own_house or (all(lanes) and lanes[0] != lanes[1]):
        return False
    return names[0] != names[1] or bool(lane or own_lane) or numbers[0] == numbers[1]


def same_as(fact: Fact, candidates: Iterable[Fact]) -> Fact | None:
    """Which of the brief's facts a fact of a caption is; that of the same role where there are several."""
    alike = (each for each in candidates if agrees(fact, each))
    return min(alike, key=lambda each: each.role != fact.role, default=None)


def unsaid(candidates: Iterable[Fact], facts: list[Fact]) -> list[Fact]:
    """The facts that a caption does not say: what it says elsewhere is not what it says otherwise."""
    return [each for each in candidates if not any(agrees(other, each) for other in facts)]
