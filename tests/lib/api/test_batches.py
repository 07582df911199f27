"""A program makes a batch of rows or of a file, watches it, and steers it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from lib.batches.running import Runner
from lib.studio import Studio
from tests.conftest import RunSql
from tests.lib.api.conftest import BRIEF


def made(client: httpx2.Client, count: int = 2, **more: Any) -> str:
    """The address of a new batch."""
    answer = client.post("/api/v1/batches", json={"rows": [BRIEF] * count, **more})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


def test_a_batch_is_accepted_watched_and_read(client: httpx2.Client, studio: Studio) -> None:
    rows = [BRIEF | {"reference": "A-1", "variants": 2}, BRIEF | {"language": "en"}]
    answer = client.post("/api/v1/batches", json={"rows": rows, "name": "가을"})
    assert answer.status_code == 202
    address = f"/api/v1/batches/{answer.json()['batch_id']}"
    assert answer.headers["location"] == address
    queued = client.get(address).json()
    assert (queued["status"], queued["rows"], queued["total"], queued["name"]) == ("queued", {"waiting": 3}, 3, "가을")
    assert [row["findings"] for row in client.get(f"{address}/rows").json()["rows"]] == [None] * 3
    runner = Runner(studio, 3)
    runner.run()
    while client.get(address).json()["status"] != "done":
        pass
    runner.stop()
    done = client.get(address).json()
    assert (done["rows"], done["reasons"], done["spent_usd"]) == ({"written": 3}, {}, 0)
    feed_id = client.get(f"{address}/rows").json()["rows"][0]["instagram_feed_id"]
    client.patch(f"/api/v1/feeds/{feed_id}", json={"instagram_ad_copy": "**식빵**"})
    first = client.get(f"{address}/rows", params={"limit": 2}).json()
    assert [[each["text"] for each in row["findings"]] for row in first["rows"]] == [["**식빵**"], []]
    assert [(row["number"], row["variant"], row["reference"]) for row in first["rows"]] == [
        (1, 1, "A-1"),
        (1, 2, "A-1"),
    ]
    assert all(row["instagram_ad_copy"] for row in first["rows"])
    rest = client.get(f"{address}/rows", params={"after": first["next"], "status": "written"}).json()
    assert ([row["number"] for row in rest["rows"]], rest["next"]) == ([2], None)
    assert client.get("/api/v1/feeds", params={"job_id": done["job_id"]}).json()["feeds"]


def test_everything_wrong_with_the_rows_is_said_and_nothing_is_stored(client: httpx2.Client) -> None:
    wrong = [BRIEF, BRIEF | {"tone_style": " "}, BRIEF | {"product_description": "협찬 제품 빵"}]
    answer = client.post("/api/v1/batches", json={"rows": wrong})
    assert answer.status_code == 422
    fields = {problem["field"] for problem in answer.json()["errors"]}
    assert "rows.2.tone_style" in fields
    assert client.get("/api/v1/batches").json()["batches"] == []
    unreadable: list[Any] = [
        {"rows": []},
        {"rows": [BRIEF | {"variants": 6}]},
        {},
        {"rows": [BRIEF], "webhook_url": "http://a.b"},
    ]
    for body in unreadable:
        assert client.post("/api/v1/batches", json=body).status_code == 422


def test_one_key_is_one_batch(client: httpx2.Client) -> None:
    headers = {"Idempotency-Key": "k"}
    bodies: list[Any] = [{"rows": [BRIEF]}, {"rows": [BRIEF]}, {"rows": [BRIEF] * 2}]
    first, again, other = (client.post("/api/v1/batches", json=body, headers=headers) for body in bodies)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_file_is_a_batch_too(client: httpx2.Client) -> None:
    sheet = "tone_style,product_description,gpt_prompt,note\n따뜻하게,통밀 식빵,짧게,가\n따뜻하게,바게트,짧게,나\n"
    files = {"file": ("breads.csv", sheet.encode("cp949"), "text/csv")}
    answer = client.post("/api/v1/batches", files=files, data={"name": "빵"})
    assert answer.status_code == 202, answer.text
    address = answer.headers["location"]
    rows = client.get(f"{address}/rows").json()["rows"]
    assert [row["brief"]["product_description"] for row in rows] == ["통밀 식빵", "바게트"]
    assert rows[1]["uploaded"][3] == "나"
    wrong = {"file": ("breads.csv", sheet.replace("통밀 식빵", "").encode(), "text/csv")}
    refused = client.post("/api/v1/batches", files=wrong)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "rows.2.product_description")
    assert client.post("/api/v1/batches", files={"file": ("a.pdf", b"%PDF-1.7", "x/y")}).status_code == 422
    no_economy = client.post("/api/v1/batches", files=files, data={"economy": "true"})
    assert (no_economy.status_code, no_economy.json()["code"]) == (422, "no_batch_api")
    assert client.post("/api/v1/batches", files={"other": ("a", b"", "x/y")}).status_code == 422


def test_a_batch_is_paused_resumed_cancelled_and_retried(client: httpx2.Client, as_owner: RunSql) -> None:
    address = made(client)
    assert client.post(f"{address}/pause").json()["paused_because"] == "person"
    assert client.post(f"{address}/resume").json()["status"] == "queued"
    assert client.post(f"{address}/cancel").json()["rows"] == {"cancelled": 2}
    assert client.post(f"{address}/resume").status_code == 409
    as_owner("UPDATE studio_batch_rows SET status = CASE number WHEN 1 THEN 'failed' ELSE 'unknown' END")
    assert client.post(f"{address}/retry", json={}).json() == {"rows": 1}
    assert client.post(f"{address}/retry", json={"unknown": True}).json() == {"rows": 1}


def test_a_limit_is_set_and_changed(client: httpx2.Client, as_owner: RunSql) -> None:
    address = made(client, limit_usd=1.5)
    as_owner("UPDATE studio_batches SET spent_usd = 1.6, status = 'paused', paused_because = 'limit'")
    assert client.patch(address, json={"limit_usd": 1.6}).status_code == 422
    changed = client.patch(address, json={"limit_usd": 2}).json()
    assert (changed["limit_usd"], changed["status"]) == (2, "queued")
    assert client.patch(address, json={"limit_usd": None}).json()["limit_usd"] is None


def test_batches_are_listed_page_by_page(client: httpx2.Client) -> None:
    addresses = [made(client, 1) for _ in range(3)]
    first = client.get("/api/v1/batches", params={"limit": 2}).json()
    rest = client.get("/api/v1/batches", params={"limit": 2, "after": first["next"]}).json()
    listed = [f"/api/v1/batches/{batch['batch_id']}" for batch in first["batches"] + rest["batches"]]
    assert listed == addresses[::-1]


def test_another_team_finds_no_batch_and_a_reader_makes_none(client_of: Callable[..., httpx2.Client]) -> None:
    address = made(client_of("acme"))
    other = client_of("other")
    assert other.get(address).status_code == other.get(f"{address}/rows").status_code == 404
    for step in ("pause", "resume", "cancel"):
        assert other.post(f"{address}/{step}").status_code == 404
    assert other.post("/api/v1/batches", json={"rows": [BRIEF | {"tenant_id": "acme"}]}).status_code == 404
    reader = client_of("acme", scopes=["read"])
    assert reader.post("/api/v1/batches", json={"rows": [BRIEF]}).status_code == 403
    assert reader.get(f"/api/v1/batches/{uuid.uuid4()}").status_code == 404


def test_a_batch_may_be_larger_than_other_requests(client: httpx2.Client) -> None:
    made(client, 300)
    assert client.post("/api/v1/feeds", json=BRIEF | {"gpt_prompt": "x" * 70_000}).status_code == 413


def test_with_a_webhook_the_secret_that_signs_it_is_told(client: httpx2.Client) -> None:
    body = {"rows": [BRIEF], "webhook_url": "https://example.com/hook"}
    assert client.post("/api/v1/batches", json=body).json()["webhook_secret"].startswith("whsec_")


@pytest.mark.parametrize("after", ["x", "1", "1.2.3", "99999999999.1"])
def test_a_cursor_that_is_none_is_refused(client: httpx2.Client, after: str) -> None:
    assert client.get(f"{made(client)}/rows", params={"after": after}).status_code == 422
