"""Batches: rows of ``studio_batches``, and how far each of them is."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from lib.domain.batches.rows import ENDED, RowStatus, Status
from lib.domain.cursor import Cursor
from lib.domain.errors import BatchNotFound
from lib.store import pagination
from lib.store.pagination import Page
from lib.store.tables import Batch as Table

RATE_WITHIN_S = 60
"""The rate of a batch is that of its rows that ended within so many seconds."""


@dataclass(frozen=True)
class Batch:
    """One batch; instants are aware and in UTC, costs in USD. ``studio_batches`` says what each field means."""

    tenant_id: str
    batch_id: uuid.UUID
    job_id: uuid.UUID | None
    name: str
    source: str
    status: Status
    paused_because: str | None
    paused_params: dict[str, Any] | None
    resumes_at: dt.datetime | None
    columns: list[str]
    limit_usd: Decimal | None
    spent_usd: Decimal
    estimated_usd: Decimal | None
    idempotency_key: str | None
    fingerprint: str
    economy: bool
    webhook_url: str | None
    webhook_due_at: dt.datetime | None
    webhook_tries: int
    webhook_error: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None

    @property
    def is_ended(self) -> bool:
        """Whether it is done or cancelled. Rows that were under way when it was cancelled may end later."""
        return self.status in ENDED


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    rows: dict[RowStatus, int] = field(default_factory=dict)
    """How many rows have each status; without an entry, none."""
    reasons: dict[str, int] = field(default_factory=dict)
    """How many rows failed, or are unknown, for each reason: the code of a ``StudioError``."""
    without_cost: int = 0
    """How many requests were billed at a price that is not known, and so are not in ``spent_usd``."""
    rows_a_minute: float | None = None
    """Of the last :data:`RATE_WITHIN_S` seconds; None where no row ended in them."""
    seconds_left: float | None = None
    """Until all rows have ended, at that rate; None where it is not known."""

    @property
    def total(self) -> int:
        """All rows, whatever their status."""
        return sum(self.rows.values())

    @property
    def ended(self) -> int:
        """The rows that are neither waiting nor running."""
        return self.total - self.open

    @property
    def open(self) -> int:
        """The rows that are waiting or running."""
        return self.rows.get("waiting", 0) + self.rows.get("running", 0)


_COLUMNS = [Table.__table__.c[item.name] for item in fields(Batch)]
_MINE = Table.tenant_id == bindparam("tenant")
_THIS = Table.batch_id == bindparam("batch")
_GET = select(*_COLUMNS).where(_MINE, _THIS)
_BY_KEY = select(*_COLUMNS).where(_MINE, Table.idempotency_key == bindparam("key"))
_PROGRESS = text("""
    SELECT batch_id, status, error_code, count(*), sum(without_cost),
           count(*) FILTER (WHERE finished_at > now() - make_interval(secs => :within)),
           extract(epoch FROM now() - min(started_at))
    FROM studio_batch_rows WHERE tenant_id = :tenant AND batch_id = ANY(CAST(:batches AS uuid[]))
    GROUP BY batch_id, status, error_code
""")


def add(db: Connection, tenant_id: str, batch_id: uuid.UUID, **columns: Any) -> bool:
    """Store a batch; False if the tenant has used its idempotency key before."""
    statement = insert(Table).values(tenant_id=tenant_id, batch_id=batch_id, **columns)
    return bool(db.execute(statement.on_conflict_do_nothing(constraint="studio_batches_idempotency_key")).rowcount)


def get(db: Connection, tenant_id: str, batch_id: uuid.UUID, *, lock: bool = False) -> Batch:
    """One batch, with ``lock`` until the transaction ends. Raises ``BatchNotFound``, also for another tenant's."""
    statement = _GET.with_for_update() if lock else _GET
    row = db.execute(statement, {"tenant": tenant_id, "batch": batch_id}).first()
    if row is None:
        raise BatchNotFound(batch_id=batch_id)
    return Batch(*row)


def by_key(db: Connection, tenant_id: str, idempotency_key: str) -> Batch | None:
    """The batch of this idempotency key, or None."""
    row = db.execute(_BY_KEY, {"tenant": tenant_id, "key": idempotency_key}).first()
    return Batch(*row) if row else None


def of_experiment(db: Connection, tenant_id: str, experiment_id: uuid.UUID) -> list[Batch]:
    """The batches that write for an experiment, oldest first: their keys begin with its id."""
    mine = (Table.tenant_id == tenant_id, Table.source == "experiment")
    key = Table.idempotency_key.startswith(f"experiment:{experiment_id}")
    return [Batch(*row) for row in db.execute(select(*_COLUMNS).where(*mine, key).order_by(Table.created_at))]


def page(
    db: Connection, tenant_id: str, *, after: Cursor | None = None, before: Cursor | None = None, limit: int = 20
) -> Page[Batch]:
    """At most ``limit`` batches, newest first: those after a place, before one, or the newest of all."""
    listed = select(*_COLUMNS).where(Table.tenant_id == tenant_id)
    order = (Table.created_at, Table.batch_id)
    return pagination.page_of(db.execute, listed, Batch, order, limit, after=after, before=before)


def changed(db: Connection, tenant_id: str, *, since: dt.datetime) -> list[Batch]:
    """The batches that ended since an instant (aware), and those that are paused now, the newest first."""
    statement = (
        select(*_COLUMNS)
        .where(Table.tenant_id == tenant_id, (Table.ended_at >= since) | (Table.status == "paused"))
        .order_by(Table.created_at.desc())
    )
    return [Batch(*row) for row in db.execute(statement)]


def progress(db: Connection, tenant_id: str, batch_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Progress]:
    """How far each of the tenant's batches is, in one statement."""
    params = {"tenant": tenant_id, "batches": list(map(str, batch_ids)), "within": RATE_WITHIN_S}
    counted: dict[uuid.UUID, list[Any]] = {}
    for batch_id, *row in db.execute(_PROGRESS, params):
        counted.setdefault(batch_id, []).append(row)
    return {batch_id: _progress(counted.get(batch_id, [])) for batch_id in batch_ids}


def _progress(groups: list[Any]) -> Progress:
    rows: dict[Any, int] = {}
    reasons: dict[str, int] = {}
    without_cost = recent = 0
    running_s = 0.0
    for status, error_code, count, unpriced, ended, elapsed_s in groups:
        rows[status] = rows.get(status, 0) + count
        if error_code and status in ("failed", "unknown"):
            reasons[error_code] = reasons.get(error_code, 0) + count
        without_cost += unpriced
        recent += ended
        running_s = max(running_s, float(elapsed_s or 0))
    within_s = max(1.0, min(RATE_WITHIN_S, running_s))
    a_minute = recent * 60 / within_s if recent else None
    left = rows.get("waiting", 0) + rows.get("running", 0)
    seconds_left = left * 60 / a_minute if a_minute else None
    return Progress(rows, reasons, without_cost, a_minute, seconds_left)


def change(db: Connection, tenant_id: str, batch_id: uuid.UUID, **columns: Any) -> None:
    """Give these columns of a batch new values."""
    db.execute(update(Table).where(Table.tenant_id == tenant_id, Table.batch_id == batch_id).values(**columns))


def end(db: Connection, tenant_id: str, batch_id: uuid.UUID, status: Status) -> None:
    """Record that the batch is over; its webhook, if it has one, is due."""
    values = {
        "status": status,
        "ended_at": func.clock_timestamp(),
        "resumes_at": None,
        "webhook_due_at": text("CASE WHEN webhook_url IS NOT NULL THEN clock_timestamp() END"),
    }
    db.execute(update(Table).where(Table.tenant_id == tenant_id, Table.batch_id == batch_id).values(values))


_LEASE = text("""
    UPDATE studio_batches SET webhook_due_at = clock_timestamp() + make_interval(secs => :seconds)
    WHERE tenant_id = :tenant AND batch_id = :batch AND webhook_due_at <= clock_timestamp()
""")


def lease_webhook(db: Connection, tenant_id: str, batch_id: uuid.UUID, seconds: float) -> bool:
    """Whether the batch's webhook was due; then it is not due for anybody else for so many seconds."""
    return bool(db.execute(_LEASE, {"tenant": tenant_id, "batch": batch_id, "seconds": seconds}).rowcount)


def record_webhook(
    db: Connection, tenant_id: str, batch_id: uuid.UUID, tries: int, error: str | None, delay_s: float | None
) -> None:
    """Record how a webhook was received, and that it is due again in ``delay_s`` seconds; None: never again."""
    due = None if delay_s is None else func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, delay_s)
    change(db, tenant_id, batch_id, webhook_tries=tries, webhook_error=error, webhook_due_at=due)
