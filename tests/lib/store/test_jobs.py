"""A generation may refer to the tenant's own jobs, and to overlays that exist."""

import uuid

import pytest

from lib.errors import JobNotFound, OverlayNotFound
from lib.store import jobs


def test_a_tenant_has_its_own_jobs_only(database, as_owner):
    job_id = uuid.UUID(as_owner("INSERT INTO jobs (tenant_id) VALUES ('acme') RETURNING job_id")[0][0])
    with database.tenant("acme") as db:
        jobs.require(db, "acme", job_id)
    with database.tenant("other") as db, pytest.raises(JobNotFound):
        jobs.require(db, "other", job_id)


def test_an_unknown_job_is_refused(database):
    with database.tenant("acme") as db, pytest.raises(JobNotFound):
        jobs.require(db, "acme", uuid.uuid4())


def test_an_overlay_has_to_exist(database, as_owner):
    overlay_id = uuid.UUID(as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id")[0][0])
    with database.tenant("acme") as db:
        jobs.require_overlay(db, "acme", overlay_id)
        with pytest.raises(OverlayNotFound):
            jobs.require_overlay(db, "acme", uuid.uuid4())
