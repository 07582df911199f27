"""The document of the API, for people and for programs."""

from __future__ import annotations

import re

import httpx2

from lib import __version__


def test_the_document_tells_of_the_key_of_every_problem_and_of_the_stream(address: str) -> None:
    document = httpx2.get(f"{address}/api/openapi.json").json()
    assert document["servers"] == [{"url": "/api"}]
    post = document["paths"]["/v1/feeds"]["post"]
    assert post["security"]
    assert set(post["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    for status, answer in post["responses"].items():
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]
    assert "Retry-After" in post["responses"]["503"]["headers"]


def test_the_document_for_people_comes_from_this_server_alone(address: str) -> None:
    page = httpx2.get(f"{address}/api/docs").text
    asked = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(asked) == 4
    for path in asked:
        if path != "data:,":
            assert path.startswith("/api/docs/")
            assert httpx2.get(address + path).status_code == 200
    assert "/api/openapi.json" in httpx2.get(f"{address}/api/docs/start.js").text


def test_the_document_has_the_version_of_the_release(client: httpx2.Client) -> None:
    assert client.get("/api/openapi.json").json()["info"]["version"] == __version__
