"""The nouns of the figures: periods cut in a time zone, sums that add up, and latencies counted in a histogram.

Sums are exact: counts are ints, money and milliseconds Decimals. Percentiles come from the histogram, whose bins are
2 % wide, and are told by a bin's middle: never more than 1 % from the true value.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

NO_DAY = dt.date(1, 1, 1)
"""The day of rows that have no usable instant."""
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(8999, 12, 31)
DEFAULT_ZONE = "Asia/Seoul"

Granularity = Literal["hour", "day", "week", "month"]
GRANULARITIES: tuple[Granularity, ...] = ("hour", "day", "week", "month")


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
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days, just before."""
        length = dt.timedelta(days=self.days)
        return Period(max(self.first - length, FIRST_DAY), self.first - dt.timedelta(days=1), self.zone)

    @property
    def slot(self) -> Granularity:
        """What its charts are cut into unless somebody says otherwise."""
        return "hour" if self.days <= 2 else "day" if self.days <= 92 else "week" if self.days <= 400 else "month"

    def instants(self) -> tuple[dt.datetime, dt.datetime]:
        """From (included) and until (excluded), aware and in UTC."""
        return start_of(self.first, self.zone), start_of(self.last + dt.timedelta(days=1), self.zone)

    def slots(self, slot: Granularity) -> list[dt.date]:
        """The first days of every slot that it touches; for hours, its days."""
        return list(dict.fromkeys(slot_of(day, slot) for day in self.each_day()))

    def each_day(self) -> Iterator[dt.date]:
        """Every one of them."""
        return (self.first + dt.timedelta(days=number) for number in range(self.days))

    def part(self, begins: dt.date, slot: Granularity) -> Period:
        """The days of a slot that are within the period."""
        return Period(max(begins, self.first), min(slot_end(begins, slot), self.last), self.zone)


def slot_of(day: dt.date, slot: Granularity) -> dt.date:
    """The first day of the week (a Monday) or month that the day is in."""
    if slot == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if slot == "month" else day


def slot_end(begins: dt.date, slot: Granularity) -> dt.date:
    """The last day of the slot that begins then."""
    if slot == "week":
        return begins + dt.timedelta(days=6)
    if slot == "month":
        return (begins.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return begins


def whole_slots(period: Period, slot: Granularity) -> tuple[dt.date, dt.date]:
    """From the first to the last day of the slots that are wholly within the period.

    Where there is none the last comes just before the first: what is left on both sides is still all of the period.
    """
    begins, ends = slot_of(period.first, slot), slot_end(slot_of(period.last, slot), slot)
    first = period.first if begins == period.first else slot_end(begins, slot) + dt.timedelta(days=1)
    last = period.last if ends == period.last else slot_of(period.last, slot) - dt.timedelta(days=1)
    return (first, last) if first <= last else (period.last + dt.timedelta(days=1), period.last)


def start_of(day: dt.date, zone: str) -> dt.datetime:
    """The first instant of a day, in UTC; where the clock is set forward over midnight, the instant of that change."""
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


def times_of(day: dt.date, hour: int, zone: str) -> list[tuple[dt.datetime, dt.datetime]]:
    """From when (included) until when (excluded) a clock of the zone shows this hour of the day, in UTC.

    Where it is set forward over the hour, never; where it is set back, twice as long or more than once.
    """
    clock = zoneinfo.ZoneInfo(zone)
    shown = dt.datetime.combine(day, dt.time(hour), dt.UTC)
    found: list[tuple[dt.datetime, dt.datetime]] = []
    for since, until, offset in _offsets(clock, shown - _A_DAY, shown + _A_DAY):
        begins, ends = max(shown - offset, since), min(shown + dt.timedelta(hours=1) - offset, until)
        if begins >= ends:
            continue
        if found and found[-1][1] == begins:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


_A_DAY = dt.timedelta(hours=26)
"""No clock is further from UTC."""


def _offsets(
    clock: dt.tzinfo, since: dt.datetime, until: dt.datetime
) -> list[tuple[dt.datetime, dt.datetime, dt.timedelta]]:
    """From when until when which offset holds."""
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
