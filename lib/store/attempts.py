"""Attempts: one row of ``studio_attempts`` per request to a model, committed before the request is sent."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, literal, or_, select, update

from lib.store.tables import Attempt as Table

UNKNOWN = "unknown"
"""The outcome of an attempt that was sent and may have been billed, but brought no answer."""


@dataclass(frozen=True)
class Attempt:
    """One request to a model; ``outcome`` is None while it runs. Latencies in milliseconds, costs in USD."""

    tenant_id: str
    attempt_id: uuid.UUID
    generation_id: uuid.UUID
    number: int
    request: dict[str, Any]
    outcome: str | None = None
    error_class: str | None = None
    error_code: str | None = None
    error_params: dict[str, Any] | None = None
    provider_code: str | None = None
    http_status: int | None = None
    request_id: str | None = None
    response_body: bytes | None = None
    response: dict[str, Any] | None = None
    model_name: str | None = None
    token_usage: dict[str, Any] | None = None
    latency_ms: float | None = None
    first_byte_ms: float | None = None
    estimated_cost_usd: Decimal | None = None
    created_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    process_id: uuid.UUID | None = None


_COLUMNS = [Table.__table__.c[name] for name in Attempt.__dataclass_fields__]
_INSERT = insert(Table)
_ENDED = (
    "outcome",
    "error_class",
    "error_code",
    "error_params",
    "provider_code",
    "http_status",
    "request_id",
    "response_body",
    "response",
    "model_name",
    "token_usage",
    "latency_ms",
    "first_byte_ms",
    "estimated_cost_usd",
)
"""The columns that are written when an attempt ends."""
SETTLE = (
    update(Table)
    .where(
        Table.tenant_id == bindparam("of_tenant"),
        Table.attempt_id == bindparam("of_attempt"),
        or_(Table.outcome.is_(None), Table.outcome == UNKNOWN),
    )
    .values(
        {name: bindparam(f"new_{name}", type_=Table.__table__.c[name].type) for name in _ENDED}
        | {"finished_at": func.clock_timestamp()}
    )
)


def add(
    db: Connection,
    tenant_id: str,
    attempt_id: uuid.UUID,
    *,
    generation_id: uuid.UUID,
    number: int,
    request: dict[str, Any],
    process_id: uuid.UUID | None = None,
) -> None:
    """Store an attempt before its request is sent, with the process that sends it."""
    db.execute(
        _INSERT,
        {
            "tenant_id": tenant_id,
            "attempt_id": attempt_id,
            "generation_id": generation_id,
            "number": number,
            "request": request,
            "process_id": process_id,
        },
    )


def settle(db: Connection, tenant_id: str, attempt_id: uuid.UUID, **ended: Any) -> bool:
    """Store how the attempt ended; False, without a change, if that was stored before.

    An attempt whose outcome is :data:`UNKNOWN` can be settled again: its answer may be found later.
    """
    return bool(db.execute(SETTLE, settling(tenant_id, attempt_id, ended)).rowcount)


def settling(tenant_id: str, attempt_id: uuid.UUID, ended: dict[str, Any]) -> dict[str, Any]:
    """The parameters of :data:`SETTLE`."""
    return {"of_tenant": tenant_id, "of_attempt": attempt_id} | {f"new_{name}": ended.get(name) for name in _ENDED}


def get(db: Connection, tenant_id: str, attempt_id: uuid.UUID) -> Attempt | None:
    """The attempt, or None if the tenant has none of this id."""
    row = db.execute(select(*_COLUMNS).where(Table.tenant_id == tenant_id, Table.attempt_id == attempt_id)).first()
    return Attempt(**row._mapping) if row else None


def of_generation(db: Connection, tenant_id: str, generation_id: uuid.UUID) -> list[Attempt]:
    """The attempts of one generation, in the order in which they were sent."""
    statement = (
        select(*_COLUMNS)
        .where(Table.tenant_id == tenant_id, Table.generation_id == generation_id)
        .order_by(Table.number)
    )
    return [Attempt(**row._mapping) for row in db.execute(statement)]


def tenants_with_unknown(db: Connection, *, since: dt.datetime) -> list[str]:
    """The tenants for which :func:`unknown` is not empty. ``db`` is a transaction of :meth:`Database.directory`."""
    return sorted(db.scalars(select(func.studio_unknown_tenants(since))))


def unknown(db: Connection, tenant_id: str, *, since: dt.datetime) -> list[Attempt]:
    """The attempts stored since an instant (aware) that may have been billed and brought no answer."""
    statement = select(*_COLUMNS).where(
        Table.tenant_id == tenant_id, Table.outcome == literal(UNKNOWN, literal_execute=True), Table.created_at >= since
    )
    return [Attempt(**row._mapping) for row in db.execute(statement)]
