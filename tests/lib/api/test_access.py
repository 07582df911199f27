"""Who is let in: a live key of the right scope that does not ask too often."""

from __future__ import annotations

import uuid

import pytest

from lib.api import access as api_access
from lib.demo.model import DemoModel
from lib.studio import Studio
from tests.lib.api.conftest import BRIEF
from tests.support.api_calls import ClientOf, problem, write


def test_nobody_is_answered_without_a_key_that_is_live(client_of: ClientOf) -> None:
    stranger = client_of(None)
    for told in ("", "Bearer nonsense", f"Bearer fs_{'a' * 20}_{'b' * 43}", "Basic YTpi"):
        answer = stranger.post("/api/v1/feeds", json=BRIEF, headers={"Authorization": told} if told else {})
        assert problem(answer, 401, "not_authenticated")["field"] == "Authorization"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_speaks_for_no_other_team(client_of: ClientOf) -> None:
    client = client_of()
    for named, status in ((None, 200), ("acme", 200), ("other", 404)):
        assert client.get("/api/v1/feeds", params={"tenant_id": named} if named else {}).status_code == status


def test_a_key_does_no_more_than_its_scopes(client_of: ClientOf, demo: DemoModel) -> None:
    reader, writer = client_of(scopes=["read"]), client_of(scopes=["write"])
    problem(write(reader), 403, "scope_missing")
    assert not demo.requests
    feed = write(writer).json()
    problem(writer.get(f"/api/v1/feeds/{feed['instagram_feed_id']}"), 403, "scope_missing")
    assert reader.get(f"/api/v1/feeds/{feed['instagram_feed_id']}").json() == feed


def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    client_of: ClientOf, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_access, "_rates", api_access._Rates())
    object.__setattr__(studio.settings, "api_calls_a_minute", 2)
    client, other = client_of(), client_of("other")
    answers = [client.get(f"/api/v1/feeds/{uuid.uuid4()}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert problem(answers[-1], 429, "too_many_requests")["retryable"]
    problem(other.get(f"/api/v1/feeds/{uuid.uuid4()}"), 404, "feed_not_found")
