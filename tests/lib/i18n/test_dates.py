"""Instants are written in the reader's language and zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from lib.i18n import dates

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
INSTANT = dt.datetime(2019, 12, 31, 23, 5, 9, tzinfo=dt.UTC)


def test_a_day_has_its_year() -> None:
    assert dates.day("ko", dt.date(2026, 1, 4)) == "2026. 1. 4."
    assert dates.day("en", dt.date(2026, 1, 4)) == "Jan 4, 2026"


def test_an_instant_is_written_in_the_readers_zone() -> None:
    assert dates.to_the_minute("ko", SEOUL, INSTANT) == "2020. 1. 1. 08:05"
    assert dates.to_the_minute("en", NEW_YORK, INSTANT) == "Dec 31, 2019, 18:05"
    assert dates.to_the_second("ko", SEOUL, INSTANT) == "2020. 1. 1. 08:05:09 KST"
    assert dates.to_the_second("en", NEW_YORK, INSTANT) == "Dec 31, 2019, 18:05:09 EST"


def test_the_present_year_is_left_out_and_every_other_is_not() -> None:
    this_year = dt.datetime.now(SEOUL).year
    assert dates.short("ko", SEOUL, dt.datetime(this_year, 6, 7, 8, 9, tzinfo=SEOUL)) == "6. 7. 08:09"
    assert dates.short("en", SEOUL, dt.datetime(this_year, 6, 7, 8, 9, tzinfo=SEOUL)) == "Jun 7, 08:09"
    assert dates.short("ko", SEOUL, INSTANT) == "2020. 1. 1. 08:05"


def test_an_instant_that_is_not_known_says_so() -> None:
    assert dates.short("en", SEOUL, None) == dates.to_the_second("en", SEOUL, None) == "no date"
    assert dates.to_the_minute("ko", SEOUL, None) == "날짜 없음"
