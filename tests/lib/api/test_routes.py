"""Addresses, methods and encodings that lead nowhere."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx2
import pytest

from tests.lib.api.conftest import BRIEF
from tests.support.api_calls import problem


def test_an_address_or_method_that_is_not_there_is_a_problem_too(client: httpx2.Client) -> None:
    problem(client.get("/api/v1/nothing"), 404, "no_such_address")
    problem(client.get("/api/v1/feeds/%0A"), 422, "invalid_request")
    problem(client.delete("/api/v1/feeds"), 405, "method_not_allowed")


def test_a_bug_of_ours_tells_nothing_of_itself(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr("lib.api.feeds.feeds.get", broken)
    answer = client.get(f"/api/v1/feeds/{uuid.uuid4()}")
    assert "secret" not in answer.text
    problem(answer, 500, "studio_error")


def test_a_body_that_is_not_called_json_is_answered_with_the_header_to_send(client: httpx2.Client) -> None:
    for content_type in ("application/x-www-form-urlencoded", "text/plain"):
        answer = client.post("/api/v1/feeds", content=json.dumps(BRIEF), headers={"Content-Type": content_type})
        assert answer.status_code == 422
        assert "Content-Type: application/json" in answer.json()["errors"][0]["detail"]


def test_a_body_in_another_encoding_is_answered_with_the_one_to_use(client: httpx2.Client) -> None:
    body = json.dumps(BRIEF, ensure_ascii=False).encode("cp949")
    answer = client.post("/api/v1/feeds", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "UTF-8" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("instant", ["2026-11-01T00:00:00+09:00", "2026-11-01 00:00:00+0900", "2026-11-01T00:00:00Z"])
def test_an_unescaped_plus_is_understood(client: httpx2.Client, instant: str) -> None:
    assert client.get(f"/api/v1/feeds?limit=1&since={instant}").status_code == 200
