"""The year of a growing team that sample rows tell of."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from itertools import pairwise

import pytest

from lib.demo.samples.traffic import CAMPAIGN_DAY, MEDIAN_LATENCY_MS, OUTAGE_DAY
from lib.domain import pricing
from tests.support.sample_rows import UNTIL, Row

SEOUL = dt.timezone(dt.timedelta(hours=9))


def test_rows_are_in_the_order_of_a_year(rows: list[Row]) -> None:
    created = [row["created_at"] for row in rows]
    assert all(a <= b for a, b in pairwise(created))
    assert UNTIL - dt.timedelta(days=365) <= created[0] < UNTIL - dt.timedelta(days=360)
    assert UNTIL - dt.timedelta(days=1) < created[-1] < UNTIL
    assert all(row["created_at"] <= row["updated_at"] <= UNTIL for row in rows)
    assert any(row["created_at"] < row["updated_at"] for row in rows)


def test_seouls_office_hours_growth_and_odd_days_show(rows: list[Row]) -> None:
    local = [row["created_at"].astimezone(SEOUL) for row in rows]
    hours = Counter(at.hour for at in local)
    assert sum(hours[hour] for hour in range(9, 18)) > 0.7 * len(rows)
    weekdays = Counter(at.weekday() for at in local)
    assert weekdays[6] < weekdays[2] / 2
    half = UNTIL - dt.timedelta(days=182)
    assert sum(row["created_at"] > half for row in rows) > 0.55 * len(rows)
    ago = Counter((UNTIL - row["created_at"]) // dt.timedelta(days=1) for row in rows)
    assert ago[CAMPAIGN_DAY] > 2 * ago[CAMPAIGN_DAY + 7]
    assert ago[OUTAGE_DAY] < ago[OUTAGE_DAY + 7] / 4


def test_latencies_are_log_normal_around_their_median(rows: list[Row]) -> None:
    known = [row["latency_ms"] for row in rows if row["latency_ms"] is not None]
    assert 0.98 * len(rows) < len(known) < len(rows)
    assert statistics.median(known) == pytest.approx(MEDIAN_LATENCY_MS, rel=0.05)
    assert statistics.mean(known) > 1.05 * MEDIAN_LATENCY_MS
    assert min(known) > 0


def test_four_models_write_and_now_and_then_one_that_nobody_knows(rows: list[Row]) -> None:
    models = Counter(row["gpt_model_name"] for row in rows)
    for model in ("gpt-6-luna", "gpt-5-mini", "gpt-4o-mini", "demo"):
        assert models[model] > 0.03 * len(rows)
        row = next(row for row in rows if row["gpt_model_name"] == model and row["token_usage"])
        assert pricing.cost_usd(model, row["token_usage"], row["created_at"]) is not None
    for unpriced in ("studio-writer-7b", None):
        assert 0 < models[unpriced] < 0.02 * len(rows)
        row = next(row for row in rows if row["gpt_model_name"] == unpriced and row["token_usage"])
        assert pricing.cost_usd(unpriced, row["token_usage"], row["created_at"]) is None
