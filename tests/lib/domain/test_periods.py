"""Periods in their zones, sums that add up, and percentiles from a histogram."""

from __future__ import annotations

import datetime as dt
import math
import statistics
import zoneinfo
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.dimensions import MISSING, Filters
from lib.domain.latency_histogram import EDGES, LARGEST_ERROR, bin_edges, bin_of, is_cut, percentile
from lib.domain.periods import (
    GRANULARITIES,
    Bucket,
    Granularity,
    Period,
    bucket_end,
    bucket_start,
    start_of,
    times_of,
    whole_buckets,
)
from lib.domain.totals import Sums, summed

ZONES = ("Asia/Seoul", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham")


@given(st.floats(0, 1e7))
def test_a_latency_is_in_the_bin_between_whose_edges_it_is(latency: float) -> None:
    low, high = bin_edges(bin_of(latency))
    assert low <= latency < high


@given(st.lists(st.floats(0.1, 1e7), min_size=1, max_size=50), st.floats(0, 1))
def test_a_percentile_is_never_more_than_one_percent_off(latencies: list[float], share: float) -> None:
    histogram: dict[int, int] = {}
    for latency in latencies:
        histogram[bin_of(latency)] = histogram.get(bin_of(latency), 0) + 1
    ordered, place = sorted(latencies), share * (len(latencies) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    assert percentile(histogram, share) == pytest.approx(low + (high - low) * (place % 1), rel=LARGEST_ERROR + 1e-9)


@given(
    st.lists(st.sampled_from([0.0, 1_000.0, 6 * 3_600_000.0, 1.7e308]) | st.floats(0, 1e12), min_size=1),
    st.floats(0, 1),
)
def test_a_percentile_lies_between_the_shortest_and_the_longest_and_says_when_it_is_cut(
    latencies: list[float], share: float
) -> None:
    histogram: dict[int, int] = {}
    for latency in latencies:
        histogram[bin_of(latency)] = histogram.get(bin_of(latency), 0) + 1
    value = percentile(histogram, share, min(latencies), max(latencies))
    assert value is not None
    assert min(latencies) <= value <= max(latencies)
    upper = sorted(latencies)[math.ceil(share * (len(latencies) - 1))]
    assert is_cut(histogram, share) == (upper >= EDGES[-1])


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({3: 0}, 0.5) is None


def test_the_bins_end_where_latencies_do() -> None:
    assert LARGEST_ERROR < 0.01
    assert bin_edges(0) == (0.0, EDGES[0])
    assert bin_edges(len(EDGES)) == (EDGES[-1], math.inf)


def test_sums_add_up_and_what_nobody_told_stays_untold() -> None:
    one = Sums(
        rows=2, with_latency=1, latency_sum_ms=Decimal(5), latency_min_ms=5.0, latency_max_ms=5.0, with_cost=1,
        cost_usd=Decimal("0.1"),
    )  # fmt: skip
    both = one + Sums(rows=1)
    assert (both.rows, both.latency_min_ms, both.latency_avg_ms, both.without_usage) == (3, 5.0, 5.0, 3)
    assert summed([]) == Sums()
    untold = Sums(rows=1)
    assert (untold.latency_avg_ms, untold.cost_per_caption, untold.cost.amount) == (None, None, None)
    assert untold.cost_per_approved(untold.cost) is None
    assert Sums().cost.amount == 0


@pytest.mark.parametrize("zone", ZONES)
def test_the_days_of_a_year_follow_each_other_without_a_gap(zone: str) -> None:
    day = dt.date(2026, 1, 1)
    for _ in range(366):
        until = Period(day, day, zone).instants()[1]
        day += dt.timedelta(days=1)
        assert until == start_of(day, zone)
        assert until.astimezone(zoneinfo.ZoneInfo(zone)).date() == day
        assert (until - dt.timedelta(microseconds=1)).astimezone(zoneinfo.ZoneInfo(zone)).date() < day


def test_a_day_has_as_many_hours_as_the_clock_gives_it() -> None:
    def hours(day: dt.date) -> float:
        since, until = Period(day, day, "America/New_York").instants()
        return (until - since).total_seconds() / 3600

    assert [hours(dt.date(2026, *day)) for day in ((3, 7), (3, 8), (11, 1))] == [24, 23, 25]


@pytest.mark.parametrize("zone", ZONES)
def test_the_hours_of_a_day_are_the_whole_day(zone: str) -> None:
    for day in (
        dt.date(2026, 3, 8),
        dt.date(2026, 3, 29),
        dt.date(2026, 4, 5),
        dt.date(2026, 10, 4),
        dt.date(2026, 11, 1),
    ):
        times = sorted(times for hour in range(24) for times in times_of(day, hour, zone))
        since, until = Period(day, day, zone).instants()
        assert [begins for begins, _ in times] == [since, *(ends for _, ends in times[:-1])]
        assert times[-1][1] == until


def test_buckets_are_weeks_from_monday_and_whole_months() -> None:
    day = dt.date(2028, 2, 24)  # a Thursday
    assert (bucket_start(day, "week"), bucket_end(bucket_start(day, "week"), "week")) == (
        dt.date(2028, 2, 21),
        dt.date(2028, 2, 27),
    )
    assert bucket_end(bucket_start(day, "month"), "month") == dt.date(2028, 2, 29)
    assert bucket_start(day, "day") == bucket_end(day, "day") == day
    period = Period(dt.date(2028, 2, 24), dt.date(2028, 3, 1))
    assert period.buckets("month") == [Bucket(dt.date(2028, 2, 1)), Bucket(dt.date(2028, 3, 1))]
    assert len(Period(day, day).buckets("hour")) == 24
    assert period.within(dt.date(2028, 2, 1), "month") == Period(dt.date(2028, 2, 24), dt.date(2028, 2, 29))


@given(st.integers(0, 3_000), st.integers(0, 800), st.sampled_from(GRANULARITIES))
def test_whole_buckets_and_the_days_beside_them_are_the_period(since: int, more: int, granularity: Granularity) -> None:
    period = Period(dt.date(2020, 1, 1) + dt.timedelta(since), dt.date(2020, 1, 1) + dt.timedelta(since + more))
    first, last = whole_buckets(period, granularity)
    begins = [day for day in _days(period) if first <= day <= last and bucket_start(day, granularity) == day]
    inside = [day for one in begins for day in _days(Period(one, bucket_end(one, granularity)))]
    beside = [day for day in _days(period) if day < first or day > last]
    assert sorted(inside + beside) == _days(period)


def test_the_period_before_is_as_long_and_ends_the_day_before() -> None:
    assert Period(dt.date(2026, 3, 1), dt.date(2026, 3, 7)).before == Period(dt.date(2026, 2, 22), dt.date(2026, 2, 28))
    with pytest.raises(ValueError, match="ends before"):
        Period(dt.date(2026, 3, 2), dt.date(2026, 3, 1))


def test_the_mean_of_the_middle_of_a_bin_is_no_better_than_promised() -> None:
    widest = max((high - low) / (high + low) for low, high in (bin_edges(one) for one in range(1, len(EDGES))))
    assert widest == pytest.approx(LARGEST_ERROR)
    assert statistics.fmean([widest]) < 0.01


def test_filters_know_whether_they_narrow() -> None:
    assert not Filters()
    assert Filters(job=MISSING)


def _days(period: Period) -> list[dt.date]:
    return [bucket.starts_on for bucket in period.buckets("day")]
