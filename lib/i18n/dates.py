"""Days and instants for readers, in the language and the time zone that are given."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_datetime

from lib.domain.brief import Language
from lib.i18n.words import say


def day(language: Language, date: dt.date) -> str:
    """A day with its year: 2026. 11. 29. or Nov 29, 2026."""
    return format_date(date, "medium", locale=language)


def short(language: Language, zone: dt.tzinfo, instant: dt.datetime | None) -> str:
    """Month, day, hour and minute, and the year unless it is the present one. None is "no date"."""
    if instant and instant.astimezone(zone).year == dt.datetime.now(zone).year:
        return _written(language, zone, instant, "minute_this_year")
    return to_the_minute(language, zone, instant)


def to_the_minute(language: Language, zone: dt.tzinfo, instant: dt.datetime | None) -> str:
    """Year, month, day, hour and minute. None is "no date"."""
    return _written(language, zone, instant, "minute")


def to_the_second(language: Language, zone: dt.tzinfo, instant: dt.datetime | None) -> str:
    """The instant to the second, with its zone. None is "no date"."""
    written = _written(language, zone, instant, "second")
    return f"{written} {instant.astimezone(zone):%Z}" if instant else written


def _written(language: Language, zone: dt.tzinfo, instant: dt.datetime | None, precision: str) -> str:
    if instant is None:
        return say(language, "value.no_date")
    pattern = say(language, f"date_pattern.{precision}")
    return format_datetime(instant.astimezone(zone), pattern, zone, locale=language)
