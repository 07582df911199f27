"""A row that cannot be recorded fails and holds up no other; a limit is checked before each request."""

from __future__ import annotations

import dataclasses
import uuid
from decimal import Decimal

import pytest

from lib.batches.creation import create
from lib.batches.taking import take
from lib.demo.model import DemoModel
from lib.domain.brief import GenerationOptions
from lib.domain.errors import RateLimited
from lib.generation.submit import Submission
from lib.store import feeds
from lib.store.batches import batches, rows, taking
from lib.store.traffic import limits
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of, new_rows


def take_next(studio: Studio) -> Submission | None:
    with studio.database.directory() as db:
        (lane,) = taking.lanes(db)
    return take(studio, lane)


def test_the_variants_of_a_row_are_one_run_from_different_angles(studio: Studio) -> None:
    create(studio, "acme", new_rows(1, variants=2), source="api")
    taken = [take_next(studio), take_next(studio)]
    generations = [submission.generation for submission in taken if submission and submission.generation]
    assert [generation.variant for generation in generations] == [1, 2]
    assert len({generation.run_id for generation in generations}) == 1
    for submission in taken:
        assert submission
        submission.execute()


def test_a_row_whose_job_was_deleted_fails_and_the_next_is_taken(studio: Studio, as_owner: RunSql) -> None:
    job_id = uuid.uuid4()
    as_owner("INSERT INTO jobs (job_id, tenant_id) VALUES (%s, 'acme')", job_id)
    first, second = new_rows(2)
    first = dataclasses.replace(first, options=GenerationOptions("demo", job_id=job_id))
    batch_id = create(studio, "acme", [first, second], source="api")
    as_owner("DELETE FROM jobs WHERE job_id = %s", job_id)
    submission = take_next(studio)
    assert submission
    submission.execute()
    with studio.database.tenant("acme") as db:
        stored = rows.page(db, "acme", batch_id)
    assert [(row.status, row.error_code) for row in stored] == [("failed", "job_not_found"), ("written", None)]


def test_captions_belong_to_the_job_of_their_batch_as_long_as_there_is_one(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 2)
    for _ in range(2):
        submission = take_next(studio)
        assert submission
        submission.execute()
        as_owner("UPDATE instagram_feeds SET job_id = NULL WHERE job_id IS NULL")
        with studio.database.tenant("acme") as db:
            job_id = batches.get(db, "acme", batch_id).job_id
            feed = feeds.newest(db, "acme")[0]
        assert feed.job_id == job_id
        if job_id:
            as_owner("UPDATE instagram_feeds SET job_id = NULL")
            as_owner("DELETE FROM jobs")
    assert job_id is None


def test_nothing_is_sent_beyond_the_limit(studio: Studio, demo: DemoModel, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 2, limit_usd=Decimal(1))
    as_owner("UPDATE studio_batches SET spent_usd = 1")
    assert take_next(studio) is None
    with studio.database.tenant("acme") as db:
        batch = batches.get(db, "acme", batch_id)
    assert (batch.status, batch.paused_because) == ("paused", "limit")
    assert len(demo.requests) == 0


def test_a_row_beyond_the_teams_limits_waits_and_nothing_is_on_record(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 1)
    with studio.database.tenant("acme") as db:
        limits.put(db, "acme", "demo", requests_a_minute=6)
        assert limits.take(db, "acme", "demo", 1) == 0.0
    with pytest.raises(RateLimited):
        take_next(studio)
    with studio.database.tenant("acme") as db:
        assert [row.status for row in rows.page(db, "acme", batch_id)] == ["waiting"]
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]
    assert list(studio.spool.abandoned()) == []
