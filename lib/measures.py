"""The nouns of the figures: periods cut in a time zone, sums that add up, and latencies counted in a histogram.

Sums are exact: counts are ints, money and milliseconds Decimals. Percentiles come from the histogram, whose bins are
2 % wide, and are told by a bin's middle: never more than 1 % from the true value.
"""

from __future__ import annotations

import bisect
import datetime as dt
import math
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Literal

RATIO = 1.02
EDGES = tuple(0.1 * RATIO**number for number in range(932))
"""The lower edges of the bins in milliseconds, from 0.1 ms to three hours; bin 0 holds what is shorter."""
LARGEST_ERROR = (RATIO - 1) / (RATIO + 1)
"""Of a percentile read from the histogram, as a share of it."""

NO_DAY = dt.date(1, 1, 1)
"""The day of rows that have no usable instant."""
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(8999, 12, 31)
DEFAULT_ZONE = "Asia/Seoul"

Slot = Literal["hour", "day", "week", "month"]
SLOTS: tuple[Slot, ...] = ("hour", "day", "week", "month")


def bin_of(latency_ms: float) -> int:
    """The number of the bin that counts this latency."""
    return bisect.bisect_right(EDGES, latency_ms)


def bin_edges(number: int) -> tuple[float, float]:
    """From (included) and to (excluded), in milliseconds."""
    return (EDGES[number - 1] if number else 0.0, EDGES[number] if number < len(EDGES) else math.inf)


def _middle(number: int) -> float:
    low, high = bin_edges(number)
    return low if math.isinf(high) else 2 * low * high / (low + high) if low else high / 2


def percentile(histogram: Mapping[int, int], share: float) -> float | None:
    """What PostgreSQL's ``percentile_cont(share)`` says of the counted latencies, give or take 1 %; None of none."""
    total = sum(histogram.values())
    if total <= 0:
        return None
    place = share * (total - 1)
    lower, upper = _value_at(histogram, math.floor(place)), _value_at(histogram, math.ceil(place))
    return lower + (upper - lower) * (place - math.floor(place))


def _value_at(histogram: Mapping[int, int], place: int) -> float:
    passed = 0
    for number in sorted(histogram):
        passed += histogram[number]
        if passed > place:
            return _middle(number)
    raise AssertionError("a place beyond the last value")


def merged(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """One histogram of all that was counted in several."""
    together: dict[int, int] = {}
    for histogram in histograms:
        for number, count in histogram.items():
            together[number] = together.get(number, 0) + count
    return together


@dataclass(frozen=True)
class Sums:
    """What was counted of a set of rows. Each total stands beside how many rows it is of: the others are unknown."""

    rows: int = 0
    kept: int = 0
    """Approved or posted."""
    timed: int = 0
    """Rows with a latency; ``latency_ms`` is their sum."""
    latency_ms: Decimal = Decimal(0)
    latency_min: float | None = None
    latency_max: float | None = None
    used: int = 0
    """Rows with a token usage that can be read."""
    prompt: int = 0
    cached: int = 0
    written: int = 0
    completion: int = 0
    reasoning: int = 0
    priced: int = 0
    """Rows whose cost is known; ``cost`` is their sum in USD."""
    cost: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        lows = [one for one in (self.latency_min, other.latency_min) if one is not None]
        highs = [one for one in (self.latency_max, other.latency_max) if one is not None]
        added = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in _ADDED}
        return Sums(**added, latency_min=min(lows, default=None), latency_max=max(highs, default=None))

    @property
    def unused(self) -> int:
        """Rows without a token usage that can be read."""
        return self.rows - self.used

    @property
    def unpriced(self) -> int:
        """Rows with tokens and without a price."""
        return self.used - self.priced

    @property
    def latency_avg(self) -> float | None:
        """In milliseconds; None where no row tells."""
        return float(self.latency_ms / self.timed) if self.timed else None

    @property
    def cost_each(self) -> Decimal | None:
        """USD a row whose cost is known."""
        return self.cost / self.priced if self.priced else None

    @property
    def cost_kept(self) -> Decimal | None:
        """USD a kept caption: all that was spent, over those that were kept."""
        return self.cost / self.kept if self.kept and self.priced else None


_ADDED = [one for one in fields(Sums) if one.name not in ("latency_min", "latency_max")]


def summed(parts: Iterable[Sums]) -> Sums:
    """All of them together."""
    return sum(parts, Sums())


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
    def slot(self) -> Slot:
        """What its charts are cut into unless somebody says otherwise."""
        return "hour" if self.days <= 2 else "day" if self.days <= 92 else "week" if self.days <= 400 else "month"

    def instants(self) -> tuple[dt.datetime, dt.datetime]:
        """From (included) and until (excluded), aware and in UTC."""
        return start_of(self.first, self.zone), start_of(self.last + dt.timedelta(days=1), self.zone)

    def slots(self, slot: Slot) -> list[dt.date]:
        """The first days of every slot that it touches; for hours, its days."""
        return list(dict.fromkeys(slot_of(day, slot) for day in self.each_day()))

    def each_day(self) -> Iterator[dt.date]:
        """Every one of them."""
        return (self.first + dt.timedelta(days=number) for number in range(self.days))

    def part(self, begins: dt.date, slot: Slot) -> Period:
        """The days of a slot that are within the period."""
        return Period(max(begins, self.first), min(slot_end(begins, slot), self.last), self.zone)


def slot_of(day: dt.date, slot: Slot) -> dt.date:
    """The first day of the week (a Monday) or month that the day is in."""
    if slot == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if slot == "month" else day


def slot_end(begins: dt.date, slot: Slot) -> dt.date:
    """The last day of the slot that begins then."""
    if slot == "week":
        return begins + dt.timedelta(days=6)
    if slot == "month":
        return (begins.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return begins


def whole_slots(period: Period, slot: Slot) -> tuple[dt.date, dt.date]:
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


@dataclass(frozen=True)
class Settings:
    """What a tenant has decided about its figures."""

    time_zone: str = DEFAULT_ZONE
    budget_usd: Decimal | None = None
    """A month."""
    krw_per_usd: Decimal | None = None
    krw_rate_on: dt.date | None = None


@dataclass(frozen=True)
class Filters:
    """Which rows are counted; None is any. A value is a key: "-" for rows that have none, else "=" and the value."""

    model: str | None = None
    tone: str | None = None
    source: str | None = None
    prompt: str | None = None
    job: str | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) is not None for one in fields(self))
