"""What a fact of a caption is said instead of: the fact of the brief with the same words around it, or the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lib.domain.findings.brief_facts import BriefFacts
from lib.domain.findings.context import shares_context
from lib.domain.findings.fact import Fact
from lib.domain.findings.reading import times

Status = Literal["same", "different", "absent", "missing", "open"]
"""Beside the brief: the same, another value, not said there, stressed there and missing here; or it cannot be told."""


@dataclass(frozen=True)
class Compared:
    """A fact of the caption (of the brief where it is missing), and what the brief says in its place."""

    fact: Fact
    status: Status
    brief: str = ""


def otherwise(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """A fact that the brief has not: different from the one whose place it takes, else absent."""
    said = nearest(fact, text, brief, candidates) if candidates else None
    in_context = said is not None and shares_context(text, fact, brief.text, said) and is_alike(fact, said)
    if said and (in_context or _is_instead(fact, said, len(candidates))):
        return Compared(fact, "different", said.text)
    closest = min(candidates, key=lambda each: _apart(fact.value, each.value), default=None)
    if closest and _is_instead(fact, closest, len(candidates)):
        return Compared(fact, "different", closest.text)
    return Compared(fact, "absent")


def is_alike(fact: Fact, said: Fact) -> bool:
    """Whether an amount may be of the same: 15 g of a bag of 200 g is another, and so are three days beside 28."""
    if fact.kind == "hour":
        return _hours_apart(fact, said) <= _MOST_HOURS_APART
    mine, theirs = (max(_figures(value), default=0.0) for value in (fact.value, said.value))
    return fact.kind not in ("measure", "count", "span") or max(mine, theirs) <= 5 * min(mine, theirs)


def _is_instead(fact: Fact, said: Fact, candidates: int) -> bool:
    """Whether a fact stands in the place of one of the brief, and is no other fact that the brief does not have."""
    mine, theirs = (list(_figures(value)) for value in (fact.value, said.value))
    if fact.kind in ("money", "measure") and mine and theirs and min(mine[0], theirs[0]) > 0:
        ratio = max(mine[0], theirs[0]) / min(mine[0], theirs[0])
        return ratio <= (3 if candidates == 1 and fact.kind == "money" else 2)
    if fact.kind == "hour":
        return _hours_apart(fact, said) <= (3 if candidates == 1 else 2)
    return True


_MOST_HOURS_APART = 4


def _hours_apart(fact: Fact, said: Fact) -> float:
    mine, theirs = (list(_figures(value)) for value in (fact.value, said.value))
    return min(min(abs(a - b), times.DAY - abs(a - b)) for a in mine for b in theirs) / 60


def nearest(fact: Fact, text: str, brief: BriefFacts, candidates: Iterable[Fact]) -> Fact:
    """What the brief most likely says in its place: with the same words around it, else the nearest value."""

    def distance(candidate: Fact) -> tuple[bool, bool, float]:
        context = not shares_context(text, fact, brief.text, candidate)
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
