"""The facts of a caption beside those of its brief: the same, another, not in the brief, or left out though stressed.

A wrong mark is worse than none: what the words around a fact leave open is not marked. Prices that follow from the
brief (a discount, a multiple, a difference) are taken as said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace

from lib.domain.findings import amounts, counting, loanwords, prices, schedule
from lib.domain.findings.agreement import agrees, same_as, unsaid
from lib.domain.findings.brief_facts import AMOUNTS, BriefFacts, read
from lib.domain.findings.context import owner_of, sentence_of
from lib.domain.findings.derived import follows
from lib.domain.findings.fact import Fact, compiled, in_hangul, narrow
from lib.domain.findings.reading import places
from lib.domain.findings.reading.names import misspelt
from lib.domain.findings.replacement import Compared, otherwise


def compare(brief: BriefFacts, caption: str) -> list[Compared]:
    """The receipt of a caption: each of its facts with how it stands to the brief; what is missing comes last."""
    text = narrow(caption)
    facts = read(text)
    facts = [replace(each, sure=True) if _is_in_menu(brief, each, text, facts) else each for each in facts]
    compared = [_compared(brief, fact, text, facts) for fact in facts]
    marked = {each.fact.start for each in compared if each.status in ("different", "same")}
    compared += (each for each in counting.miscounted(brief, text, facts) if each.fact.start not in marked)
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
    if not brief.is_read or _NEGATED.match(text[fact.end : fact.end + 12]):
        return Compared(fact, "open")
    if fact.kind in AMOUNTS:
        return amounts.compare_amount(brief, fact, text, facts)
    candidates, compared = brief.dates if fact.kind == "date" else brief.of(fact.kind), None
    if fact.kind == "hour":
        fact, compared = schedule.compare_hour(brief, fact, text, facts)
    if fact.kind == "weekday":
        candidates, compared = schedule.compare_weekday(brief, fact, text, facts)
    if compared:
        return compared
    same = same_as(fact, candidates)
    if fact.kind == "money" and (own := prices.own_price(brief, fact, text, facts, is_said=same is not None)):
        return Compared(fact, "different", own.text)
    if same is not None or follows(brief, fact, text, facts):
        return Compared(fact, "same", same.text if same else "")
    if not fact.sure and fact.kind != "district":
        return Compared(fact, "open")
    if fact.kind == "date" and (date := schedule.date_of_hour(brief, fact, text, facts)):
        return Compared(fact, "different", date.text)
    if fact.kind == "hour":
        candidates = unsaid(candidates, facts)
    return _RULES.get(fact.kind, otherwise)(brief, fact, text, candidates)


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


def _founded(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """The year of a beginning: of the shop where the brief has one, or where it is we who began."""
    if candidates or in_hangul(fact.text) or _OURS.search(sentence_of(text, fact)):
        return otherwise(brief, fact, text, candidates)
    return Compared(fact, "open")


_OURS = compiled(r"\b(?:we|our|us|est)\b|^\W*since", re.IGNORECASE)


def _of_same_name(word: str, other: str) -> bool:
    return word[:2] == other[:2] or loanwords.same(word, other)


def _year(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    """The year of a product: certain where the brief has the same product of another year."""
    same = next((each for each in candidates if _of_same_name(fact.role, each.role)), None)
    return Compared(fact, "different", same.text) if same else Compared(fact, "open")


_RULES: dict[str, Callable[[BriefFacts, Fact, str, list[Fact]], Compared]] = {
    "money": prices.price_otherwise,
    "band": prices.band_otherwise,
    "rating": _way,
    "weeks": schedule.weeks_otherwise,
    "hour": schedule.hour_otherwise,
    "date": schedule.date_otherwise,
    "weekday": schedule.weekday_otherwise,
    "district": _district,
    "year": _year,
    "founded": _founded,
    "line": _way,
    "room": _way,
    "station": _way,
    "exit": _address,
    "floor": _address,
}
_PAST = compiled(
    r"\d\s?년 전|작년|지난\s?(?:해|번)|어제|어릴|예전|시절|처음엔|그때|last (?:year|time|week)|years? ago|used to",
    re.IGNORECASE,
)
"""What was once: 1년 전 첫날, 소금빵 30개를 굽던 밤."""
_NEGATED = compiled(r"[?]?\s?(?:은|는|이|가|도)?\s?(?:아니|아닌|말고)|\s?(?:is|are)? ?n[o']t\b", re.IGNORECASE)
