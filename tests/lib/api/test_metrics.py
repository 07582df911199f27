"""The figures over HTTP are those of the metrics page: of every row, whoever wrote it, with what is not known."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal

import httpx2

from lib.api.metrics import as_metrics
from lib.domain.periods import Period
from lib.metrics import service
from lib.metrics.figures import View
from lib.studio import Studio

USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
DAYS = {"first": "2026-11-02", "last": "2026-11-03"}


def test_what_a_period_took_is_told_as_on_the_page_with_what_is_not_known(
    client: httpx2.Client, studio: Studio, insert_by_sql: Callable[..., uuid.UUID]
) -> None:
    known = {"gpt_model_name": "gpt-4o-mini", "token_usage": USAGE}
    insert_by_sql(created_at="2026-11-02 00:00+09", latency_ms=100.0, **known)
    insert_by_sql(created_at="2026-11-03 23:59:59+09", latency_ms=300.0, **known)
    insert_by_sql(created_at="2026-11-03 12:00+09", gpt_model_name="unheard-of", token_usage=USAGE)
    insert_by_sql(created_at="2026-11-03 12:00+09", token_usage=[1])
    insert_by_sql(created_at="2026-11-04 00:00+09", latency_ms=9_999.0, **known)
    insert_by_sql(created_at="2026-11-03 12:00+09", tenant_id="other", latency_ms=9_999.0, **known)
    told = client.get("/api/v1/metrics", params=DAYS).json()
    total = told["total"]
    assert (total["captions"], total["without_usage"], total["without_price"], total["without_latency"]) == (4, 1, 1, 2)
    assert (total["tokens"]["prompt"], total["tokens"]["completion"]) == (300, 150)
    assert (total["latency_ms"]["avg"], total["latency_ms"]["min"], total["latency_ms"]["max"]) == (200, 100, 300)
    assert float(total["cost_usd"]) > 0
    period = Period(dt.date(2026, 11, 2), dt.date(2026, 11, 3))
    page = service.figures(studio, "acme", View(period))
    assert told | {"as_of": None} == as_metrics(page).model_dump(mode="json") | {"as_of": None}
    assert Decimal(total["cost_usd"]) == page.total.cost_usd
    assert sum(bucket["captions"] for bucket in told["over_time"]) == 4
    by_model = {model["model"]: model["captions"] for model in told["models"]}
    assert by_model == {"gpt-4o-mini": 2, "unheard-of": 1, None: 1}
    both = client.get("/api/v1/metrics", params=DAYS | {"slot": "day", "by": "model", "model": "gpt-4o-mini"}).json()
    days = [(day["begins"], day["model"], day["captions"]) for day in both["models_over_time"]]
    assert days == [("2026-11-02", "gpt-4o-mini", 1), ("2026-11-03", "gpt-4o-mini", 1)]
    assert told["models_over_time"] is None
    only = client.get("/api/v1/metrics", params=DAYS | {"model": "gpt-4o-mini"}).json()
    assert (only["total"]["captions"], only["filters"]) == (2, {"model": "gpt-4o-mini"})
    without_job = client.get("/api/v1/metrics", params=DAYS | {"job_id": "-"}).json()
    assert (without_job["total"]["captions"], without_job["filters"]) == (4, {"job": None})


def test_a_period_without_captions_has_unknown_figures_and_no_zeros(client: httpx2.Client) -> None:
    total = client.get("/api/v1/metrics").json()["total"]
    assert (total["captions"], total["cost_usd"]) == (0, None)
    assert set(total["latency_ms"].values()) == {None}


def test_a_period_that_is_none_is_a_problem(client: httpx2.Client) -> None:
    for wrong in (
        {"first": "2026-11-03", "last": "2026-11-02"},
        {"first": "1900-01-01"},
        {"first": "yesterday"},
        {"last": "0001-01-01"},
        {"last": "9999-12-31"},
    ):
        answer = client.get("/api/v1/metrics", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), wrong
    assert client.get("/api/v1/metrics", params={"tenant_id": "other"}).status_code == 404
