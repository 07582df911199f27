"""The step of a job ends with its generation, whoever stores the end, and costs no answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import JobRefused, NeedsFixing, QuotaExceeded, StillWriting
from lib.generation import generate, outcome
from lib.generation.generate import Prepared
from lib.generation.job_links import PIPELINE
from lib.generation.recovery import FORGOTTEN_AFTER, recover, write_off
from lib.store import feeds, generations, pipeline_jobs
from lib.studio import Studio
from tests.support import generating

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def job_id(as_owner: Sql) -> uuid.UUID:
    told = "INSERT INTO jobs (tenant_id, status, current_step) VALUES ('acme', 'queued', 'overlay') RETURNING job_id"
    return uuid.UUID(as_owner(told)[0][0])


@pytest.fixture
def prepared(studio: Studio, brief: Brief, job_id: uuid.UUID) -> Prepared:
    """The step of the job has prepared; its writer is about to die."""
    return recorded_step(studio, brief, GenerationOptions("demo", job_id=job_id), idempotency_key="k")


def recorded_step(studio: Studio, brief: Brief, options: GenerationOptions, **more: Any) -> Prepared:
    return generating.recorded(studio, brief, options, source=PIPELINE, retry_unbilled=True, **more)


def state(as_owner: Sql) -> tuple[Any, ...]:
    return as_owner("SELECT status, current_step FROM jobs")[0]


def test_a_step_whose_process_died_has_failed_once_it_is_recovered(
    studio: Studio, prepared: Prepared, as_owner: Sql
) -> None:
    assert state(as_owner) == ("running", pipeline_jobs.STEP)
    prepared.entry.sending()
    prepared.entry.release()
    assert recover(studio) == 1
    assert state(as_owner) == ("failed", pipeline_jobs.STEP)


def test_a_step_whose_answer_is_found_on_the_disk_is_done(
    studio: Studio, prepared: Prepared, demo: DemoModel, as_owner: Sql
) -> None:
    prepared.entry.sending()
    prepared.entry.head(200, {"content-type": "application/json"})
    prepared.entry.body(b"".join(demo.respond(prepared.payload).chunks))
    prepared.entry.end("complete")
    prepared.entry.release()
    recover(studio)
    assert state(as_owner) == ("done", pipeline_jobs.STEP)
    assert as_owner("SELECT count(*) FROM instagram_feeds AS f JOIN jobs USING (job_id)") == [(1,)]


def test_a_step_that_was_lost_with_its_machine_has_failed(studio: Studio, prepared: Prepared, as_owner: Sql) -> None:
    prepared.entry.discard()
    as_owner("UPDATE studio_generations SET created_at = now() - %s", 2 * FORGOTTEN_AFTER)
    assert write_off(studio) == 1
    assert state(as_owner) == ("failed", pipeline_jobs.STEP)


def test_a_step_whose_answer_a_person_mends_is_done_after_all(
    studio: Studio, brief: Brief, job_id: uuid.UUID, demo: DemoModel, as_owner: Sql
) -> None:
    demo.behaviours.append("over_limit")
    prepared = recorded_step(studio, brief, GenerationOptions("demo", job_id=job_id))
    with pytest.raises(NeedsFixing):
        generate.execute(studio, prepared)
    assert state(as_owner)[0] == "failed"
    outcome.store_fixed(studio, prepared.generation, "고친 글", "#고침")
    assert state(as_owner)[0] == "done"


def test_a_job_that_was_deleted_meanwhile_does_not_cost_the_answer(
    studio: Studio, prepared: Prepared, as_owner: Sql
) -> None:
    as_owner("DELETE FROM jobs")
    assert generate.execute(studio, prepared).job_id is None


def test_a_table_that_does_not_take_the_end_does_not_cost_the_answer(
    studio: Studio, prepared: Prepared, as_owner: Sql, job_id: uuid.UUID
) -> None:
    as_owner("ALTER TABLE jobs ADD CONSTRAINT never_done CHECK (status <> 'done')")
    assert generate.execute(studio, prepared).job_id == job_id
    assert state(as_owner)[0] == "running"


def test_a_job_that_may_not_begin_sends_nothing_and_leaves_nothing(
    studio: Studio, brief: Brief, job_id: uuid.UUID, as_owner: Sql, demo: DemoModel
) -> None:
    as_owner("ALTER TABLE jobs ADD CONSTRAINT never CHECK (status <> 'running')")
    with pytest.raises(JobRefused, match="never"):
        recorded_step(studio, brief, GenerationOptions("demo", job_id=job_id))
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]
    assert not studio.spool.pending()
    assert not demo.requests


def test_what_people_make_for_a_job_leaves_its_state_and_its_step_alone(
    studio: Studio, brief: Brief, job_id: uuid.UUID, as_owner: Sql
) -> None:
    options = GenerationOptions("demo", job_id=job_id)
    made = [generating.write(studio, brief, options, source="page") for _ in range(2)]
    assert state(as_owner) == ("queued", "overlay")
    answer = generating.write(studio, brief, options, source=PIPELINE)
    assert answer in made


def test_a_feed_for_another_overlay_is_not_the_one_that_is_asked_for(
    studio: Studio, brief: Brief, job_id: uuid.UUID, as_owner: Sql
) -> None:
    one, other = (
        uuid.UUID(as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id")[0][0]) for _ in range(2)
    )
    for overlay_id in (one, other):
        prepared = recorded_step(studio, brief, GenerationOptions("demo", job_id=job_id, overlay_id=overlay_id))
        generate.execute(studio, prepared)
    with studio.database.tenant("acme") as db:
        assert {feed.overlay_id for feed in feeds.by_job(db, "acme", job_id)} == {one, other}
    again = generating.write(studio, brief, GenerationOptions("demo", job_id=job_id, overlay_id=one), source=PIPELINE)
    assert again.overlay_id == one


def test_a_late_trace_of_the_request_before_does_not_end_the_one_that_is_being_written(
    studio: Studio, brief: Brief, job_id: uuid.UUID, demo: DemoModel, as_owner: Sql
) -> None:
    """Its process stored how it ended and died before it cleared its trace away."""
    options = GenerationOptions("demo", job_id=job_id)
    demo.behaviours.append("quota")
    first = recorded_step(studio, brief, options, idempotency_key="k")
    with pytest.raises(QuotaExceeded):
        generate.execute(studio, first)
    late = studio.spool.open("acme", first.generation.generation_id, first.attempt_id)
    late.sending()
    late.release()
    with pytest.raises(StillWriting):
        recorded_step(studio, brief, options, idempotency_key="k")
    recover(studio)
    assert state(as_owner)[0] == "failed"
    second = recorded_step(studio, brief, options, idempotency_key="k")
    assert second.generation.generation_id == first.generation.generation_id
    generate.execute(studio, second)
    with studio.database.tenant("acme") as db:
        assert len(feeds.by_job(db, "acme", job_id)) == 1
        generation = generations.by_key(db, "acme", "k")
    assert generation is not None
    assert generation.outcome == "written"
