"""What a brief says, in the writing of the passage of a caption whose place it takes.

Only what is certain is said otherwise: an English caption of a Korean brief gets ₩6,900 and Mondays, not 6,900원 and
월요일.
"""

from __future__ import annotations

import re

from lib.domain.findings.fact import NUMBER
from lib.domain.findings.reading import money, times

_HANGUL = re.compile("[가-힣]")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def said_like(passage: str, brief: str, kind: str) -> str:
    """The brief's words for a fact of a kind in the writing of ``passage``; as the brief has them where in doubt."""
    if kind == "hour":
        return _hour(passage, brief) or brief
    if _HANGUL.search(passage) or not _HANGUL.search(brief):
        return brief
    if kind == "money":
        return _price(passage, brief) or brief
    if kind == "date":
        return _date(passage, brief) or brief
    if kind == "weekday":
        facts = list(times.read_weekdays(brief))
        days = facts[0].value if len(facts) == 1 else None
        return times.day_name(min(days), passage) if isinstance(days, frozenset) and len(days) == 1 else brief
    figures, own = (re.findall(NUMBER, text) for text in (brief, passage))
    if len(figures) == len(own) == 1:
        return passage.replace(own[0], figures[0])
    return brief


def _price(passage: str, brief: str) -> str | None:
    values = [fact.value for fact in money.read(brief)]
    if len(values) != 1 or not isinstance(values[0], tuple) or values[0][0] != "won":
        return None
    return re.sub(rf"(?:{NUMBER})[kK]?", f"{values[0][1]:,.0f}", passage, count=1)


def _hour(passage: str, brief: str) -> str | None:
    minutes = [fact.value for fact in times.read_hours(brief)]
    if len(minutes) != 1 or not isinstance(minutes[0], frozenset) or len(minutes[0]) != 1:
        return None
    hour, minute = divmod(min(minutes[0]), 60)
    if "시" in passage:
        half = "오전" if hour < 12 else "오후"
        return f"{half} {(hour - 1) % 12 + 1}시{f' {minute}분' if minute else ''}"
    if written := re.search(r"(\s?)([ap])(\.?)m", passage, re.IGNORECASE):
        blank, letter, dot = written.groups()
        mark = ("a" if hour < 12 else "p") if letter.islower() else ("A" if hour < 12 else "P")
        end = "m" if written[0][-1].islower() else "M"
        return f"{(hour - 1) % 12 + 1}{f':{minute:02}' if minute else ''}{blank}{mark}{dot}{end}{dot}"
    return f"{hour:02}:{minute:02}"


def _date(passage: str, brief: str) -> str | None:
    dates = [fact.value for fact in times.read_dates(brief)]
    if len(dates) != 1 or not isinstance(dates[0], tuple) or None in dates[0][1:]:
        return None
    name = re.search(r"[A-Za-z]{3,}", passage)
    if not name:
        return None
    month = _MONTHS[dates[0][1] - 1]
    month = month if len(name[0]) > 4 or name[0].lower() == "june" else month[:3]
    day = str(dates[0][2])
    return f"{month} {day}" if passage[0].isalpha() else f"{day} {month}"
