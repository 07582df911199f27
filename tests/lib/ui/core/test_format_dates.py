"""The pages write instants in the zone of the reader's browser, and in Seoul's if it names none."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import streamlit as st

from lib.ui.core import format_dates

INSTANT = dt.datetime(2019, 12, 31, 23, 5, 9, tzinfo=dt.UTC)


class _Context:
    timezone: str | None = None


@pytest.mark.parametrize(
    ("named", "zone", "written"),
    [
        ("America/New_York", "America/New_York", "2019. 12. 31. 18:05"),
        (None, "Asia/Seoul", "2020. 1. 1. 08:05"),
        ("Mars/Olympus", "Asia/Seoul", "2020. 1. 1. 08:05"),
        ("../etc/passwd", "Asia/Seoul", "2020. 1. 1. 08:05"),
    ],
)
def test_the_zone_is_that_of_the_browser(
    monkeypatch: pytest.MonkeyPatch, named: str | None, zone: str, written: str
) -> None:
    context = _Context()
    context.timezone = named
    monkeypatch.setattr(st, "context", context)
    assert format_dates.zone() == ZoneInfo(zone)
    assert format_dates.to_the_minute(INSTANT) == written
    assert format_dates.to_the_minute(None) == "날짜 없음"
