"""What a brief counts by words that are no units, in either language, and a caption with another number."""

from __future__ import annotations

from collections.abc import Iterator

from lib.domain.findings import loanwords
from lib.domain.findings.brief_facts import BriefFacts
from lib.domain.findings.fact import Fact, compiled
from lib.domain.findings.reading import quantities
from lib.domain.findings.replacement import Compared


def miscounted(brief: BriefFacts, text: str, facts: list[Fact]) -> Iterator[Compared]:
    """What the brief counts once, and a caption with another number: by the same word, or by one that is its name."""
    counted = {each.fact.start: each for each in _miscounted_abroad(brief, text, facts)}
    yield from (counted | {each.fact.start: each for each in _miscounted_here(brief, text, facts)}).values()


def _miscounted_here(brief: BriefFacts, text: str, facts: list[Fact]) -> Iterator[Compared]:
    """What the brief counts once, and the caption with another number."""
    counters = list(quantities.counters_in(text, facts))
    for fact in counters:
        said = brief.counters.get(fact.role)
        value = float(str(fact.value))
        if (
            said is None
            or said.value == 1  # one each: two pizzas for two
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


_MANY = 100
"""So many are no order that somebody makes: 12,000편 이상 is what a shop has."""
_THRESHOLD = compiled(r"\s?(?:이상|부터|이?면|넘|or more)")


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
