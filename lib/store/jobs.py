"""The pipeline's jobs and overlays, as far as a generation refers to them."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, select

from lib.errors import JobNotFound, OverlayNotFound
from lib.store.tables import Job, OverlayLayout


def require(db: Connection, tenant_id: str, job_id: uuid.UUID) -> None:
    """Make sure that the tenant has this job. Raises :class:`lib.errors.JobNotFound`, also for another tenant's."""
    mine = select(Job.job_id).where(Job.tenant_id == tenant_id, Job.job_id == job_id)
    if db.scalar(mine) is None:
        raise JobNotFound(job_id=job_id)


def require_overlay(db: Connection, overlay_id: uuid.UUID) -> None:
    """Make sure that this overlay exists; the pipeline's overlays name no tenant.

    Raises :class:`lib.errors.OverlayNotFound`.
    """
    if db.scalar(select(OverlayLayout.overlay_id).where(OverlayLayout.overlay_id == overlay_id)) is None:
        raise OverlayNotFound(overlay_id=overlay_id)
