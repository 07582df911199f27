"""The job and the overlay that a caption is linked to."""

from __future__ import annotations

import uuid

from lib.demo.model import DemoModel
from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.generation.generate import execute
from lib.studio import Studio
from tests.support.generated import Sql, ends, left_in, stored
from tests.support.generating import recorded, write


def new_job(as_owner: Sql, tenant_id: str) -> uuid.UUID:
    job = as_owner("INSERT INTO jobs (tenant_id, status) VALUES (%s, 'running') RETURNING job_id::text", tenant_id)
    return uuid.UUID(job[0][0])


def test_a_job_and_an_overlay_are_linked(studio: Studio, brief: Brief, as_owner: Sql) -> None:
    job_id = new_job(as_owner, "acme")
    overlay_id = uuid.UUID(as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id::text")[0][0])
    feed = write(studio, brief, GenerationOptions("demo", job_id=job_id, overlay_id=overlay_id))
    assert (feed.job_id, feed.overlay_id) == (job_id, overlay_id)


def test_what_is_not_there_or_belongs_to_another_tenant_is_refused_before_any_request(
    studio: Studio, brief: Brief, demo: DemoModel, as_owner: Sql
) -> None:
    theirs = new_job(as_owner, "other")
    for options, error in (
        (GenerationOptions("demo", job_id=theirs), errors.JobNotFound),
        (GenerationOptions("demo", job_id=uuid.uuid4()), errors.JobNotFound),
        (GenerationOptions("demo", overlay_id=uuid.uuid4()), errors.OverlayNotFound),
    ):
        assert type(ends(studio, brief, options)) is error
    assert len(demo.requests) == 0
    assert left_in(studio.spool) == []
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]


def test_a_job_deleted_while_the_model_writes_does_not_cost_the_answer(
    studio: Studio, brief: Brief, as_owner: Sql
) -> None:
    prepared = recorded(studio, brief, GenerationOptions("demo", job_id=new_job(as_owner, "acme")))
    as_owner("DELETE FROM jobs")
    feed = execute(studio, prepared)
    assert feed.job_id is None
    assert stored(studio) == [feed]
