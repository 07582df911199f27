"""What happens to a batch without anybody's doing: its pause is over, its last row has ended, its webhook is due."""

from __future__ import annotations

import uuid

from lib.batches import economy, webhooks
from lib.batches.control import go_on
from lib.domain.errors import BatchNotFound
from lib.store import pipeline_jobs
from lib.store.batches import batches, rows
from lib.store.batches.taking import Due
from lib.studio import Studio


def take_step(studio: Studio, due: Due) -> None:
    """Do what is due; harmless where another worker did it meanwhile. Raises ``DatabaseAway``."""
    try:
        if due.step == "resume":
            resume(studio, due.tenant_id, due.batch_id)
        elif due.step == "finish":
            finish(studio, due.tenant_id, due.batch_id)
        elif due.step == "economy":
            economy.take_step(studio, due.tenant_id, due.batch_id)
        else:
            webhooks.send_due(studio, due.tenant_id, due.batch_id)
    except BatchNotFound:  # deleted meanwhile
        return


def resume(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> None:
    """Let a batch go on whose pause is over."""
    with studio.database.tenant(tenant_id) as db:
        batch = batches.get(db, tenant_id, batch_id, lock=True)
        if batch.status == "paused" and batch.resumes_at:
            go_on(db, batch)


def finish(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> None:
    """End a batch that has no open row: it is done, and so is its job if any caption was written."""
    with studio.database.tenant(tenant_id) as db:
        batch = batches.get(db, tenant_id, batch_id, lock=True)
        if batch.is_ended or rows.have(db, tenant_id, batch_id, "waiting", "running"):
            return
        batches.end(db, tenant_id, batch_id, "done")
        if batch.job_id:
            done = rows.have(db, tenant_id, batch_id, "written")
            pipeline_jobs.end_step(db, tenant_id, batch.job_id, done=done)
