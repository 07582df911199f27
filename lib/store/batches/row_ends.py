"""How the rows of batches end, and what follows for their batch: written with the end of their generations."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, text, update

from lib.domain.batches.rows import RowStatus
from lib.store.database import at_commit
from lib.store.tables import Batch as BatchTable
from lib.store.tables import BatchRow as Table
from lib.store.tables import OwnPrice as PriceTable


def after(seconds: float) -> ColumnElement[Any]:
    """The instant in so many seconds, for a column."""
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)


@dataclass(frozen=True)
class OpenRow:
    """What the end of a row starts from."""

    generation_id: uuid.UUID | None
    tries: int
    cost_usd: Decimal | None
    has_own_prices: bool
    """Whether the tenant has prices of its own, for any model."""


@dataclass(frozen=True)
class Ended:
    """How a row has ended, or that it waits again."""

    status: RowStatus
    error_code: str | None = None
    error_params: dict[str, Any] | None = None
    feed_id: uuid.UUID | None = None
    retry_in_s: float | None = None
    """Of a row that waits again: after how many seconds it may be sent; None: at once."""


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
_HAS_OWN_PRICES = select(PriceTable.model).where(PriceTable.tenant_id == bindparam("of_tenant")).exists()
_LOCK = (
    select(Table.generation_id, Table.tries, Table.cost_usd, _HAS_OWN_PRICES).where(*_THIS).with_for_update(of=Table)
)
_MADE = text("""
    SELECT g.generation_id, g.finished_at IS NOT NULL, g.instagram_feed_id, a.outcome, a.error_code, a.error_params,
           coalesce(a.model_name, a.request ->> 'model'), studio_reported_usage(a.token_usage, a.response),
           a.response ->> 'service_tier', a.estimated_cost_usd, a.created_at
    FROM studio_generations AS g
    JOIN studio_attempts AS a ON a.tenant_id = g.tenant_id AND a.generation_id = g.generation_id
    WHERE g.tenant_id = :tenant AND g.idempotency_key = ANY(:keys)
    ORDER BY g.created_at, a.number
""")
_SPEND = "UPDATE studio_batches SET spent_usd = spent_usd + %s WHERE tenant_id = %s AND batch_id = %s"
_COST = """
    UPDATE studio_batch_rows SET cost_usd = %s, without_cost = %s
    WHERE tenant_id = %s AND batch_id = %s AND number = %s AND variant = %s
"""
_END = """
    UPDATE studio_batch_rows
    SET cost_usd = %s, without_cost = %s, status = %s, error_code = %s, error_params = CAST(%s AS jsonb),
        instagram_feed_id = coalesce(CAST(%s AS uuid), instagram_feed_id),
        not_before = clock_timestamp() + make_interval(secs => CAST(%s AS double precision)),
        finished_at = CASE WHEN %s THEN clock_timestamp() END
    WHERE tenant_id = %s AND batch_id = %s AND number = %s AND variant = %s
"""
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


def spend(db: Connection, tenant_id: str, batch_id: uuid.UUID, usd: Decimal) -> None:
    """Add to what the batch has spent, with the transaction's commit: all rows of a batch end at its one row."""
    if usd:
        at_commit(db, _SPEND, usd, tenant_id, batch_id)


def end(
    db: Connection,
    tenant_id: str,
    batch_id: uuid.UUID,
    number: int,
    variant: int,
    *,
    cost_usd: Decimal,
    without_cost: int,
    becomes: Ended | None,
) -> None:
    """Store with the transaction's commit what a row's requests cost and, unless None, what becomes of it."""
    this = (tenant_id, batch_id, number, variant)
    if becomes is None:
        at_commit(db, _COST, cost_usd, without_cost, *this)
        return
    params = None if becomes.error_params is None else json.dumps(becomes.error_params, ensure_ascii=False)
    is_over, values = becomes.status != "waiting", (becomes.status, becomes.error_code, params, becomes.feed_id)
    at_commit(db, _END, cost_usd, without_cost, *values, becomes.retry_in_s, is_over, *this)


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
