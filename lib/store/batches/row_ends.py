"""How the rows of batches end, and what follows for their batch: written with the end of their generations."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, text, update

from lib.store.tables import Batch as BatchTable
from lib.store.tables import BatchRow as Table

NOW = func.clock_timestamp()


def after(seconds: float) -> ColumnElement[Any]:
    """The instant in so many seconds, for a column."""
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)


@dataclass(frozen=True)
class OpenRow:
    """What the end of a row starts from."""

    generation_id: uuid.UUID | None
    tries: int
    cost_usd: Decimal | None


@dataclass(frozen=True)
class RequestMade:
    """One request of a row, with the end of its generation."""

    generation_id: uuid.UUID
    is_finished: bool
    feed_id: uuid.UUID | None
    outcome: str | None
    error_code: str | None
    error_params: dict[str, Any] | None
    model: str | None
    usage: Any
    service_tier: Any
    estimated_usd: Decimal | None
    created_at: dt.datetime | None


_THIS = (
    Table.tenant_id == bindparam("of_tenant"),
    Table.batch_id == bindparam("of_batch"),
    Table.number == bindparam("at_number"),
    Table.variant == bindparam("at_variant"),
)
_LOCK = select(Table.generation_id, Table.tries, Table.cost_usd).where(*_THIS).with_for_update()
_MADE = text("""
    SELECT g.generation_id, g.finished_at IS NOT NULL, g.instagram_feed_id, a.outcome, a.error_code, a.error_params,
           coalesce(a.model_name, a.request ->> 'model'), studio_reported_usage(a.token_usage, a.response),
           a.response ->> 'service_tier', a.estimated_cost_usd, a.created_at
    FROM studio_generations AS g
    JOIN studio_attempts AS a ON a.tenant_id = g.tenant_id AND a.generation_id = g.generation_id
    WHERE g.tenant_id = :tenant AND g.idempotency_key = ANY(:keys)
    ORDER BY g.created_at, a.number
""")
_SPEND = text("""
    UPDATE studio_batches SET spent_usd = spent_usd + :usd WHERE tenant_id = :tenant AND batch_id = :batch
    RETURNING status
""")
_PAUSE = (
    update(BatchTable)
    .where(
        BatchTable.tenant_id == bindparam("of_tenant"),
        BatchTable.batch_id == bindparam("of_batch"),
        BatchTable.status.in_(("queued", "running")),
    )
    .values(status="paused", paused_because=bindparam("because"), paused_params=bindparam("params"))
)
_NEWEST = text("""
    SELECT error_code FROM studio_batch_rows
    WHERE tenant_id = :tenant AND batch_id = :batch AND finished_at IS NOT NULL AND status <> 'cancelled'
    ORDER BY finished_at DESC LIMIT :limit
""")


def lock(db: Connection, tenant_id: str, batch_id: uuid.UUID, number: int, variant: int) -> OpenRow | None:
    """The row, locked until the transaction ends; None if the batch was deleted."""
    params = {"of_tenant": tenant_id, "of_batch": batch_id, "at_number": number, "at_variant": variant}
    row = db.execute(_LOCK, params).first()
    return OpenRow(*row) if row else None


def requests_made(db: Connection, tenant_id: str, keys: list[str]) -> list[RequestMade]:
    """Every request of the generations with these idempotency keys, in the order in which they were made."""
    return [RequestMade(*row) for row in db.execute(_MADE, {"tenant": tenant_id, "keys": keys})]


def spend(db: Connection, tenant_id: str, batch_id: uuid.UUID, usd: Decimal) -> str:
    """Add to what the batch has spent, and return its status; its row stays locked until the transaction ends.

    So a batch that is cancelled at the same time finds every row that waits again.
    """
    return str(db.scalar(_SPEND, {"tenant": tenant_id, "batch": batch_id, "usd": usd}))


def change(db: Connection, tenant_id: str, batch_id: uuid.UUID, number: int, variant: int, **columns: Any) -> None:
    """Give these columns of a row new values."""
    params = {"of_tenant": tenant_id, "of_batch": batch_id, "at_number": number, "at_variant": variant}
    db.execute(update(Table).where(*_THIS).values(**columns), params)


def pause(
    db: Connection,
    tenant_id: str,
    batch_id: uuid.UUID,
    because: str,
    params: dict[str, Any] | None,
    resumes_in_s: float | None,
) -> None:
    """Pause a batch that is queued or running; after ``resumes_in_s`` seconds it goes on by itself (None: never)."""
    statement = _PAUSE.values(resumes_at=None if resumes_in_s is None else after(resumes_in_s))
    db.execute(statement, {"of_tenant": tenant_id, "of_batch": batch_id, "because": because, "params": params})


def newest_errors(db: Connection, tenant_id: str, batch_id: uuid.UUID, limit: int) -> list[str | None]:
    """The error codes of the rows that ended last, the last one first; None for a row that has its caption."""
    return list(db.scalars(_NEWEST, {"tenant": tenant_id, "batch": batch_id, "limit": limit}))
