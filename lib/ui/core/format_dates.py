""":mod:`lib.i18n.dates` in the reader's language and time zone."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import streamlit as st

from lib.i18n import dates
from lib.ui.core.words import in_readers_language, language

DEFAULT_ZONE = "Asia/Seoul"

day = in_readers_language(dates.day)


def zone() -> dt.tzinfo:
    """The time zone of the reader's browser."""
    try:
        return zoneinfo.ZoneInfo(st.context.timezone or DEFAULT_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(DEFAULT_ZONE)


def short(instant: dt.datetime | None) -> str:
    """Month, day, hour and minute, and the year unless it is the present one. None is "no date"."""
    return dates.short(language(), zone(), instant)


def to_the_minute(instant: dt.datetime | None) -> str:
    """Year, month, day, hour and minute. None is "no date"."""
    return dates.to_the_minute(language(), zone(), instant)


def to_the_second(instant: dt.datetime | None) -> str:
    """The instant to the second, with its zone. None is "no date"."""
    return dates.to_the_second(language(), zone(), instant)
