"""A caption as server-sent events."""

from __future__ import annotations

import json

import httpx2

from tests.lib.api.conftest import BRIEF


def test_who_accepts_a_stream_watches_it_being_written(client: httpx2.Client) -> None:
    events = []
    with client.stream("POST", "/api/v1/feeds", json=BRIEF, headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, told = line.partition(": ")
            if name == "event":
                events.append((told, ""))
            elif name == "data":
                events[-1] = (events[-1][0], told)
    assert events[-1][0] == "feed"
    feed = json.loads(events[-1][1])
    assert client.get(f"/api/v1/feeds/{feed['instagram_feed_id']}").json() == feed


def test_a_failure_ends_the_stream_with_its_problem(client: httpx2.Client) -> None:
    answer = client.post(
        "/api/v1/feeds", json=BRIEF | {"model": "demo-refused"}, headers={"Accept": "text/event-stream"}
    )
    name, told = answer.text.strip().split("\n\n")[-1].split("\n")
    assert name == "event: problem"
    failed = json.loads(told.removeprefix("data: "))
    assert (failed["code"], failed["status"]) == ("refused", 502)
    assert failed["attempt_id"]
