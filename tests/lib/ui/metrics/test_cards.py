"""The cards: what nobody knows is unknown, and what is beyond a scale is a bound."""

from __future__ import annotations

import datetime as dt

from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.metrics_page import PAGE, USAGE, cards, pictures
from tests.support.opened_page import OpenPage


def test_money_that_nobody_knows_is_unknown_everywhere_and_no_zero(
    insert_by_sql: InsertBySql, open_page: OpenPage, studio: Studio
) -> None:
    now = dt.datetime.now(dt.UTC)
    for number in range(40):
        insert_by_sql(
            tenant_id="my-team", created_at=now - dt.timedelta(minutes=number), gpt_model_name="our-own-llama",
            latency_ms=1_000.0 + number, token_usage=USAGE,
        )  # fmt: skip
    page = open_page(PAGE, lang="EN", period="7d")
    assert cards(page)["Cost"] == "unknown"
    assert "$0.00" not in page.told() + " ".join(pictures(page))
    assert "40 requests or captions of unknown cost are not included" in page.told()


def test_latencies_beyond_every_scale_are_within_their_bounds(
    insert_by_sql: InsertBySql, open_page: OpenPage, studio: Studio
) -> None:
    now = dt.datetime.now(dt.UTC)
    for latency in (1.7e308, 1.7e308, *[6 * 3_600_000.0] * 9, 0.0, 1_000.0):
        insert_by_sql(tenant_id="my-team", created_at=now, latency_ms=latency, token_usage=USAGE)
    page = open_page(PAGE, lang="EN", period="7d")
    assert cards(page)["Median latency (p50)"].startswith("≥")
    assert "Percentiles beyond 2.8 hours" in page.told()
