"""Calls of the API, and what its answers say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from tests.lib.api.conftest import BRIEF

Sql = Callable[..., list[tuple[Any, ...]]]


ClientOf = Callable[..., httpx2.Client]


def write(client: httpx2.Client, key: str | None = None, **brief: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/v1/feeds", json=BRIEF | brief, headers=headers)


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"].endswith(code)
    return told
