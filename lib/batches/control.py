"""What a person or a program does with a batch after it was created. Each change is one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from lib.domain.batches.rows import RowStatus
from lib.domain.errors import BatchEnded, InvalidBatch, Problem
from lib.store import pipeline_jobs
from lib.store.batches import batches, request_files, rows
from lib.store.batches.batches import Batch
from lib.store.batches.rows import Place
from lib.studio import Studio

PERSON = "person"
"""Why a batch is paused that somebody paused."""
LIMIT = "limit"
"""Why a batch is paused that has spent what it may."""


def pause(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> Batch:
    """Let no further row be sent; what is under way goes on. Returns the batch as it is then.

    A batch that is paused already is paused by a person from then on, so that it does not resume by itself. Raises
    ``BatchNotFound``, and ``BatchEnded`` for one that is done or cancelled.
    """
    with studio.database.tenant(tenant_id) as db:
        batch = _open(batches.get(db, tenant_id, batch_id, lock=True))
        batches.change(
            db,
            tenant_id,
            batch.batch_id,
            status="paused",
            paused_because=PERSON,
            paused_params=None,
            resumes_at=None,
        )
        return batches.get(db, tenant_id, batch_id)


def resume(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> Batch:
    """Let the rows of a paused batch be sent again; one that is not paused stays as it is. Returns it as it is then.

    A batch that has spent its limit pauses itself again at once: raise the limit first. Raises ``BatchNotFound``, and
    ``BatchEnded`` for one that is done or cancelled.
    """
    with studio.database.tenant(tenant_id) as db:
        batch = _open(batches.get(db, tenant_id, batch_id, lock=True))
        if batch.status == "paused":
            go_on(db, batch)
        return batches.get(db, tenant_id, batch_id)


def cancel(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> Batch:
    """End a batch: rows that are waiting are never sent, and what is under way ends and is kept. Returns it.

    Repeating it is harmless. Raises ``BatchNotFound``, and ``BatchEnded`` for one that is done.
    """
    with studio.database.tenant(tenant_id) as db:
        batch = batches.get(db, tenant_id, batch_id, lock=True)
        if batch.status == "done":
            raise BatchEnded
        cancel_open(db, batch)
        return batches.get(db, tenant_id, batch_id)


def retry_failed(
    studio: Studio,
    tenant_id: str,
    batch_id: uuid.UUID,
    places: Collection[Place] | None = None,
    *,
    unknown: bool = False,
) -> int:
    """Have the failed rows written again, in a batch that goes on or has ended; returns how many.

    ``places``: only those of these rows; None: all. ``unknown``: also the rows of which nobody knows what became of
    them. Each row is a new request, because the one before may have been billed. A paused batch stays paused. Raises
    ``BatchNotFound``.
    """
    with studio.database.tenant(tenant_id) as db:
        batch = batches.get(db, tenant_id, batch_id, lock=True)
        statuses: tuple[RowStatus, ...] = ("failed", "unknown") if unknown else ("failed",)
        count = rows.retry(db, tenant_id, batch_id, statuses, places)
        if count and batch.is_ended:
            go_on(db, batch)
        return count


def rewrite(studio: Studio, tenant_id: str, batch_id: uuid.UUID, places: Collection[Place]) -> int:
    """Have rows that are written written again, each by a new request that is paid again; returns how many.

    Rows that are not written stay as they are. A paused batch stays paused. Raises ``BatchNotFound``.
    """
    with studio.database.tenant(tenant_id) as db:
        batch = batches.get(db, tenant_id, batch_id, lock=True)
        count = rows.retry(db, tenant_id, batch_id, ["written"], places)
        if count and batch.is_ended:
            go_on(db, batch)
        return count


def raise_limit(studio: Studio, tenant_id: str, batch_id: uuid.UUID, limit_usd: Decimal | None) -> Batch:
    """Give the batch another limit (None: no limit); one that its old limit had paused goes on. Returns it.

    Raises ``BatchNotFound``, ``BatchEnded`` for one that is done or cancelled, and ``InvalidBatch`` for a limit that
    is not above what was spent already.
    """
    with studio.database.tenant(tenant_id) as db:
        batch = _open(batches.get(db, tenant_id, batch_id, lock=True))
        if limit_usd is not None and not batch.spent_usd < limit_usd < 10**9:
            raise InvalidBatch([Problem("limit_usd", "not_above_spent", {"spent": f"{batch.spent_usd:.4f}"})])
        batches.change(db, tenant_id, batch_id, limit_usd=limit_usd)
        request_files.hurry(db, tenant_id, batch_id)
        if batch.status == "paused" and batch.paused_because == LIMIT:
            go_on(db, batch)
        return batches.get(db, tenant_id, batch_id)


def cancel_open(db: Any, batch: Batch) -> None:
    """End a batch that has not ended, in the caller's transaction; one that has ended stays as it is."""
    batch = batches.get(db, batch.tenant_id, batch.batch_id, lock=True)
    if batch.is_ended:
        return
    rows.cancel_waiting(db, batch.tenant_id, batch.batch_id)
    batches.end(db, batch.tenant_id, batch.batch_id, "cancelled")
    request_files.hurry(db, batch.tenant_id, batch.batch_id)
    if batch.job_id:
        pipeline_jobs.end_step(db, batch.tenant_id, batch.job_id, done=False)


def _open(batch: Batch) -> Batch:
    if batch.is_ended:
        raise BatchEnded
    return batch


def go_on(db: Any, batch: Batch) -> None:
    """Let workers take the rows of a batch, locked by the caller, that was paused or had ended."""
    batches.change(
        db,
        batch.tenant_id,
        batch.batch_id,
        status="queued" if batch.started_at is None else "running",
        paused_because=None,
        paused_params=None,
        resumes_at=None,
        ended_at=None,
        webhook_due_at=None,
        webhook_tries=0,
        webhook_error=None,
    )
    request_files.hurry(db, batch.tenant_id, batch.batch_id)
