"""Hours, dates and days of the week of a caption beside those of its brief."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import pairwise

from lib.domain.findings import spans
from lib.domain.findings.agreement import agrees
from lib.domain.findings.brief_facts import BriefFacts, date_before, is_of_event, weekday_before
from lib.domain.findings.context import owner_of, sentence_of
from lib.domain.findings.fact import Fact, around, compiled
from lib.domain.findings.reading import times
from lib.domain.findings.replacement import Compared, nearest, otherwise


def compare_hour(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> tuple[Fact, Compared | None]:
    """An hour by the day, the thing or the label that it is the hour of; and whether it is sure, where none tells."""
    candidates = brief.of("hour")
    if _is_bare(brief, fact, candidates):
        return fact, Compared(fact, "open")
    if partner := _beside_partner(brief, fact, text, facts):
        return fact, Compared(fact, "different", partner.text)
    day = weekday_before(fact, text, facts, single=False)
    of_day = [each for each in candidates if day and brief.days_of_hours.get(each.start) == day.value]
    is_date = day and any(each.role == "date" and each.value == day.value for each in (day, *brief.of("weekday")))
    if of_day and (is_date or (day and len(_days(day)) > 1)):  # what the brief says without a day is on that date too
        of_day += [each for each in candidates if each.start not in brief.days_of_hours]
    if _is_listed_with(brief, fact, text, facts):
        fact = replace(fact, sure=True)
    if of_row := _other_in_row(brief, fact, text, facts):
        return fact, Compared(fact, "different", of_row.text)
    if brief.has_events:
        fact = replace(fact, sure=fact.sure or is_of_event(fact, text, facts))
    if fact.sure and of_day and not any(agrees(fact, each) for each in of_day):
        return fact, Compared(fact, "different", nearest(fact, text, brief, of_day).text)
    of_date = _hours_of_date(brief, fact, text, facts)
    if of_date and not any(agrees(fact, each) for each in of_date):
        return fact, Compared(fact, "different", nearest(fact, text, brief, of_date).text)
    if not brief.has_events and times.is_of_day(text, fact):
        fact = replace(fact, sure=False)
    own = brief.hours_of.get(owner_of(text, fact) or "")
    if own and not any(agrees(fact, each) for each in own):
        return fact, Compared(fact, "different", nearest(fact, text, brief, own).text)
    label = _label(text, fact)
    labelled = [each for each in candidates if label and _label(brief.text, each) == label]
    if not labelled:
        return fact, None
    if any(agrees(fact, each) for each in labelled):
        return fact, Compared(fact, "same", labelled[0].text)
    if label in _OF_DAYS and any(agrees(fact, each) and _label(brief.text, each) is None for each in candidates):
        return fact, Compared(fact, "open")
    return fact, Compared(fact, "different", nearest(fact, text, brief, labelled).text)


def compare_weekday(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> tuple[list[Fact], Compared | None]:
    """A day of the week by its row, its hour, its topic or its date; and the brief's days of that, where none tells."""
    candidates = brief.of("weekday")
    said = (
        _other_day_of_weeks(brief, fact, facts)
        or _open_longer(brief, fact, facts)
        or _other_row(brief, fact)
        or _day_of_hour(brief, fact, text, facts)
        or spans.day_of_topic(brief, fact, text)
        or _day_of_thing(brief, fact, text)
    )
    if said:
        return candidates, Compared(fact, "different", said)
    if fact.role == "date" and (day := _day_of(fact, facts)):
        candidates = [
            each for each in candidates if each.role == "date" and _agrees_day(day, _day_of(each, brief.facts))
        ]
        if not candidates and (due := _day_in_calendar(brief, day, fact)):
            return candidates, Compared(fact, "same" if due == fact.text else "different", due)
    return candidates, None


def _hours_of_date(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> list[Fact]:
    """The brief's hours of the date that an hour stands right behind: 12월 19일 토요일 오후 5시."""
    date = date_before(fact, text, facts)
    dates = brief.dates_of_hours
    if not date or not any(agrees(date, each) for each in dates.values()):
        return []
    own = [each for each in brief.of("hour") if each.start in dates and agrees(date, dates[each.start])]
    undated = [each for each in brief.of("hour") if each.start not in dates.keys() | brief.days_of_hours.keys()]
    lines = {brief.line_of(each) for each in own}
    return own and own + [each for each in undated if brief.line_of(each) in lines]


def _is_bare(brief: BriefFacts, fact: Fact, candidates: list[Fact]) -> bool:
    """Whether the brief says the hour in bare figures only: 토 10-2."""
    hours = {at // 60 % 12 for at in fact.value if at % 60 == 0} if isinstance(fact.value, frozenset) else set()
    return bool(hours & brief.bare_hours) and not any(agrees(fact, each) for each in candidates)


def _is_listed_with(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> bool:
    """Whether an hour stands in a row with one of the brief: 5시 반, 9시."""
    hours = [each for each in facts if each.kind == "hour"]
    rows = [pair for pair in pairwise(hours) if fact in pair and _IN_ROW.fullmatch(text, pair[0].end, pair[1].start)]
    others = [each for pair in rows for each in pair if each is not fact]
    return any(agrees(other, each) for other in others for each in brief.of("hour"))


def _other_in_row(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The hour of the brief's range or row in whose place one stands, where the others of that row are the brief's.

    Such an hour is another one even if the brief has it elsewhere: 11시와 3시 beside 11시·14시, and check-in at 15:00.
    """
    signs = (times.JOINT, _IN_ROW)
    rows = ((sign, row) for sign in signs for row in _rows(text, facts, sign))
    sign, row = next(((sign, row) for sign, row in rows if fact.start in [each.start for each in row]), (_IN_ROW, ()))
    alike = [each for each in _rows(brief.text, brief.facts, sign) if len(each) == len(row)]
    unlike = [[(a, b) for a, b in zip(row, each, strict=True) if not agrees(a, b)] for each in alike]
    almost = [pairs[0] for pairs in unlike if len(pairs) == 1 and is_near(*pairs[0])]
    return almost[0][1] if all(unlike) and len(almost) == 1 and almost[0][0].start == fact.start else None


def _beside_partner(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The hour of the brief in whose place one stands, because the next hour is the one beside it in the brief.

    2시에 들어와서 다음 날 11시까지, where the brief has 입실 3시 퇴실 11시.
    """
    hours = [each for each in facts if each.kind == "hour"]
    said = brief.of("hour")
    if any(agrees(fact, each) for each in said):
        return None
    for other in (each for pair in pairwise(hours) if fact in pair for each in pair if each is not fact):
        if not _ONE_SENTENCE.fullmatch(text, min(fact.end, other.end), max(fact.start, other.start)):
            continue
        at = 0 if fact.start < other.start else 1
        for pair in pairwise(said):
            is_unsaid = not any(agrees(each, pair[at]) for each in hours)
            between = brief.text[pair[0].end : pair[1].start]
            is_range = times.JOINT.fullmatch(between) and not times.JOINT.fullmatch(
                text[min(fact.end, other.end) : max(fact.start, other.start)]
            )
            is_beside = _ONE_SENTENCE.fullmatch(between) and not is_range
            if is_beside and is_unsaid and agrees(other, pair[1 - at]) and is_near(fact, pair[at]):
                return pair[at]
    return None


def is_near(fact: Fact, said: Fact) -> bool:
    """Whether two hours are at most two hours apart."""
    mine, theirs = (each.value if isinstance(each.value, frozenset) else frozenset() for each in (fact, said))
    return any(min(abs(a - b), times.DAY - abs(a - b)) <= 120 for a in mine for b in theirs)


_ONE_SENTENCE = compiled(r"[^\n.!?]{0,24}")


def _rows(text: str, facts: list[Fact], sign: re.Pattern[str]) -> list[tuple[Fact, ...]]:
    """The hours of a text that stand in a range or in a row, two or more, with a sign between them."""
    rows, row = list[tuple[Fact, ...]](), list[Fact]()
    for fact in (each for each in facts if each.kind == "hour"):
        between = text[row[-1].end : fact.start] if row else ""
        if row and not sign.fullmatch(between):
            rows.append(tuple(row))
            row = []
        row.append(fact)
    return [each for each in (*rows, tuple(row)) if len(each) > 1]


_IN_ROW = compiled(rf"{times.LISTED.pattern}|\s*\n[^\w\n]*", re.IGNORECASE)


def _day_of_thing(brief: BriefFacts, fact: Fact, text: str) -> str:
    """The brief's one day of the thing that the clause of a day names, where it is another one."""
    of_thing = [each for each in brief.of_same_thing(fact, text) if not each.role]
    is_other = len(of_thing) == 1 and not _days(fact) & _days(of_thing[0]) and len(_days(fact)) == 1
    return of_thing[0].text if is_other else ""


def _other_day_of_weeks(brief: BriefFacts, fact: Fact, facts: list[Fact]) -> str:
    """The day of which the brief names the same weeks of a month, where it is another one: the first Sunday."""
    weeks = next((each for each in facts if each.kind == "weeks" and 0 <= fact.start - each.end <= 1), None)
    said = [each for each in brief.of("weeks") if weeks and each.value == weeks.value]
    if weeks is None or len(said) != 1 or said[0].role == weeks.role:
        return ""
    return times.day_name(times.WEEK.index(said[0].role), fact.text)


def _open_longer(brief: BriefFacts, fact: Fact, facts: list[Fact]) -> str:
    """The brief's one row of days (월-토) where the caption names a part of it (월-금) with the same hour behind."""
    rows = [each for each in brief.of("weekday") if _DAYS_TO.search(each.text)]
    if len(rows) != 1 or not _DAYS_TO.search(fact.text) or len(brief.of("weekday")) > 2:
        return ""
    mine, theirs = fact.value, rows[0].value
    if not isinstance(mine, frozenset) or not isinstance(theirs, frozenset) or not mine < theirs:
        return ""
    after = [
        next((each for each in of if each.kind == "hour" and 0 <= each.start - row.end <= 4), None)
        for row, of in ((fact, facts), (rows[0], brief.facts))
    ]
    return rows[0].text if after[0] and after[1] and agrees(after[0], after[1]) else ""


_NAMED_DAYS = compiled(
    rf"[{times.WEEK}](?:요일)?(?:(?:[^가-힣~-]+|[과와]\s?)[{times.WEEK}](?:요일)?)*|[A-Z][a-z]+days?"
)
_DAYS_TO = compiled(r"~|-|부터|에서|\bto\b|through")


def _day_of_hour(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> str:
    """The days of the week on which the brief has the hour that follows, where it has it on other days only."""
    behind = (each for each in facts if each.kind in ("hour", "weekday") and each.start >= fact.end)
    hour = next(behind, None)
    if hour is None or hour.kind != "hour" or not _LATER.fullmatch(text, fact.end, hour.start):
        return ""
    if fact.role == "closed" or not isinstance(fact.value, frozenset) or not _NAMED_DAYS.fullmatch(fact.text):
        return ""
    if not hour.sure and not (brief.has_events and is_of_event(hour, text, facts)):
        return ""
    same = [each for each in brief.of("hour") if agrees(hour, each)]
    days = {brief.days_of_hours.get(each.start) for each in same}
    if not days or not all(isinstance(each, frozenset) for each in days):
        return ""
    dated = [each.value for each in brief.of("weekday") if each.role == "date" and len(fact.value) > 1]
    if fact.value <= frozenset[int]().union(*(each for each in (*days, *dated) if isinstance(each, frozenset))):
        return ""
    if fact.value in brief.days_of_hours.values():
        return ""  # the day has hours of its own, so it is the hour that is wrong
    return next(each.text for each in brief.of("weekday") if each.value in days)


_LATER = compiled(r"(?:[^\n]{0,4}|[^\n.!?\d]{0,24})")
"""What stands between a day and its hour: Fridays: we close at 9 p.m."""


def _day_of(fact: Fact, facts: list[Fact]) -> Fact | None:
    """The date that a day of the week stands right behind, or right before."""
    return next(
        (
            each
            for each in facts
            if each.kind == "date" and (0 <= fact.start - each.end <= 2 or 0 <= each.start - fact.end <= 2)
        ),
        None,
    )


def _day_in_calendar(brief: BriefFacts, day: Fact, written: Fact) -> str:
    """The day of the week of a date of which the brief says the year, as ``written`` has it; empty if it says none."""
    said = next((each.value for each in brief.of("date") if agrees(day, each)), None)
    if not isinstance(said, tuple) or None in said or not isinstance(written.value, frozenset):
        return ""
    try:
        due = dt.date(2000 + said[0], said[1], said[2]).weekday()
    except ValueError:
        return ""
    return written.text if written.value == {due} else times.day_name(due, written.text)


def _agrees_day(day: Fact, said: Fact | None) -> bool:
    return said is not None and agrees(day, said)


def weeks_otherwise(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    """The weeks of a month: other ones where both say which of that day."""
    said = [each for each in candidates if each.role == fact.role and each.sure]
    return Compared(fact, "different", said[0].text) if said and fact.sure else Compared(fact, "open")


def hour_otherwise(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """An hour that the brief has not: open where the shop never closes."""
    if any(each.value == frozenset((times.DAY,)) for each in candidates):
        return Compared(fact, "open")
    if _is_while_open(brief, fact, text):
        return Compared(fact, "open")
    compared = otherwise(brief, fact, text, candidates)
    return compared if compared.status == "different" else Compared(fact, "open")  # an hour of a scene


def _is_while_open(brief: BriefFacts, fact: Fact, text: str) -> bool:
    """Whether an hour is between the first and the last of a range of the brief, and nothing begins or ends then."""
    before, after = around(text, fact.start, fact.end, 10, 12)
    if _EDGE.search(before) or _EDGE.search(after) or not isinstance(fact.value, frozenset):
        return False
    rows = _rows(brief.text, brief.facts, times.JOINT)
    if len(brief.of("hour")) > sum(map(len, rows)):
        return False  # it has hours at which something happens
    for first, *_, last in rows:
        if isinstance(first.value, frozenset) and isinstance(last.value, frozenset):
            since, until = min(first.value), max(last.value)
            if any(since < at < until for at in fact.value):
                return True
    return False


_EDGE = compiled(
    r"~|-|부터|까지|에서|전에|이전|열[고어리려]|여[는니]|엽|닫|시작|끝|마감|오픈|출발|모[이여]|입실|퇴실|체크|주문|예약|수업|공연|타임"
    r"|\d\s?시|open|clos|until|till|from|start|end|begin|check|last|before|by\b|\bat\b|doors|and|,\s*\d",
    re.IGNORECASE,
)


def date_otherwise(brief: BriefFacts, fact: Fact, text: str, candidates: list[Fact]) -> Compared:
    """A date that the brief has not: open within its period, and where it names no day."""
    if fact.role in ("day", "month", "scene") and not candidates:
        return Compared(fact, "open")
    if fact.role == "listed" and isinstance(fact.value, tuple) and fact.value[2] in brief.loose_numbers:
        return Compared(fact, "open")  # Dec 5 and 6
    if _is_within(brief, fact, text):
        return Compared(fact, "open")
    return otherwise(brief, fact, text, candidates)


def date_of_hour(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The brief's one date of the hour that stands right behind a date: September 12 at 3 p.m."""
    hour = next((each for each in facts if each.kind == "hour" and date_before(each, text, facts) == fact), None)
    same = [each for each in brief.of("hour") if hour and agrees(hour, each)]
    dates = {brief.dates_of_hours[each.start] for each in same if each.start in brief.dates_of_hours}
    return next(iter(dates)) if len(dates) == len(same) == 1 else None


_UNTIL = compiled(times.TO_DAY)
_AT_AN_END = compiled(
    r"\s?(?:\([^)\n]{1,4}\))?\s?(?:[가-힣]{0,2}\s?\d{1,2}\s?(?::\d\d|시)(?:\s?반)?)?(?:[~-]|부터|까지|to\b|through)",
    re.IGNORECASE,
)
_AT_AN_END_BEFORE = compiled(r"(?:[~-]|부터|from|until|till|to|through|by)\s?$", re.IGNORECASE)
_BEGINS = compiled(r"마감|종료|오픈|시작|출시|개막|개강|\b(?:open|start|begin|end)s?\b", re.IGNORECASE)


def _is_within(brief: BriefFacts, fact: Fact, text: str) -> bool:
    """Whether a date is one between the first and the last of the brief, and neither begins nor ends anything."""
    before, after = around(text, fact.start, fact.end, 8, 12)
    day = fact.value[1:] if isinstance(fact.value, tuple) else (None,)
    is_end = _AT_AN_END.match(after) or _AT_AN_END_BEFORE.search(before) or _BEGINS.search(sentence_of(text, fact))
    if None in day or is_end:
        return False
    return any(
        isinstance(first.value, tuple)
        and isinstance(last.value, tuple)
        and None not in (*first.value[1:], *last.value[1:])
        and first.value[1:] < day < last.value[1:]
        and _UNTIL.fullmatch(brief.text, first.end, last.start)
        for first, last in pairwise(brief.of("date"))
    )


_ROW_OF_DAYS = 3
"""Days that a brief names at least, where the others are those on which the shop is closed."""


def _days(fact: Fact) -> frozenset[int]:
    return fact.value if isinstance(fact.value, frozenset) else frozenset()


def _other_row(brief: BriefFacts, fact: Fact) -> str:
    """The brief's one row of days, where the caption has another row and says not of what."""
    rows = [each for each in brief.of("weekday") if each.role != "closed" and _ROW.fullmatch(each.text)]
    days = fact.value if isinstance(fact.value, frozenset) else frozenset()
    named = [each for each in brief.of("weekday") if each.text[:2] not in ("평일", "주말")]
    said = frozenset[int]().union(*(each.value for each in named if isinstance(each.value, frozenset)))
    if fact.role not in ("", "weekly") or not rows or not _ROW.fullmatch(fact.text) or days <= said:
        return ""
    if not days & said:
        return rows[0].text if len(rows) == 1 and len(_days(rows[0])) == len(days) else ""
    shared = [(each, each.value) for each in rows if isinstance(each.value, frozenset) and each.value & days]
    return shared[0][0].text if len(shared) == 1 and len(shared[0][1]) == len(days) else ""


_NAMED = compiled("요일|day")
_ROW = compiled(
    rf"[A-Z][a-z]+(?:,? and |, |\s?&\s?)[A-Z][a-z]+(?:,? and [A-Z][a-z]+)?"
    rf"|[{times.WEEK}](?:(?:요일)?(?:\s?[·,/]\s?|[과와]\s)?[{times.WEEK}])+(?:요일)?"
)
"""Days that stand in a row: 화·목·토, 월요일과 수요일."""


def weekday_otherwise(_brief: BriefFacts, fact: Fact, _text: str, candidates: list[Fact]) -> Compared:
    """A day that the brief has not: certain where both say on which days something is open, closed or dated."""
    days = fact.value if isinstance(fact.value, frozenset) else frozenset()
    said = [each for each in candidates if each.role == fact.role]
    others = [each for each in candidates if each.role in ("closed", "open")]
    if fact.role in ("date", "weekly"):
        return Compared(fact, "different", said[0].text) if said else Compared(fact, "open")
    if any(each.value == days and not each.role for each in candidates):
        return Compared(fact, "open")
    if said or others:
        return Compared(fact, "different", (said or others)[0].text)
    named = frozenset[int]().union(*(each.value for each in candidates if isinstance(each.value, frozenset)))
    if fact.role == "open" and len(named) >= _ROW_OF_DAYS and not days & named:
        return Compared(fact, "different", candidates[0].text)
    is_named = any(isinstance(each.value, frozenset) and days <= each.value for each in candidates)
    return Compared(fact, "absent") if fact.role == "closed" and not is_named else Compared(fact, "open")


_LABELS = compiled(
    r"(?P<rest>브레이크\s?타임|break ?time)|(?P<last>라스트\s?오더|last order)|(?P<check_in>체크\s?인|입실"
    r"|check-?in)|(?P<check_out>체크\s?아웃|퇴실|check-?out)"
    r"|(?P<entry>입장\s?마감)|(?P<weekdays>평일|weekdays?|Mon\s?-\s?Fri)|(?P<weekends>주말|weekends?)"
    r"|(?P<other>영업|운영|오픈|점심|lunch|open|,|/|\.)",
    re.IGNORECASE,
)
_OF_DAYS = ("weekdays", "weekends")
"""Labels that several hours may follow."""


def _label(text: str, fact: Fact) -> str | None:
    """What the hour is the hour of, where the words before it say so."""
    before = text[max(0, fact.start - 32) : fact.start].rpartition("\n")[2]
    labels = [match.lastgroup for match in _LABELS.finditer(before)]
    return labels[-1] if labels and labels[-1] != "other" else None
