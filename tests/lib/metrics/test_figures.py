"""What is derived from figures: what failed, what can be compared, and which percentile is only a bound."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lib.domain.dimensions import MISSING, OTHERS, DimensionValue
from lib.domain.latency_histogram import bin_of
from lib.domain.periods import Granularity, Period
from lib.domain.totals import Sums
from lib.metrics.figures import Part, View, most_expensive_first
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.metrics_page import USAGE, figures_of

DAY = dt.date(2026, 11, 1)


@pytest.mark.parametrize(
    ("days", "chosen", "granularity", "is_coarser"),
    [(1, None, "hour", False), (30, "day", "day", False), (30, "week", "week", False), (36_500, "day", "year", True)],
)
def test_a_granularity_with_too_many_buckets_becomes_coarser(
    days: int, chosen: Granularity | None, granularity: str, is_coarser: bool
) -> None:
    view = View(Period(DAY, DAY + dt.timedelta(days=days - 1)), chosen=chosen)
    assert (view.granularity, view.is_coarser) == (granularity, is_coarser)


def test_values_are_shown_by_cost_then_by_number_and_the_others_last() -> None:
    def sums(cost: int, rows: int) -> Sums:
        return Sums(cost_usd=Decimal(cost), rows=rows)

    dear, cheap = DimensionValue.of("dear"), DimensionValue.of("cheap")
    shown = {OTHERS: sums(9, 9), cheap: sums(1, 2), MISSING: sums(1, 7), dear: sums(5, 1)}
    ordered = [value for value, _ in sorted(shown.items(), key=most_expensive_first)]
    assert ordered == [dear, MISSING, cheap, OTHERS]


@pytest.mark.parametrize(
    ("latencies", "is_cut"),
    [([1_000.0] * 9, False), ([2e7] * 9, False), ([1_000.0] + [2e7, 3e7] * 4, True)],
    ids=["within the scale", "beyond the scale, all alike", "beyond the scale"],
)
def test_a_percentile_is_a_bound_only_where_a_longer_latency_is_known(latencies: list[float], is_cut: bool) -> None:
    histogram: dict[int, int] = {}
    for latency in latencies:
        histogram[bin_of(latency)] = histogram.get(bin_of(latency), 0) + 1
    part = Part(Sums(latency_min_ms=min(latencies), latency_max_ms=max(latencies)), histogram)
    assert part.is_cut is is_cut


def test_only_captions_with_a_price_are_compared_with_another_model(insert_by_sql: InsertBySql, studio: Studio) -> None:
    now = dt.datetime.now(dt.UTC)
    for model in ("gpt-4o-mini", "our-own-llama", "our-own-llama"):
        insert_by_sql(tenant_id="my-team", created_at=now, gpt_model_name=model, token_usage=USAGE)
    figures = figures_of(studio, now)
    assert (figures.total.rows, figures.priced.rows) == (3, 1)
