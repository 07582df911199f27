"""The threads that calls wait in."""

from __future__ import annotations

import threading

import httpx2

from lib.generation.submit import slot
from lib.studio import Studio
from tests.support.api_calls import Sql, problem, write


def test_a_full_server_says_so_before_anything_is_recorded(
    client: httpx2.Client, as_owner: Sql, studio: Studio
) -> None:
    studio.pipeline_slots = threading.BoundedSemaphore(1)
    with slot(studio):
        answer = write(client)
    assert problem(answer, 503, "server_full")["retryable"]
    assert answer.headers["retry-after"] == "5"
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]
    assert [write(client).status_code for _ in range(2)] == [201, 201], "a place is free again when its feed is written"
