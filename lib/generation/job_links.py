"""What a generation is for: the pipeline's job and overlay, the job's step, and the row of a batch."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from lib.domain.brief import GenerationOptions
from lib.generation import batch_row
from lib.store import pipeline_jobs
from lib.store.generations import Generation

log = logging.getLogger(__name__)

PIPELINE = "api"
"""The source whose generations are steps of their jobs; what people make for a job leaves the job's state alone."""


def require_links(db: Any, tenant_id: str, job_id: uuid.UUID | None, overlay_id: uuid.UUID | None) -> None:
    """Check that the tenant has the job and the overlay, where they are named, and that they belong together.

    Raises ``JobNotFound``, ``OverlayNotFound`` or ``OverlayOfAnotherJob``.
    """
    if job_id:
        pipeline_jobs.require(db, tenant_id, job_id)
    if overlay_id:
        pipeline_jobs.require_overlay(db, tenant_id, overlay_id, job_id)


def job_of(generation: Generation) -> uuid.UUID | None:
    """The job whose step the generation is, if it is one."""
    return GenerationOptions.from_json(generation.options).job_id if generation.source == PIPELINE else None


def lock_job(db: Any, generation: Generation) -> None:
    """Lock the row of the generation's job until the transaction ends, so that its step begins and ends once.

    Call it first in a transaction that ends with :func:`end_links`: the order of locks is the job, then the rest.
    """
    job_id = job_of(generation)
    if job_id:
        pipeline_jobs.lock(db, generation.tenant_id, job_id)


def end_links(db: Any, generation: Generation, *, done: bool) -> None:
    """Set the job to done or failed, and end the row of the batch, in the transaction that stores the generation's end.

    A table of jobs that refuses it costs no answer: the refusal is logged.
    """
    batch_row.end(db, generation)
    job_id = job_of(generation)
    if job_id:
        refused = pipeline_jobs.end_step(db, generation.tenant_id, job_id, done=done)
        if refused:
            log.warning("the end of the step of job %s was not stored: %s", job_id, refused)
