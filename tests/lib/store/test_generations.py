"""Each generation is on record once under its key, belongs to its team, and is found by what became of it."""

from __future__ import annotations

import datetime as dt
import uuid

from lib.store import attempts, generations
from lib.store.database import Database
from tests.conftest import InsertBySql, RunSql
from tests.support.recorded import ATTEMPT, record


def test_a_key_that_was_used_records_neither_a_generation_nor_an_attempt(database: Database) -> None:
    first, _ = record(database, idempotency_key="order 7")
    again, attempt_id = record(database, idempotency_key="order 7")
    record(database, "rival", idempotency_key="order 7")
    with database.tenant("acme") as db:
        assert not generations.add(db, again, attempt_id, ATTEMPT)
        assert attempts.get(db, "acme", attempt_id) is None
        for found in (generations.by_key(db, "acme", "order 7"), generations.lock_key(db, "acme", "order 7")):
            assert found
            assert found.generation_id == first.generation_id


def test_an_end_settles_the_attempt_and_finishes_its_generation_once(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    new, attempt_id = record(database)
    feed_id = insert_by_sql()
    with database.tenant("acme") as db:
        assert generations.end(db, "acme", attempt_id, feed_id, {"outcome": "written", "latency_ms": 7.0})
        assert not generations.end(db, "acme", attempt_id, None, {"outcome": "refused"})
        [attempt] = attempts.of_generation(db, "acme", new.generation_id)
        assert (attempt.outcome, attempt.latency_ms) == ("written", 7.0)
        ended = generations.of_feed(db, "acme", feed_id)
        assert ended
        assert (ended.generation_id, ended.outcome) == (new.generation_id, "written")
        assert ended.finished_at
        generations.reopen(db, "acme", new.generation_id)
        reopened = generations.lock(db, "acme", new.generation_id)
        assert reopened
        assert (reopened.outcome, reopened.finished_at) == (None, None)


def test_the_unfinished_are_those_that_were_recorded_before_the_instant(database: Database) -> None:
    job_id = uuid.uuid4()
    waiting, _ = record(database, source="api", options={"job_id": str(job_id)})
    ended, attempt_id = record(database)
    both = [waiting.generation_id, ended.generation_id, uuid.uuid4()]
    with database.tenant("acme") as db:
        generations.end(db, "acme", attempt_id, None, {"outcome": "refused"})
        later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
        assert [each.generation_id for each in generations.unfinished(db, "acme", before=later)] == both[:1]
        assert generations.unfinished(db, "acme", before=later - dt.timedelta(days=1)) == []
        assert generations.finished(db, "acme", both) == {ended.generation_id}
        of_job = generations.unfinished_of_job(db, "acme", job_id, "api")
        assert of_job
        assert of_job.generation_id == waiting.generation_id
        assert generations.unfinished_of_job(db, "acme", job_id, "page") is None


def test_the_recent_are_newest_first_with_a_caption_where_they_brought_one(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    first, attempt_id = record(database)
    feed_id = insert_by_sql(instagram_ad_copy="가" * 6_000)
    with database.tenant("acme") as db:
        generations.end(db, "acme", attempt_id, feed_id, {"outcome": "written"})
    second, _ = record(database, brief={"product_description": "tea"})
    with database.tenant("acme") as db:
        listed = generations.recent(db, "acme")
        assert [(each.run_id, each.product_description) for each in listed] == [
            (second.run_id, "tea"),
            (first.run_id, "bread"),
        ]
        assert [len(each.instagram_ad_copy or "") for each in listed] == [0, generations.LONGEST_TEXT]
        assert len(generations.recent(db, "acme", limit=1)) == 1
        assert generations.recent_briefs(db, "acme", 1) == [{"product_description": "tea"}]
        newest = generations.newest(db, "acme")
        assert newest
        assert newest.generation_id == second.generation_id


def test_a_generation_that_is_deleted_with_its_caption_is_remembered_as_deleted(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    new, attempt_id = record(database)
    feed_id = insert_by_sql()
    with database.tenant("acme") as db:
        generations.end(db, "acme", attempt_id, feed_id, {"outcome": "written"})
        assert generations.delete_of_feed(db, "acme", feed_id) == [new.generation_id]
        assert generations.get(db, "acme", new.generation_id) is None
        assert attempts.get(db, "acme", attempt_id) is None
        assert generations.deleted(db, "acme", [new.generation_id, uuid.uuid4()]) == {new.generation_id}
        assert generations.delete_of_feed(db, "acme", feed_id) == []


def test_deletions_are_remembered_of_what_had_ended_and_for_a_month(database: Database, as_owner: RunSql) -> None:
    (ended, attempt_id), (under_way, _) = record(database), record(database)
    with database.tenant("acme") as db:
        generations.end(db, "acme", attempt_id, None, {"outcome": "refused"})
    as_owner("INSERT INTO studio_deleted_generations VALUES ('left', gen_random_uuid(), now() - interval '31 days'),"
             " ('rival', gen_random_uuid(), now() - interval '29 days')")  # fmt: skip
    as_owner("DELETE FROM studio_generations")
    assert as_owner("SELECT tenant_id FROM studio_deleted_generations ORDER BY 1") == [("acme",), ("rival",)]
    with database.tenant("acme") as db:
        both = [ended.generation_id, under_way.generation_id]
        assert generations.deleted(db, "acme", both) == {ended.generation_id}


def test_another_team_finds_nothing_of_it(database: Database, insert_by_sql: InsertBySql) -> None:
    parent = insert_by_sql()
    new, attempt_id = record(database, idempotency_key="order 7", parent_feed_id=parent)
    with database.tenant("acme") as db:
        assert [each.generation_id for each in generations.children(db, "acme", parent)] == [new.generation_id]
        assert [each.variant for each in generations.of_run(db, "acme", new.run_id)] == [1]
    with database.tenant("rival") as db:
        for tenant_id in ("rival", "acme"):
            assert generations.get(db, tenant_id, new.generation_id) is None
            assert generations.by_key(db, tenant_id, "order 7") is None
            assert generations.of_run(db, tenant_id, new.run_id) == []
            assert generations.children(db, tenant_id, parent) == []
            assert generations.recent(db, tenant_id) == []
            assert not generations.end(db, tenant_id, attempt_id, None, {"outcome": "refused"})
