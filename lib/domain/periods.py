"""Periods of whole days in a time zone, and the buckets (hours to years) that they are divided into."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

NO_DAY = dt.date(1, 1, 1)
"""Stored as the day of rows without a usable ``created_at``."""
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(8999, 12, 31)
DEFAULT_ZONE = "Asia/Seoul"

Granularity = Literal["hour", "day", "week", "month", "year"]
GRANULARITIES: tuple[Granularity, ...] = ("hour", "day", "week", "month", "year")
MOST_BUCKETS = 800
"""Buckets of a period that a chart can draw."""
_DAYS: dict[Granularity, float] = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.4, "year": 365.25}


class Bucket(NamedTuple):
    """One bucket of a period: the first day of it, and the hour (0 unless the granularity is an hour)."""

    starts_on: dt.date
    hour: int = 0


@dataclass(frozen=True)
class Period:
    """Whole days of a time zone, ``first`` and ``last`` included."""

    first: dt.date
    last: dt.date
    zone: str = DEFAULT_ZONE

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("a period ends before it begins")

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """The period of the same length that ends the day before this one starts."""
        length = dt.timedelta(days=self.days)
        return Period(max(self.first - length, FIRST_DAY), self.first - dt.timedelta(days=1), self.zone)

    @property
    def granularity(self) -> Granularity:
        """The granularity of its charts unless a person chooses another one."""
        fitting: Granularity = (
            "hour" if self.days <= 2 else "day" if self.days <= 92 else "week" if self.days <= 400 else "month"
        )
        return self.drawable(fitting)

    def drawable(self, granularity: Granularity) -> Granularity:
        """The granularity, or the next larger one that divides the period into at most :data:`MOST_BUCKETS`."""
        larger = GRANULARITIES[GRANULARITIES.index(granularity) :]
        return next((each for each in larger if self.days / _DAYS[each] <= MOST_BUCKETS), "year")

    def instants(self) -> tuple[dt.datetime, dt.datetime]:
        """The first instant (included) and the last (excluded), aware and in UTC."""
        return start_of(self.first, self.zone), start_of(self.last + dt.timedelta(days=1), self.zone)

    def buckets(self, granularity: Granularity) -> list[Bucket]:
        """Every bucket that the period touches, in order, those without rows too."""
        hours = range(24) if granularity == "hour" else (0,)
        return [Bucket(start, hour) for start in self._starts(granularity) for hour in hours]

    def _starts(self, granularity: Granularity) -> Iterator[dt.date]:
        start = bucket_start(self.first, granularity)
        while start <= self.last:
            yield start
            start = bucket_end(start, granularity) + dt.timedelta(days=1)

    def within(self, start: dt.date, granularity: Granularity) -> Period:
        """The days of the bucket that starts on ``start``, as far as the period covers them."""
        return Period(max(start, self.first), min(bucket_end(start, granularity), self.last), self.zone)


def bucket_start(day: dt.date, granularity: Granularity) -> dt.date:
    """The first day of the week (a Monday), month or year that the day is in; else the day itself."""
    if granularity == "week":
        return day - dt.timedelta(days=day.weekday())
    if granularity == "year":
        return day.replace(month=1, day=1)
    return day.replace(day=1) if granularity == "month" else day


def bucket_end(start: dt.date, granularity: Granularity) -> dt.date:
    """The last day of the bucket that starts on ``start``."""
    if granularity == "week":
        return start + dt.timedelta(days=6)
    if granularity == "year":
        return start.replace(month=12, day=31)
    if granularity == "month":
        return (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return start


def whole_buckets(period: Period, granularity: Granularity) -> tuple[dt.date, dt.date]:
    """The first and the last day of the buckets that lie wholly within the period.

    If there is none, the last is the day before the first and both lie after the period: what remains on both sides
    is still the whole period.
    """
    start, last_start = bucket_start(period.first, granularity), bucket_start(period.last, granularity)
    first = period.first if start == period.first else bucket_end(start, granularity) + dt.timedelta(days=1)
    last = period.last if bucket_end(last_start, granularity) == period.last else last_start - dt.timedelta(days=1)
    return (first, last) if first <= last else (period.last + dt.timedelta(days=1), period.last)


def start_of(day: dt.date, zone: str) -> dt.datetime:
    """The first instant of a day, in UTC; where the clock is set forward over midnight, the instant of that change."""
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


def times_of(day: dt.date, hour: int, zone: str) -> list[tuple[dt.datetime, dt.datetime]]:
    """The stretches of time, in UTC and end excluded, at which a clock of the zone shows this hour of the day.

    None on a day on which the clock is set forward over the hour; longer, or two, if it is set back.
    """
    clock = zoneinfo.ZoneInfo(zone)
    shown = dt.datetime.combine(day, dt.time(hour), dt.UTC)
    stretches: list[tuple[dt.datetime, dt.datetime]] = []
    for since, until, offset in _offsets(clock, shown - _A_DAY, shown + _A_DAY):
        begins, ends = max(shown - offset, since), min(shown + dt.timedelta(hours=1) - offset, until)
        if begins >= ends:
            continue
        if stretches and stretches[-1][1] == begins:
            stretches[-1] = (stretches[-1][0], ends)
        else:
            stretches.append((begins, ends))
    return stretches


_A_DAY = dt.timedelta(hours=26)
"""No time zone is further from UTC."""


def _offsets(
    clock: dt.tzinfo, since: dt.datetime, until: dt.datetime
) -> list[tuple[dt.datetime, dt.datetime, dt.timedelta]]:
    """The stretches of constant UTC offset between two instants, each with its offset."""
    offset = _offset(clock, since)
    if _offset(clock, until) == offset:  # zones do not change twice in two days
        return [(since, until, offset)]
    before, after = since, until
    while after - before > dt.timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if _offset(clock, middle) == offset else (before, middle)
    return [(since, after, offset), *_offsets(clock, after, until)]


def _offset(clock: dt.tzinfo, instant: dt.datetime) -> dt.timedelta:
    return instant.astimezone(clock).utcoffset() or dt.timedelta()
