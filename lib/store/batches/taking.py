"""How a worker finds work: the batches that are due, and the next row of one of them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Uuid, bindparam, func, select, text, update

from lib.domain.batches.rows import Status
from lib.domain.errors import StudioError
from lib.store.database import at_commit
from lib.store.tables import Batch as BatchTable
from lib.store.tables import BatchRow as Table

Step = Literal["resume", "finish", "economy", "webhook"]
"""What is due: the end of a pause, the end of a batch without open rows, a step of a batch that goes through the Batch
API, the webhook of a batch that has ended."""


@dataclass(frozen=True)
class Lane:
    """The rows of one batch that ask the same model."""

    tenant_id: str
    batch_id: uuid.UUID
    model: str


@dataclass(frozen=True)
class Due:
    """A step that is due."""

    tenant_id: str
    batch_id: uuid.UUID
    step: Step


@dataclass(frozen=True)
class OpenBatch:
    """What taking a row starts from."""

    status: Status
    limit_usd: Decimal | None
    spent_usd: Decimal
    job_id: uuid.UUID | None


@dataclass(frozen=True)
class TakenRow:
    """A row that is running from this transaction on."""

    number: int
    variant: int
    brief: dict[str, Any]
    options: dict[str, Any]
    tries: int
    generation_id: uuid.UUID
    is_new: bool
    """Whether this try has no generation yet."""


_BATCH = (BatchTable.tenant_id == bindparam("of_tenant"), BatchTable.batch_id == bindparam("of_batch"))
_OPEN_COLUMNS: list[Any] = [BatchTable.status, BatchTable.limit_usd, BatchTable.spent_usd, BatchTable.job_id]
_OPEN = select(*_OPEN_COLUMNS).where(*_BATCH)
_RUN = """
    UPDATE studio_batches SET status = 'running', started_at = coalesce(started_at, clock_timestamp())
    WHERE tenant_id = %s AND batch_id = %s AND status = 'queued'
"""
# Materialized: a join may read its other side anew for each row, and so would take more than one.
_TAKE = text("""
    WITH next AS MATERIALIZED (
        SELECT number, variant FROM studio_batch_rows
        WHERE tenant_id = :tenant AND batch_id = :batch AND status = 'waiting' AND model = :model
          AND (not_before IS NULL OR not_before <= clock_timestamp())
        ORDER BY number, variant LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE studio_batch_rows AS r
    SET status = 'running', started_at = coalesce(r.started_at, clock_timestamp()), finished_at = NULL,
        generation_id = coalesce(r.generation_id, :generation)
    FROM next
    WHERE r.tenant_id = :tenant AND r.batch_id = :batch AND r.number = next.number AND r.variant = next.variant
    RETURNING r.number, r.variant, r.brief, r.options, r.tries, r.generation_id
""").bindparams(bindparam("generation", type_=Uuid()))
_FAIL = (
    update(Table)
    .where(
        Table.tenant_id == bindparam("of_tenant"),
        Table.batch_id == bindparam("of_batch"),
        Table.number == bindparam("at_number"),
        Table.variant == bindparam("at_variant"),
        Table.status == "waiting",
    )
    .values(
        status="failed",
        error_code=bindparam("code"),
        error_params=bindparam("params", type_=Table.__table__.c.error_params.type),
        finished_at=func.clock_timestamp(),
    )
)


def lanes(db: Connection) -> list[Lane]:
    """The batches of all tenants that have rows to be sent now, by model, the oldest batch first.

    ``db`` is a transaction of :meth:`Database.directory`.
    """
    return [Lane(*row) for row in db.execute(text("SELECT tenant_id, batch_id, model FROM studio_batch_lanes()"))]


def due(db: Connection) -> list[Due]:
    """What is due in the batches of all tenants. ``db`` is a transaction of :meth:`Database.directory`."""
    return [Due(*row) for row in db.execute(text("SELECT tenant_id, batch_id, step FROM studio_batches_due()"))]


def open_batch(db: Connection, lane: Lane) -> OpenBatch | None:
    """The lane's batch as it is now, if it is queued or running; else None."""
    row = db.execute(_OPEN, {"of_tenant": lane.tenant_id, "of_batch": lane.batch_id}).first()
    return OpenBatch(*row) if row and row.status in ("queued", "running") else None


def run(db: Connection, lane: Lane) -> None:
    """Record with the transaction's commit that a queued batch is running: all threads begin at its one row."""
    at_commit(db, _RUN, lane.tenant_id, lane.batch_id)


def take(db: Connection, lane: Lane) -> TakenRow | None:
    """The lane's next row, running from this transaction on; None where no row waits that nobody else takes now."""
    new_id = uuid.uuid4()
    params = {"tenant": lane.tenant_id, "batch": lane.batch_id, "model": lane.model, "generation": new_id}
    row = db.execute(_TAKE, params).first()
    return TakenRow(**row._mapping, is_new=row.generation_id == new_id) if row else None


def fail(db: Connection, lane: Lane, row: TakenRow, error: StudioError) -> None:
    """Let a waiting row fail that could not even be recorded."""
    params = json.loads(json.dumps(error.as_json(), default=str))  # ids among them
    this = {"of_tenant": lane.tenant_id, "of_batch": lane.batch_id, "at_number": row.number, "at_variant": row.variant}
    db.execute(_FAIL, this | {"code": error.code, "params": params})
