"""Feeds over HTTP: written once, paid once, answered again, and told in problem details when they fail."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from lib.api.feeds import PAGE_BYTES
from lib.api.schemas import FeedPage
from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import DatabaseAway
from lib.feeds.workflow import FOLLOWING
from lib.generation import generate, outcome
from lib.generation.generate import Prepared
from lib.generation.job_links import PIPELINE
from lib.generation.recovery import recover
from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.lib.api.conftest import BRIEF
from tests.support.api_calls import ClientOf, Sql, problem, write
from tests.support.generating import recorded


def job_of(as_owner: Sql, tenant_id: str = "acme") -> str:
    return str(as_owner("INSERT INTO jobs (tenant_id) VALUES (%s) RETURNING job_id::text", tenant_id)[0][0])


def state_of(as_owner: Sql, job_id: str) -> tuple[Any, ...]:
    return as_owner("SELECT status, current_step FROM jobs WHERE job_id = %s", job_id)[0]


def test_a_brief_becomes_a_stored_feed_that_can_be_read_again(client: httpx2.Client, as_owner: Sql) -> None:
    made = write(client, tenant_id="acme", temperature=0.5, language="en")
    assert made.status_code == 201
    feed = made.json()
    assert feed | BRIEF == feed
    assert (feed["tenant_id"], feed["gpt_temperature"], feed["job_id"]) == ("acme", 0.5, None)
    assert feed["instagram_ad_copy"]
    assert feed["token_usage"]["total_tokens"] > 0
    assert client.get(made.headers["location"]).json() == feed
    assert as_owner("SELECT source FROM studio_generations") == [("api",)]


def test_half_an_emoji_of_a_text_cut_short_is_left_out(client: httpx2.Client) -> None:
    body = json.dumps(BRIEF | {"product_description": "통밀 \ud83c식빵"})
    made = client.post("/api/v1/feeds", content=body, headers={"content-type": "application/json"})
    assert (made.status_code, made.json()["product_description"]) == (201, "통밀 식빵")
    change = json.dumps({"instagram_ad_copy": "새 글\udf5e"})
    address = f"/api/v1/feeds/{made.json()['instagram_feed_id']}"
    changed = client.patch(address, content=change, headers={"content-type": "application/json"})
    assert (changed.status_code, changed.json()["instagram_ad_copy"]) == (200, "새 글")


def test_another_tenants_feed_is_not_there(client_of: ClientOf, client: httpx2.Client) -> None:
    feed, other = write(client).json(), client_of("other")
    address = f"/api/v1/feeds/{feed['instagram_feed_id']}"
    problem(other.get(address), 404, "feed_not_found")
    problem(other.patch(address, json={"hashtags": ""}), 404, "feed_not_found")
    assert problem(write(other, tenant_id="acme"), 404, "tenant_not_found")["field"] == "tenant_id"
    assert client.get(address).json() == feed


def test_the_same_key_gets_the_same_answer_and_is_paid_once(client: httpx2.Client, demo: DemoModel) -> None:
    first, again = write(client, "one"), write(client, '"one"')
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert len(demo.requests) == 1


def test_the_same_key_with_another_body_is_refused(client: httpx2.Client, demo: DemoModel) -> None:
    write(client, "one")
    assert problem(write(client, "one", tone_style="재치 있게"), 422, "key_reused")["field"] == "Idempotency-Key"
    assert len(demo.requests) == 1


@pytest.mark.parametrize("model", [None, "demo"], ids=["no model named", "a model named"])
def test_the_same_key_and_body_are_answered_again_when_the_server_has_another_default_model(
    client: httpx2.Client, studio: Studio, demo: DemoModel, model: str | None
) -> None:
    body = {"model": model} if model else {}
    first = write(client, "one", **body)
    object.__setattr__(studio.settings, "openai_model", "demo-slow")
    again = write(client, "one", **body)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(demo.requests) == 1
    problem(write(client, "one", model="demo-slow"), 422, "key_reused")


def begin(studio: Studio, key: str | None = None, **options: Any) -> Prepared:
    """A call whose first half has been done: it is on record, and nothing has been sent."""
    return recorded(
        studio,
        Brief("acme", **BRIEF),
        GenerationOptions("demo", **options),
        source=PIPELINE,
        model_is_default=True,
        idempotency_key=f"api:{key}" if key else None,
        stream=False,
    )


def test_while_the_first_is_being_written_the_second_is_told_to_come_back(
    client: httpx2.Client, studio: Studio, demo: DemoModel, as_owner: Sql
) -> None:
    job_id = job_of(as_owner)
    first = begin(studio, "one", job_id=uuid.UUID(job_id))
    for key in ("one", "two", None):
        answer = write(client, key, job_id=job_id)
        assert problem(answer, 409, "still_writing")["retryable"]
        assert answer.headers["retry-after"] == "2"
    assert state_of(as_owner, job_id) == ("running", "instagram_feed_gen")
    feed = generate.execute(studio, first)
    replayed, answered = write(client, "one", job_id=job_id), write(client, "two", job_id=job_id)
    assert (replayed.status_code, answered.status_code) == (201, 200)
    assert replayed.json() == answered.json()
    assert replayed.json()["instagram_feed_id"] == str(feed.instagram_feed_id)
    assert len(demo.requests) == 1


def test_a_failure_that_may_have_been_billed_stays_the_answer_of_its_key(
    client: httpx2.Client, demo: DemoModel
) -> None:
    first, again = (write(client, "one", model="demo-refused") for _ in range(2))
    told = problem(first, 502, "refused")
    assert told == again.json()
    assert told["key_is_spent"]
    assert told["attempt_id"]
    assert len(demo.requests) == 1


def test_a_failure_that_cost_nothing_is_tried_again_under_its_key(
    client: httpx2.Client, demo: DemoModel, as_owner: Sql
) -> None:
    demo.behaviours.append("quota")
    answer = write(client, "one")
    assert problem(answer, 503, "quota_exceeded")["key_is_spent"] is False
    assert int(answer.headers["retry-after"]) > 0
    second, third = write(client, "one"), write(client, "one")
    assert second.status_code == 201
    assert second.json() == third.json()
    assert len(demo.requests) == 2
    assert as_owner("SELECT number, outcome FROM studio_attempts ORDER BY number") == [(1, "failed"), (2, "written")]
    assert as_owner("SELECT count(*), count(finished_at) FROM studio_generations") == [(1, 1)]


def test_after_a_crash_the_same_key_finds_what_became_of_it(
    client: httpx2.Client, studio: Studio, demo: DemoModel
) -> None:
    prepared = begin(studio, "one")
    prepared.entry.sending()
    prepared.entry.release()  # its process died after it had sent the request
    studio.running.clear()
    problem(write(client, "one"), 409, "still_writing")
    recover(studio)
    assert problem(write(client, "one"), 504, "server_died")["attempt_id"] == str(prepared.attempt_id)
    assert not demo.requests


def test_after_a_crash_before_sending_the_same_key_is_written_after_all(
    client: httpx2.Client, studio: Studio, demo: DemoModel
) -> None:
    prepared = begin(studio, "one")
    prepared.entry.release()
    studio.running.clear()
    recover(studio)
    assert write(client, "one").status_code == 201
    assert len(demo.requests) == 1


def test_a_job_is_done_with_its_feed_and_answers_with_it_from_then_on(
    client: httpx2.Client, as_owner: Sql, demo: DemoModel
) -> None:
    job_id = job_of(as_owner)
    first, again = write(client, job_id=job_id), write(client, job_id=job_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["job_id"] == job_id
    assert state_of(as_owner, job_id) == ("done", "instagram_feed_gen")
    assert len(demo.requests) == 1
    another = write(client, job_id=job_id, another=True)
    assert another.status_code == 201
    assert another.json()["instagram_feed_id"] != first.json()["instagram_feed_id"]


def test_a_failed_step_leaves_its_job_to_be_tried_again(client: httpx2.Client, as_owner: Sql, demo: DemoModel) -> None:
    job_id = job_of(as_owner)
    demo.behaviours.append("empty")
    problem(write(client, job_id=job_id), 502, "empty")
    assert state_of(as_owner, job_id) == ("failed", "instagram_feed_gen")
    assert write(client, job_id=job_id).status_code == 201
    assert state_of(as_owner, job_id) == ("done", "instagram_feed_gen")


def test_calls_for_one_job_at_once_are_written_once(client: httpx2.Client, as_owner: Sql, demo: DemoModel) -> None:
    job_id = job_of(as_owner)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: write(client, f"key {number}"[:3], job_id=job_id), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert sum("idempotency-replayed" not in answer.headers and answer.status_code == 201 for answer in answers) == 1
    assert len(demo.requests) == 1


def test_a_late_repetition_of_a_call_that_cost_nothing_finds_the_feed_that_another_key_brought(
    client: httpx2.Client, as_owner: Sql, demo: DemoModel
) -> None:
    job_id = job_of(as_owner)
    demo.behaviours.append("quota")
    write(client, "first", job_id=job_id)
    feed = write(client, "second", job_id=job_id).json()
    late = write(client, "first", job_id=job_id)
    assert (late.status_code, late.json()) == (200, feed)
    assert len(demo.requests) == 2


def test_a_job_or_overlay_that_is_not_the_tenants_is_refused_before_money_is_spent(
    client: httpx2.Client, as_owner: Sql, demo: DemoModel
) -> None:
    theirs = job_of(as_owner, "other")
    for job_id in (theirs, str(uuid.uuid4())):
        assert problem(write(client, job_id=job_id), 422, "job_not_found")["field"] == "job_id"
    assert problem(write(client, overlay_id=str(uuid.uuid4())), 422, "overlay_not_found")["field"] == "overlay_id"
    assert not demo.requests
    assert state_of(as_owner, theirs) == (None, None)
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]


def test_texts_and_links_are_changed_and_the_rest_stays(client: httpx2.Client, as_owner: Sql) -> None:
    feed, job_id = write(client).json(), job_of(as_owner)
    address = f"/api/v1/feeds/{feed['instagram_feed_id']}"
    changed = client.patch(address, json={"instagram_ad_copy": "고친 글", "job_id": job_id}).json()
    assert changed["updated_at"] > feed["updated_at"]
    same = {"instagram_ad_copy", "job_id", "updated_at"}
    assert {name: value for name, value in changed.items() if name not in same} == {
        name: value for name, value in feed.items() if name not in same
    }
    assert (changed["instagram_ad_copy"], changed["job_id"]) == ("고친 글", job_id)
    assert client.patch(address, json={"job_id": None}).json()["job_id"] is None
    assert client.patch(address, json={}).status_code == 200
    assert state_of(as_owner, job_id) == (None, None), "what people link leaves the pipeline's state alone"


def test_a_change_that_is_wrong_or_late_changes_nothing(client: httpx2.Client) -> None:
    feed = write(client).json()
    address = f"/api/v1/feeds/{feed['instagram_feed_id']}"
    wrong = client.patch(address, json={"hashtags": "#a1 #b1 #c1 #d1 #e1 #f1", "instagram_ad_copy": "글"})
    assert problem(wrong, 422, "invalid_caption")["errors"][0]["code"] == "too_many_hashtags"
    problem(client.patch(address, json={"job_id": str(uuid.uuid4()), "hashtags": ""}), 422, "job_not_found")
    problem(client.patch(address, json={"hashtags": None}), 422, "invalid_request")
    problem(client.patch(address, json={"unheard_of": 1}), 422, "invalid_request")
    late = client.patch(address, json={"hashtags": "", "seen": "2020-01-01T00:00:00Z"})
    problem(late, 409, "feed_changed")
    assert client.get(address).json() == feed
    assert client.patch(address, json={"hashtags": "", "seen": feed["updated_at"]}).status_code == 200


def test_an_unclear_disclosure_is_approved_with_a_reason_alone(client: httpx2.Client, as_owner: Sql) -> None:
    feed = write(client, sponsorship="product").json()
    address = f"/api/v1/feeds/{feed['instagram_feed_id']}"
    assert feed["findings"] == []
    bare = client.patch(address, json={"instagram_ad_copy": "체험단으로 다녀온 빵집", "hashtags": ""}).json()
    assert [(each["kind"], each["code"], each["text"]) for each in bare["findings"]] == [
        ("disclosure", "disclosure_unclear", "체험단")
    ]
    for change in ({"status": "approved"}, {"status": "approved", "acknowledged": " "}):
        refused = problem(client.patch(address, json=change), 409, "disclosure_unconfirmed")
        assert [each["code"] for each in refused["errors"]] == ["disclosure_unclear"]
    assert client.get(address).json()["status"] == "draft"
    approved = client.patch(address, json={"status": "approved", "acknowledged": "사진에 적혀 있어요"})
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert as_owner("SELECT acknowledged FROM studio_feed_moves WHERE acknowledged IS NOT NULL") == [
        ("사진에 적혀 있어요",)
    ]
    late = {"instagram_ad_copy": "빵집", "status": "posted", "acknowledged": "댓글에 적었어요"}
    assert client.patch(address, json=late).json()["status"] == "posted"


def test_what_was_changed_in_the_answer_of_a_model_is_told(client: httpx2.Client, insert_by_sql: InsertBySql) -> None:
    content = {"instagram_ad_copy": "**식빵**", "hashtags": ["#2+1"]}
    response = {"choices": [{"message": {"content": json.dumps(content)}, "finish_reason": "stop"}]}
    feed_id = insert_by_sql(instagram_ad_copy="식빵", hashtags="#2플러스1", gpt_response_raw=response)
    warnings = client.get(f"/api/v1/feeds/{feed_id}").json()["warnings"]
    assert [(each["field"], each["code"]) for each in warnings] == [
        ("hashtags", "hashtag_changed"),
        ("instagram_ad_copy", "mended_markdown"),
    ]
    assert "#2플러스1" in warnings[0]["detail"]


def test_a_status_that_may_not_follow_is_refused_and_nothing_is_changed(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = write(client).json()
    address = f"/api/v1/feeds/{feed['instagram_feed_id']}"
    monkeypatch.setitem(FOLLOWING, "draft", frozenset({"in_review"}))
    answer = client.patch(address, json={"status": "posted", "hashtags": "#새것"})
    assert "draft" in problem(answer, 409, "move_not_allowed")["detail"]
    assert client.get(address).json() == feed


def test_a_state_is_changed_and_kept_with_who_changed_it(client: httpx2.Client, as_owner: Sql) -> None:
    feed = write(client).json()
    assert (feed["status"], feed["favourite"]) == ("draft", False)
    address = f"/api/v1/feeds/{feed['instagram_feed_id']}"
    changed = client.patch(address, json={"status": "posted", "favourite": True, "hashtags": "#새것"}).json()
    assert (changed["status"], changed["favourite"]) == ("posted", True)
    assert client.get(address).json() == changed
    assert as_owner("SELECT from_status, to_status, person FROM studio_feed_moves") == [
        ("draft", "posted", "API: test")
    ]
    assert as_owner("SELECT kind, person FROM studio_feed_versions ORDER BY number DESC LIMIT 1") == [
        ("edit", "API: test")
    ]
    assert client.patch(address, json={"status": "lost"}).status_code == 422


def test_feeds_are_listed_page_by_page_newest_first_whoever_wrote_them(
    client: httpx2.Client, insert_by_sql: Callable[..., uuid.UUID], as_owner: Sql
) -> None:
    job_id = job_of(as_owner)
    made = [
        str(insert_by_sql(created_at=f"2026-11-{day:02} 00:00+00", job_id=job_id if day % 2 else None))
        for day in range(1, 6)
    ]
    insert_by_sql(tenant_id="other")

    def listed(**asked: Any) -> list[str]:
        ids: list[str] = []
        while True:
            page = client.get("/api/v1/feeds", params=asked).json()
            ids += [one["instagram_feed_id"] for one in page["feeds"]]
            if page["next"] is None:
                return ids
            asked["after"] = page["next"]

    assert listed(limit=2) == listed(limit=5) == listed(tenant_id="acme") == made[::-1]
    assert listed(job_id=job_id, limit=1) == made[::-2]
    assert listed(experiment=str(uuid.uuid4())) == []
    assert listed(since="2026-11-02T00:00:00Z", until="2026-11-04T09:00:00+09:00") == [made[2], made[1]]
    client.patch(f"/api/v1/feeds/{made[0]}", json={"status": "archived"})
    assert listed() == made[:0:-1]
    assert listed(status="archived") == made[:1]
    assert listed(status="any") == made[::-1]


def test_a_list_that_cannot_be_made_is_a_problem(client: httpx2.Client) -> None:
    problem(client.get("/api/v1/feeds", params={"after": "nonsense"}), 422, "invalid_filter")
    problem(client.get("/api/v1/feeds", params={"since": "2026-11-01T00:00:00"}), 422, "invalid_request")
    problem(client.get("/api/v1/feeds", params={"limit": 0}), 422, "invalid_request")
    problem(client.get("/api/v1/feeds", params={"experiment": "말투"}), 422, "invalid_filter")
    problem(client.get("/api/v1/feeds", params={"since": "0001-01-01T00:00:00+16:00"}), 422, "invalid_request")
    assert client.get("/api/v1/feeds", params={"until": "2026-11-01T00:00:00-16:41"}).status_code == 200
    problem(client.get("/api/v1/feeds", params={"tenant_id": "other"}), 404, "tenant_not_found")


def test_a_row_of_another_program_that_json_has_no_word_for_is_told_without_it(
    client: httpx2.Client, insert_by_sql: Callable[..., uuid.UUID]
) -> None:
    feed_id = insert_by_sql(latency_ms=float("nan"), gpt_temperature=float("inf"), created_at=None, token_usage=[1])
    (feed,) = client.get("/api/v1/feeds").json()["feeds"]
    assert (feed["instagram_feed_id"], feed["latency_ms"], feed["gpt_temperature"]) == (str(feed_id), None, None)
    assert (feed["created_at"], feed["token_usage"]) == (None, [1])


def test_a_database_that_is_away_is_told_as_such_and_when_to_come_back(client: httpx2.Client, studio: Studio) -> None:
    here, studio.database = studio.database, Database("postgresql://nobody@127.0.0.1:1/nothing")
    try:
        answer = client.get("/api/v1/feeds")
    finally:
        studio.database = here
    assert problem(answer, 503, "database_away")["retryable"]
    assert answer.headers["retry-after"] == "5"


def test_an_answer_that_waits_for_the_database_is_found_under_its_key(
    client: httpx2.Client, studio: Studio, demo: DemoModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = outcome.store

    def away(*_: Any) -> Any:
        monkeypatch.setattr(outcome, "store", finish)
        raise DatabaseAway

    monkeypatch.setattr(outcome, "store", away)
    told = problem(write(client, "one"), 503, "answer_kept")
    assert (told["retryable"], told["key_is_spent"]) == (True, False)
    recover(studio)
    assert write(client, "one").status_code == 201
    assert len(demo.requests) == 1


def test_a_feed_that_the_database_does_not_take_is_told_with_its_attempt(client: httpx2.Client, as_owner: Sql) -> None:
    as_owner("ALTER TABLE instagram_feeds ADD CONSTRAINT refuses CHECK (tone_style IS NULL)")
    told = problem(write(client, "one"), 409, "feed_refused")
    assert told["attempt_id"]
    assert told["key_is_spent"]


def test_a_row_of_any_shape_is_listed_with_its_neighbours(
    client: httpx2.Client, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    insert_by_sql()
    odd = insert_by_sql(latency_ms=float("inf"), token_usage={"total_tokens": [["deep"]]})
    for column, document in (
        ("gpt_response_raw", '{"a": ' * 3_000 + "1" + "}" * 3_000),
        ("token_usage", '{"prompt_tokens": 1e400, "total_tokens": ' + "9" * 5_000 + "}"),
    ):
        as_owner(f"UPDATE instagram_feeds SET {column} = %s WHERE instagram_feed_id = %s", document, odd)
    as_owner("INSERT INTO studio_feed_states VALUES ('acme', %s, 'frozen')", odd)
    answer = client.get("/api/v1/feeds", params={"status": "any"})
    assert answer.status_code == 200, answer.text
    rows = {row["instagram_feed_id"]: row for row in answer.json()["feeds"]}
    assert len(rows) == 2
    assert rows[str(odd)]["status"] == "frozen"
    assert client.get(f"/api/v1/feeds/{odd}").json()["gpt_response_raw"].startswith('{"a": ')
    assert FeedPage.model_validate_json(answer.content).next is None


def test_a_list_says_of_a_caption_what_its_own_address_says(client: httpx2.Client, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(latency_ms=float("nan"))
    feed_id = insert_by_sql(
        product_description="식빵 6,900원", instagram_ad_copy="식빵 4,900원", token_usage={"prompt_tokens": 7},
        gpt_response_raw={"id": "long " * 1_000},
    )  # fmt: skip
    alone = client.get(f"/api/v1/feeds/{feed_id}").json()
    assert alone["findings"]
    for _ in ("checked now", "as it was kept"):
        first = client.get("/api/v1/feeds", params={"fields": "gpt_response_raw"}).json()["feeds"][0]
        assert first == alone
        assert list(first) == list(alone)
    client.patch(f"/api/v1/feeds/{feed_id}", json={"instagram_ad_copy": "식빵 6,900원"})
    assert client.get("/api/v1/feeds").json()["feeds"][0]["findings"] == []


def test_a_list_holds_raw_answers_on_request(client: httpx2.Client, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(gpt_response_raw={"id": "long " * 1_000})
    [without] = client.get("/api/v1/feeds").json()["feeds"]
    [with_answer] = client.get("/api/v1/feeds", params={"fields": "gpt_response_raw"}).json()["feeds"]
    assert with_answer.pop("gpt_response_raw") == {"id": "long " * 1_000}
    assert with_answer.pop("warnings") == []
    assert with_answer == without
    assert client.get("/api/v1/feeds", params={"fields": "everything"}).status_code == 422


def test_a_page_of_long_texts_ends_early_and_the_next_goes_on(
    client: httpx2.Client, insert_by_sql: InsertBySql
) -> None:
    for _ in range(5):
        insert_by_sql(tenant_id="acme", gpt_prompt="가" * (PAGE_BYTES // 3 // 3))  # three bytes each
    insert_by_sql(tenant_id="acme", gpt_prompt="가" * PAGE_BYTES)  # more than a page may hold
    pages, after = [], None
    while True:
        page = client.get("/api/v1/feeds", params={"limit": 10} | ({"after": after} if after else {})).json()
        pages.append([feed["instagram_feed_id"] for feed in page["feeds"]])
        after = page["next"]
        if after is None:
            break
    assert [len(ids) for ids in pages] == [1, 2, 2, 1]
    assert len({feed_id for ids in pages for feed_id in ids}) == 6
