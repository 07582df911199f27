"""The pipeline's job and overlay that a generation is for, and the job's step."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from lib.domain.brief import GenerationOptions
from lib.store import pipeline_jobs
from lib.store.generations import Generation

log = logging.getLogger(__name__)

PIPELINE = "api"
"""The door through which a pipeline's job has its step done; what people make for a job leaves its state alone."""


def require_links(db: Any, tenant_id: str, job_id: uuid.UUID | None, overlay_id: uuid.UUID | None) -> None:
    """Make sure that the tenant has the job and the overlay, where they are named, and that they go together.

    Raises ``JobNotFound``, ``OverlayNotFound`` or ``OverlayOfAnotherJob``.
    """
    if job_id:
        pipeline_jobs.require(db, tenant_id, job_id)
    if overlay_id:
        pipeline_jobs.require_overlay(db, tenant_id, overlay_id, job_id)


def job_of(asked: Generation) -> uuid.UUID | None:
    """The job whose step the generation is, if it is one."""
    return GenerationOptions.from_json(asked.options).job_id if asked.source == PIPELINE else None


def lock_job(db: Any, asked: Generation) -> None:
    """Let nobody else begin or end the step; first thing in a transaction that ends it with :func:`end_job_step`."""
    job_id = job_of(asked)
    if job_id:
        pipeline_jobs.lock(db, asked.tenant_id, job_id)


def end_job_step(db: Any, asked: Generation, *, done: bool) -> None:
    """Tell the job whose step the generation was how the step ended, in the transaction that stores the end itself."""
    job_id = job_of(asked)
    if job_id:
        refused = pipeline_jobs.end_step(db, asked.tenant_id, job_id, done=done)
        if refused:
            log.warning("job %s could not be told how its step ended: %s", job_id, refused)
