"""The figures over HTTP are of every row, whoever wrote it, and count what is not known."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import httpx2

USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}


def test_what_a_period_took_is_told_with_what_is_not_known(
    client: httpx2.Client, insert_by_sql: Callable[..., uuid.UUID]
) -> None:
    known = {"gpt_model_name": "gpt-4o-mini", "token_usage": USAGE}
    insert_by_sql(created_at="2026-11-02 00:00+09", latency_ms=100.0, **known)
    insert_by_sql(created_at="2026-11-03 23:59:59+09", latency_ms=300.0, **known)
    insert_by_sql(created_at="2026-11-03 12:00+09", gpt_model_name="unheard-of", token_usage=USAGE)
    insert_by_sql(created_at="2026-11-03 12:00+09", latency_ms=float("nan"), token_usage=[1])
    insert_by_sql(created_at="2026-11-04 00:00+09", latency_ms=9_999.0, **known)
    insert_by_sql(created_at="2026-11-03 12:00+09", tenant_id="other", latency_ms=9_999.0, **known)
    told = client.get("/api/v1/metrics", params={"first": "2026-11-02", "last": "2026-11-03"}).json()
    assert told["total"] | {"cost_usd": None} == {
        "captions": 4,
        "tokens": {"prompt": 300, "completion": 150},
        "cost_usd": None,
        "without_usage": 1,
        "without_price": 1,
        "without_latency": 2,
        "latency_ms": {"avg": 200.0, "min": 100.0, "max": 300.0},
    }
    assert float(told["total"]["cost_usd"]) > 0
    utc = {"first": "2026-11-02", "last": "2026-11-03", "time_zone": "UTC"}
    assert client.get("/api/v1/metrics", params=utc).json()["total"]["captions"] == 4


def test_a_period_without_captions_has_unknown_figures_and_no_zeros(client: httpx2.Client) -> None:
    total = client.get("/api/v1/metrics").json()["total"]
    assert (total["captions"], total["cost_usd"]) == (0, None)
    assert set(total["latency_ms"].values()) == {None}


def test_a_period_that_is_none_is_a_problem(client: httpx2.Client) -> None:
    for wrong in (
        {"first": "2026-11-03", "last": "2026-11-02"},
        {"first": "2000-01-01"},
        {"first": "yesterday"},
        {"time_zone": "../etc/passwd"},
        {"last": "0001-01-01"},
    ):
        answer = client.get("/api/v1/metrics", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), wrong
    assert client.get("/api/v1/metrics", params={"tenant_id": "other"}).status_code == 404
