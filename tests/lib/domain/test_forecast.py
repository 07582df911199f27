"""Projection, unusual days and another model's price, each worked out by hand."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.forecast import anomalies, projected, what_if
from lib.domain.pricing import OwnPrice
from lib.domain.totals import Cost, Sums

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
THURSDAY = dt.date(2026, 11, 19)


def days(usual: Sums, last: Sums, weeks: int = 8) -> dict[dt.date, Sums]:
    habit = {THURSDAY - dt.timedelta(weeks=week): usual for week in range(1, weeks + 1)}
    return habit | {THURSDAY: last}


def costing(rows: int, cost: str, latency: int = 1_000) -> Sums:
    return Sums(
        rows=rows, with_latency=rows, latency_sum_ms=Decimal(latency * rows), with_cost=rows, cost_usd=Decimal(cost)
    )


def test_a_month_goes_on_as_it_began() -> None:
    told = projected(Cost(Decimal(30), 1), dt.datetime(2026, 11, 16, 12, tzinfo=SEOUL))
    assert (told.elapsed_days, told.month_days) == (Decimal("15.5"), 30)
    assert told.expected == pytest.approx(Decimal(30) / Decimal("15.5") * 30)


def test_the_first_hours_of_a_month_are_not_blown_up() -> None:
    assert projected(Cost(Decimal(1), 1), dt.datetime(2028, 2, 1, 0, 30, tzinfo=SEOUL)).expected == 29


def test_a_day_with_three_times_the_captions_is_told_with_that_reason() -> None:
    [told] = anomalies(days(costing(100, "1"), costing(300, "3")), THURSDAY, THURSDAY, dt.date(2026, 1, 1))
    assert (told.what, told.value, told.usual, told.because, told.was, told.is_) == ("cost", 3.0, 1.0, "rows", 100, 300)


def test_a_day_whose_captions_cost_more_is_told_with_that_reason() -> None:
    [told] = anomalies(days(costing(100, "1"), costing(100, "3")), THURSDAY, THURSDAY, dt.date(2026, 1, 1))
    assert (told.because, told.was, told.is_) == ("each", 0.01, 0.03)


def test_a_day_of_a_model_without_a_price_is_no_alarm_and_spent_nothing_that_is_known() -> None:
    unpriced = Sums(rows=100, with_usage=100)
    assert anomalies(days(costing(100, "1"), unpriced), THURSDAY, THURSDAY, dt.date(2026, 1, 1)) == []
    assert anomalies(days(unpriced, costing(100, "1")), THURSDAY, THURSDAY, dt.date(2026, 1, 1)) == []
    told = projected(unpriced.cost, dt.datetime(2026, 11, 16, 12, tzinfo=SEOUL))
    assert (told.expected, told.spent.unpriced) == (None, 100)
    assert projected(Cost(), dt.datetime(2026, 11, 16, 12, tzinfo=SEOUL)).expected == 0


COSTS = st.builds(Cost, st.decimals(0, 1_000, places=6), st.integers(1, 50), st.integers(0, 50)) | st.builds(
    Cost, st.just(Decimal(0)), st.just(0), st.integers(0, 50)
)


@given(st.lists(COSTS, max_size=6))
def test_a_sum_of_money_is_unknown_only_if_nothing_of_it_is_known_and_never_forgets_what_is_missing(
    costs: list[Cost],
) -> None:
    total = sum(costs, Cost())
    assert total.unpriced == sum(cost.unpriced for cost in costs)
    known = [cost.usd for cost in costs if cost.priced]
    assert total.amount == (sum(known, Decimal(0)) if known or not total.unpriced else None)


def test_a_slow_day_and_a_silent_day_are_told() -> None:
    [slow] = anomalies(days(costing(100, "1"), costing(100, "1", 4_000)), THURSDAY, THURSDAY, dt.date(2026, 1, 1))
    assert (slow.what, slow.value, slow.usual) == ("latency", 4_000, 1_000)
    silent = days(costing(100, "1"), Sums())
    del silent[THURSDAY]
    [none] = anomalies(silent, THURSDAY, THURSDAY, dt.date(2026, 1, 1))
    assert (none.what, none.value, none.because) == ("cost", 0.0, "rows")


def test_an_ordinary_day_and_one_without_enough_weeks_behind_it_are_not_told() -> None:
    usual = costing(100, "1")
    assert anomalies(days(usual, costing(140, "1.4")), THURSDAY, THURSDAY, dt.date(2026, 1, 1)) == []
    assert anomalies(days(usual, costing(900, "9"), 3), THURSDAY, THURSDAY, THURSDAY - dt.timedelta(weeks=3)) == []


def test_a_restless_weekday_must_be_left_further_behind() -> None:
    restless = {THURSDAY - dt.timedelta(weeks=week): costing(100, str(week)) for week in range(1, 9)}
    assert anomalies(restless | {THURSDAY: costing(100, "9")}, THURSDAY, THURSDAY, dt.date(2026, 1, 1)) == []


def test_the_same_tokens_on_another_model() -> None:
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    total = Sums(rows=3, with_usage=2, prompt_tokens=2_000, cached_tokens=1_000, completion_tokens=200)
    assert what_if(total, "gpt-5", now, []).cost == Decimal("0.003375")  # 1000 x 1.25 + 1000 x 0.125 + 200 x 10
    own = [OwnPrice("ours", now, Decimal(1), Decimal(0), Decimal(10))]
    assert what_if(total, "ours", now, own).cost == Decimal("0.003")
    assert what_if(total, "gpt-99", now, []).cost is None
    assert what_if(total, "gpt-5.4", now, []).dearer_beyond == 272_000
