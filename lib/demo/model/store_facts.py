"""A store's hours and days off in English, as far as a few set phrases go; names and addresses stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable

_DAYS = {"월": "Mon", "화": "Tues", "수": "Wednes", "목": "Thurs", "금": "Fri", "토": "Satur", "일": "Sun"}
_DAY = "(?:[월화수목금토일](?:요일)?|public holidays)"
_DAY_OFF = (
    rf"(?<![가-힣\d])(?:매주\s?)?(?P<days>{_DAY}(?:\s?[,·과와/]\s?{_DAY})*)은?\s?(?:정기\s?)?"
    r"(?:휴무|휴점|쉬어요|쉽니다)"
)
_HOUR = (
    r"(?:(?P<half>오전|아침|새벽|오후|저녁|밤|낮)\s?)?(?<!\d)(?P<hour>\d{1,2})"
    r"(?::(?P<colon>\d{2})|시(?!간)(?:\s?(?P<minutes>\d{1,2})분|\s?(?P<thirty>반))?)"
)
_SECOND_HALF = ("오후", "저녁", "밤", "낮")


def _days_off(match: re.Match[str]) -> str:
    names = [
        f"{_DAYS[name[0]]}days" if name[0] in _DAYS else name for name in re.findall(_DAY, match["days"])
    ]  # fmt: skip
    return f"closed on {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"


def _hour(match: re.Match[str]) -> str:
    hour = int(match["hour"])
    if match["half"] in _SECOND_HALF and hour < 12:
        hour += 12
    minutes = match["colon"] or match["minutes"] or ("30" if match["thirty"] else "00")
    return f"{hour}:{minutes:0>2}"


_PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    ("공휴일", "public holidays"),
    (_DAY_OFF, _days_off),
    (_HOUR, _hour),
    (r"(\d{1,2}:\d{2})\s?(?:부터|[~–-])\s?(\d{1,2}:\d{2})(?:까지)?", r"\1–\2"),
    (r"(\d{1,2}:\d{2})\s?(?:오픈|부터)", r"from \1"),
    (r"(\d{1,2}:\d{2})\s?(?:마감|까지)", r"until \1"),
    (r"연중\s?무휴", "open every day"),
    (r"24시간(?:\s?영업)?", "open 24 hours"),
    (
        r"(?<![가-힣])([월화수목금토일])(?:요일)?\s?[~–-]\s?([월화수목금토일])(?:요일)?(?![가-힣])",
        lambda days: f"{_DAYS[days[1]]}day–{_DAYS[days[2]]}day",
    ),
    (r"([월화수목금토일])요일", lambda day: f"{_DAYS[day[1]]}days"),
    ("매일", "daily"),
    ("평일", "weekdays"),
    ("주말", "weekends"),
    (r"(weekdays|weekends)(?:은|에는)?\s?(?:휴무|쉬어요|쉽니다)", r"closed on \1"),
    (r"(?:영업|운영)\s?시간\s?:?\s?", "open "),
    (r"라스트\s?오더", "last order"),
    (r"주차\s?가능", "parking available"),
    (r"주차\s?불가", "no parking"),
    (r"예약제|예약\s?필수", "by reservation"),
    (r"재료\s?소진\s?시\s?(?:조기\s?)?마감", "until sold out"),
)
"""Korean patterns in the order in which they are replaced, and what is said in English."""


def in_english(line: str) -> str:
    """The line with its hours and days off in English: 월요일 휴무 is "closed on Mondays"."""
    for pattern, words in _PHRASES:
        line = re.sub(pattern, words, line)
    return line
