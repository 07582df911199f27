"""What is due in a batch happens once, whoever does it."""

from __future__ import annotations

import uuid

from lib.batches import steps
from lib.store import pipeline_jobs
from lib.store.batches import batches
from lib.store.batches.taking import Due
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of


def test_a_batch_without_open_rows_is_done_and_so_is_its_job(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 2)
    steps.take_step(studio, Due("acme", batch_id, "finish"))
    with studio.database.tenant("acme") as db:
        assert batches.get(db, "acme", batch_id).status == "queued", "rows are open still"
    as_owner("UPDATE studio_batch_rows SET status = CASE number WHEN 1 THEN 'written' ELSE 'failed' END")
    for _ in range(2):
        steps.take_step(studio, Due("acme", batch_id, "finish"))
    with studio.database.tenant("acme") as db:
        batch = batches.get(db, "acme", batch_id)
        assert batch.job_id
        assert pipeline_jobs.get(db, "acme", batch.job_id).status == "done"
    assert (batch.status, bool(batch.ended_at), batch.webhook_due_at) == ("done", True, None)


def test_a_job_of_which_nothing_was_written_has_failed(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 1)
    as_owner("UPDATE studio_batch_rows SET status = 'failed'")
    steps.finish(studio, "acme", batch_id)
    assert as_owner("SELECT status FROM jobs") == [("failed",)]


def test_a_pause_that_is_over_ends_unless_a_person_paused_the_batch_meanwhile(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 1)
    as_owner("UPDATE studio_batches SET status = 'paused', paused_because = 'busy', resumes_at = now()")
    steps.take_step(studio, Due("acme", batch_id, "resume"))
    with studio.database.tenant("acme") as db:
        assert batches.get(db, "acme", batch_id).status == "queued"
    as_owner("UPDATE studio_batches SET status = 'paused', paused_because = 'person'")
    steps.take_step(studio, Due("acme", batch_id, "resume"))
    with studio.database.tenant("acme") as db:
        assert batches.get(db, "acme", batch_id).status == "paused"


def test_a_batch_that_was_deleted_meanwhile_is_no_bug(studio: Studio) -> None:
    for step in ("resume", "finish", "webhook"):
        steps.take_step(studio, Due("acme", uuid.uuid4(), step))
