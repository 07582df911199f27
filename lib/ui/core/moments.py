"""Instants as a reader reads them: in their own time zone, as short as it can be told."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import streamlit as st

from lib.ui.core.words import say

DEFAULT_ZONE = "Asia/Seoul"


def zone() -> dt.tzinfo:
    """The reader's time zone, as their browser tells it."""
    try:
        return zoneinfo.ZoneInfo(st.context.timezone or DEFAULT_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(DEFAULT_ZONE)


def short(moment: dt.datetime | None) -> str:
    """Month, day and time; with the year where it is not this one. None is told as unknown."""
    if moment is None:
        return say("moments.unknown")
    studio = moment.astimezone(zone())
    this_year = studio.year == dt.datetime.now(zone()).year
    return studio.strftime("%m-%d %H:%M" if this_year else "%Y-%m-%d %H:%M")


def whole(moment: dt.datetime | None) -> str:
    """The instant to the second, with its zone. None is told as unknown."""
    if moment is None:
        return say("moments.unknown")
    return moment.astimezone(zone()).strftime("%Y-%m-%d %H:%M:%S %Z")
