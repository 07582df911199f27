"""Files of requests for OpenAI's Batch API: rows of ``studio_request_files``, each held by one step at a time."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, text, update
from sqlalchemy import delete as delete_from

from lib.domain.batches.request_file import FileStatus
from lib.store.batches.row_ends import after
from lib.store.tables import Attempt
from lib.store.tables import RequestFile as Table


@dataclass(frozen=True)
class RequestFile:
    """One file; instants are aware and in UTC. ``studio_request_files`` says what each field means."""

    tenant_id: str
    file_id: uuid.UUID
    batch_id: uuid.UUID
    model: str
    status: FileStatus
    requests: int
    size: int
    most: int
    most_usd: Decimal
    is_limited: bool
    input_file_id: str | None
    input_expires_at: dt.datetime | None
    input_deleted_at: dt.datetime | None
    remote_id: str | None
    remote_status: str | None
    completed: int | None
    failed: int | None
    error_code: str | None
    error_params: dict[str, Any] | None
    claim_id: uuid.UUID | None
    created_at: dt.datetime
    sent_at: dt.datetime | None
    over_at: dt.datetime | None
    ended_at: dt.datetime | None


@dataclass(frozen=True)
class OpenRequest:
    """A request of a file whose end is not known."""

    attempt_id: uuid.UUID
    generation_id: uuid.UUID
    request: dict[str, Any]
    line: int
    """Its place in the file, from 1."""


_COLUMNS = [Table.__table__.c[item.name] for item in fields(RequestFile)]
_MODELS = text("""
    SELECT DISTINCT r.model FROM studio_batch_rows AS r
    WHERE r.tenant_id = :tenant AND r.batch_id = :batch AND r.status = 'waiting'
      AND (r.not_before IS NULL OR r.not_before <= clock_timestamp())
""")


def _this(tenant_id: str, file_id: uuid.UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Table.tenant_id == tenant_id, Table.file_id == file_id


def add(db: Connection, tenant_id: str, batch_id: uuid.UUID, model: str, most: int) -> None:
    """Store a file to which at most so many rows are added from now on."""
    values = {"tenant_id": tenant_id, "file_id": uuid.uuid4(), "batch_id": batch_id, "model": model, "most": most}
    db.execute(insert(Table).values(values))


def waiting_models(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> list[str]:
    """The models of which rows of the batch wait, and may be sent now."""
    return list(db.scalars(_MODELS, {"tenant": tenant_id, "batch": batch_id}))


def of_batch(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> list[RequestFile]:
    """The files of a batch, the oldest first."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id, Table.batch_id == batch_id)
    return [RequestFile(*row) for row in db.execute(statement.order_by(Table.created_at, Table.file_id))]


def get(db: Connection, tenant_id: str, file_id: uuid.UUID) -> RequestFile | None:
    """One file, or None if the tenant has none of this id."""
    row = db.execute(select(*_COLUMNS).where(*_this(tenant_id, file_id))).first()
    return RequestFile(*row) if row else None


def claim(db: Connection, tenant_id: str, file_id: uuid.UUID, seconds: float) -> RequestFile | None:
    """The file, if a step of it is due; nobody else gets it for so many seconds."""
    due = Table.due_at <= func.clock_timestamp()
    values = {"claim_id": uuid.uuid4(), "due_at": after(seconds)}
    row = db.execute(update(Table).where(*_this(tenant_id, file_id), due).values(values).returning(*_COLUMNS)).first()
    return RequestFile(*row) if row else None


def change(db: Connection, file: RequestFile, due_in_s: float | None, **columns: Any) -> bool:
    """Give columns of a claimed file new values; its next step is due in so many seconds (None: never).

    False, without a change, where somebody else has claimed it meanwhile.
    """
    values = columns | {"due_at": None if due_in_s is None else after(due_in_s)}
    mine = (*_this(file.tenant_id, file.file_id), Table.claim_id == file.claim_id)
    return bool(db.execute(update(Table).where(*mine).values(values)).rowcount)


def change_open(db: Connection, tenant_id: str, batch_id: uuid.UUID, **columns: Any) -> None:
    """Give columns of all files of a batch that have not ended new values."""
    mine = (Table.tenant_id == tenant_id, Table.batch_id == batch_id, Table.ended_at.is_(None))
    db.execute(update(Table).where(*mine).values(columns))


def hurry(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> None:
    """Let the next step of each open file of a batch be due now, because a person has changed the batch."""
    change_open(db, tenant_id, batch_id, due_at=func.clock_timestamp(), is_limited=False)


def delete(db: Connection, file: RequestFile) -> None:
    """Delete a file that holds no request."""
    db.execute(delete_from(Table).where(*_this(file.tenant_id, file.file_id)))


def open_requests(db: Connection, file: RequestFile) -> list[OpenRequest]:
    """The requests of a file that have no end, in the order of its lines."""
    everything = (
        select(
            Attempt.attempt_id,
            Attempt.generation_id,
            Attempt.request,
            func.row_number().over(order_by=(Attempt.created_at, Attempt.attempt_id)).label("line"),
            Attempt.outcome,
        )
        .where(
            Attempt.tenant_id == file.tenant_id,
            Attempt.process_id == file.file_id,
            Attempt.created_at >= file.created_at,  # the index has it
        )
        .subquery()
    )
    *columns, outcome = everything.c
    statement = select(*columns).where(outcome.is_(None)).order_by(everything.c.line)
    return [OpenRequest(*row) for row in db.execute(statement)]
