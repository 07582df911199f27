"""Whoever watches over the server needs no key and learns no detail."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from lib.api import health
from lib.store import migrations


@pytest.fixture
def stranger(client_of: Callable[..., httpx2.Client], monkeypatch: pytest.MonkeyPatch) -> httpx2.Client:
    monkeypatch.setattr(health, "CACHED_S", -1.0)
    return client_of(None)


def test_a_server_with_its_database_and_a_writer_is_ready(stranger: httpx2.Client) -> None:
    assert [stranger.get(path).json() for path in ("/healthz", "/readyz")] == [{"status": "ok"}, {"status": "ready"}]


def test_it_is_not_ready_with_an_older_schema_or_without_its_database(
    stranger: httpx2.Client, as_owner: Callable[..., object]
) -> None:
    as_owner(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '0001'")
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
    assert answer.headers["retry-after"]
    as_owner(f"DROP TABLE {migrations.VERSION_TABLE}")
    assert stranger.get("/readyz").status_code == 503
    assert stranger.get("/healthz").status_code == 200
