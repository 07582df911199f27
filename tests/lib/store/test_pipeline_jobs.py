"""The pipeline's tables as they are found: poor, rich, or with a mind of their own."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from lib.domain.errors import JobNotFound, JobRefused, OverlayNotFound, OverlayOfAnotherJob
from lib.store import pipeline_jobs
from lib.store.database import Database
from lib.store.pipeline_jobs import STEP, Overlay
from tests.conftest import InsertBySql, RunSql

RICHER = """
ALTER TABLE jobs ADD store_id uuid, ADD version text, ADD retry_count int DEFAULT 0;
ALTER TABLE overlay_layouts ADD job_variants_id uuid, ADD x_ratio numeric, ADD y_ratio numeric,
    ADD width_ratio numeric, ADD height_ratio numeric;
CREATE TABLE jobs_variants (job_variants_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), job_id uuid);
"""


@pytest.fixture
def job(as_owner: RunSql) -> Any:
    """A new job of a tenant's."""

    def made(tenant_id: str = "acme", status: Any = "queued") -> Any:
        told = "INSERT INTO jobs (tenant_id, status) VALUES (%s, %s) RETURNING job_id"
        return uuid.UUID(as_owner(told, tenant_id, status)[0][0])

    return made


@pytest.fixture
def richer(database: Database, as_owner: RunSql) -> Any:
    """A pipeline's database whose variants tell whose an overlay is."""
    as_owner(RICHER)
    database.migrate()

    def overlay(of_job: Any, **ratios: Any) -> Any:
        variant = as_owner("INSERT INTO jobs_variants (job_id) VALUES (%s) RETURNING job_variants_id", of_job)[0][0]
        names = ("x_ratio", "y_ratio", "width_ratio", "height_ratio")
        told = "INSERT INTO overlay_layouts (job_variants_id, x_ratio, y_ratio, width_ratio, height_ratio) "
        values = [ratios.get(name) for name in names]
        return uuid.UUID(as_owner(told + "VALUES (%s, %s, %s, %s, %s) RETURNING overlay_id", variant, *values)[0][0])

    return overlay


def state(as_owner: RunSql, job_id: Any) -> Any:
    return as_owner("SELECT status, current_step FROM jobs WHERE job_id = %s", job_id)[0]


def test_a_job_is_only_its_tenants(database: Database, job: Any) -> None:
    job_id = job()
    with database.tenant("acme") as db:
        pipeline_jobs.require(db, "acme", job_id)
        assert pipeline_jobs.lock(db, "acme", job_id)
        assert pipeline_jobs.get(db, "acme", job_id).status == "queued"
    with database.tenant("other") as db:
        for refused in (pipeline_jobs.require, pipeline_jobs.get, pipeline_jobs.overlays):
            with pytest.raises(JobNotFound):
                refused(db, "other", job_id)
        assert not pipeline_jobs.lock(db, "other", job_id)
        assert pipeline_jobs.recent(db, "other") == []


def test_a_job_that_does_not_exist_is_not_found(database: Database) -> None:
    with database.tenant("acme") as db, pytest.raises(JobNotFound):
        pipeline_jobs.require(db, "acme", uuid.uuid4())


def test_an_overlay_has_to_exist(database: Database, as_owner: RunSql) -> None:
    overlay_id = uuid.UUID(as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id")[0][0])
    with database.tenant("acme") as db:
        pipeline_jobs.require_overlay(db, "acme", overlay_id)
        with pytest.raises(OverlayNotFound):
            pipeline_jobs.require_overlay(db, "acme", uuid.uuid4())


def test_an_overlay_whose_variant_tells_its_job_is_checked_against_it(
    database: Database, job: Any, richer: Any
) -> None:
    mine, other, theirs = job(), job(), job("other")
    overlay_id, of_theirs = richer(mine), richer(theirs)
    with database.tenant("acme") as db:
        pipeline_jobs.require_overlay(db, "acme", overlay_id)
        pipeline_jobs.require_overlay(db, "acme", overlay_id, mine)
        with pytest.raises(OverlayOfAnotherJob):
            pipeline_jobs.require_overlay(db, "acme", overlay_id, other)
        for job_id in (None, mine):
            with pytest.raises(OverlayNotFound):
                pipeline_jobs.require_overlay(db, "acme", of_theirs, job_id)


def test_an_overlay_whose_variant_tells_nothing_may_be_anybodys(
    database: Database, as_owner: RunSql, job: Any, richer: Any
) -> None:
    loose = uuid.UUID(as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id")[0][0])
    with database.tenant("acme") as db:
        pipeline_jobs.require_overlay(db, "acme", loose, job())


def test_where_the_pipelines_variants_may_not_be_read_nothing_is_known_of_them(
    database: Database, as_owner: RunSql, job: Any, richer: Any
) -> None:
    overlay_id = richer(job())
    as_owner("REVOKE SELECT ON jobs_variants FROM feed_studio_app")
    with database.tenant("acme") as db:
        pipeline_jobs.require_overlay(db, "acme", overlay_id, job())


def test_a_step_runs_and_is_done_or_has_failed(database: Database, as_owner: RunSql, job: Any) -> None:
    done, failed = job(), job()
    for job_id, end in ((done, True), (failed, False)):
        with database.tenant("acme") as db:
            pipeline_jobs.begin_step(db, "acme", job_id)
        assert state(as_owner, job_id) == ("running", STEP)
        with database.tenant("acme") as db:
            assert pipeline_jobs.end_step(db, "acme", job_id, done=end) is None
    assert (state(as_owner, done), state(as_owner, failed)) == (("done", STEP), ("failed", STEP))


def test_nothing_but_status_and_step_is_written_and_nothing_that_stands_there_already(
    database: Database, as_owner: RunSql, job: Any
) -> None:
    job_id = job()
    as_owner("CREATE TABLE heard (of_job uuid)")
    as_owner("GRANT INSERT ON heard TO feed_studio_app")
    as_owner("CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql AS "
             "$$ BEGIN INSERT INTO heard VALUES (NEW.job_id); RETURN NEW; END $$")  # fmt: skip
    as_owner("CREATE TRIGGER hear AFTER UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION hear()")
    before = as_owner("SELECT to_jsonb(jobs) - 'status' - 'current_step' FROM jobs")
    for _ in range(2):
        with database.tenant("acme") as db:
            pipeline_jobs.begin_step(db, "acme", job_id)
    assert as_owner("SELECT count(*) FROM heard") == [(1,)]
    for _ in range(2):
        with database.tenant("acme") as db:
            pipeline_jobs.end_step(db, "acme", job_id, done=True)
    assert as_owner("SELECT count(*) FROM heard") == [(2,)]
    assert as_owner("SELECT to_jsonb(jobs) - 'status' - 'current_step' FROM jobs") == before


def test_a_job_that_has_moved_on_or_is_done_is_left_alone(database: Database, as_owner: RunSql, job: Any) -> None:
    moved, ended = job(), job()
    for job_id in (moved, ended):
        with database.tenant("acme") as db:
            pipeline_jobs.begin_step(db, "acme", job_id)
    as_owner("UPDATE jobs SET current_step = 'next' WHERE job_id = %s", moved)
    as_owner("UPDATE jobs SET status = 'done' WHERE job_id = %s", ended)
    with database.tenant("acme") as db:
        pipeline_jobs.end_step(db, "acme", moved, done=True)
        pipeline_jobs.end_step(db, "acme", ended, done=False)
    assert (state(as_owner, moved), state(as_owner, ended)) == (("running", "next"), ("done", STEP))


@pytest.mark.parametrize("column", ["status", "current_step"])
def test_a_table_without_the_column_is_told_what_it_can_hold(
    database: Database, as_owner: RunSql, job: Any, column: Any
) -> None:
    job_id = job()
    as_owner(f"ALTER TABLE jobs DROP COLUMN {column}")
    with database.tenant("acme") as db:
        pipeline_jobs.begin_step(db, "acme", job_id)
        pipeline_jobs.end_step(db, "acme", job_id, done=True)
        assert len(pipeline_jobs.recent(db, "acme")) == 1
    other = {"status": ("current_step", STEP), "current_step": ("status", "done")}[column]
    assert as_owner(f"SELECT {other[0]} FROM jobs") == [(other[1],)]


def test_a_bare_table_stays_as_it_is(database: Database, as_owner: RunSql, job: Any) -> None:
    job_id = job()
    as_owner("ALTER TABLE jobs DROP status, DROP current_step, DROP created_at, DROP updated_at")
    as_owner("ALTER TABLE overlay_layouts DROP layout")
    with database.tenant("acme") as db:
        pipeline_jobs.begin_step(db, "acme", job_id)
        pipeline_jobs.end_step(db, "acme", job_id, done=True)
        assert pipeline_jobs.recent(db, "acme") == [pipeline_jobs.PipelineJob(job_id)]
        assert pipeline_jobs.overlays(db, "acme", job_id) == []


def test_a_table_that_refuses_is_told_before_the_money_is_spent_and_costs_no_answer_afterwards(
    database: Database, as_owner: RunSql, job: Any
) -> None:
    job_id = job()
    as_owner("ALTER TABLE jobs ADD CONSTRAINT never CHECK (status IN ('queued', 'running'))")
    with database.tenant("acme") as db:
        pipeline_jobs.begin_step(db, "acme", job_id)
    with database.tenant("acme") as db:
        assert "never" in str(pipeline_jobs.end_step(db, "acme", job_id, done=True))
        assert pipeline_jobs.get(db, "acme", job_id).status == "running", "the transaction goes on"
    as_owner("UPDATE jobs SET status = 'queued'")
    as_owner("ALTER TABLE jobs DROP CONSTRAINT never, ADD CONSTRAINT not_now CHECK (status = 'queued')")
    with pytest.raises(JobRefused, match="not_now"), database.tenant("acme") as db:
        pipeline_jobs.begin_step(db, "acme", job_id)


def test_the_newest_jobs_come_first_with_what_their_table_tells(
    database: Database, as_owner: RunSql, job: Any, richer: Any
) -> None:
    older, newer = job(), job(status="done")
    as_owner("UPDATE jobs SET updated_at = now() - interval '1 day', version = 'v1', retry_count = 2 WHERE job_id = %s",
             older)  # fmt: skip
    with database.tenant("acme") as db:
        found = pipeline_jobs.recent(db, "acme")
    assert [one.job_id for one in found] == [newer, older]
    assert (found[1].version, found[1].retry_count, found[0].status) == ("v1", 2, "done")
    assert found[0].created_at
    assert found[0].created_at.tzinfo


def test_a_jobs_overlays_are_its_variants_and_those_of_its_feeds(
    database: Database, as_owner: RunSql, insert_by_sql: InsertBySql, job: Any, richer: Any
) -> None:
    job_id = job()
    own, other = richer(job_id, x_ratio=0.1, y_ratio=0.2, width_ratio=0.5, height_ratio=0.25), richer(job())
    layout = '{"x": 0.5}'
    told = "INSERT INTO overlay_layouts (layout) VALUES (%s) RETURNING overlay_id"
    linked = uuid.UUID(as_owner(told, layout)[0][0])
    insert_by_sql(job_id=job_id, overlay_id=linked)
    with database.tenant("acme") as db:
        found = {one.overlay_id: one for one in pipeline_jobs.overlays(db, "acme", job_id)}
    assert found[own] == Overlay(own, 0.1, 0.2, 0.5, 0.25, None)
    assert found[linked].layout == {"x": 0.5}
    assert other not in found
