"""How often a tenant may ask a model: one row of ``studio_model_limits``, shared by workers and pages of every host.

Requests and tokens are token buckets that are filled as time passes. A model's server that answers *too many requests*
and says until when blocks the model for the tenant until then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import ModelLimit as Table

BURST_S = 10
"""A full bucket holds what flows into it in so many seconds, so that no minute sees much more than a minute's worth."""
RETRY_AT_ONCE_S = 0.5
"""Seconds after which it is worth asking again whether one of the requests under way has ended."""

_AT_ONCE = select(Table.at_once).where(Table.tenant_id == bindparam("tenant"), Table.model == bindparam("model"))
_UNDER_WAY = text("""
    SELECT count(*) FROM studio_attempts AS a
    WHERE a.tenant_id = :tenant AND a.outcome IS NULL AND a.request ->> 'model' = :model
      AND NOT EXISTS (  -- the Batch API has limits of its own
        SELECT FROM studio_request_files AS f WHERE f.tenant_id = a.tenant_id AND f.file_id = a.process_id)
      AND (CAST(:attempt AS uuid) IS NULL OR (a.created_at, a.attempt_id) < (
        SELECT mine.created_at, mine.attempt_id FROM studio_attempts AS mine
        WHERE mine.tenant_id = :tenant AND mine.attempt_id = CAST(:attempt AS uuid)))
""")
_TAKE = text("""
    WITH locked AS (
        SELECT *, extract(epoch FROM clock_timestamp() - filled_at) AS elapsed_s,
               greatest(1, requests_a_minute * :burst / 60.0) AS most_requests,
               greatest(1, tokens_a_minute * :burst / 60.0) AS most_tokens
        FROM studio_model_limits WHERE tenant_id = :tenant AND model = :model FOR UPDATE
    ), filled AS (
        SELECT *, least(most_requests, requests_left + elapsed_s * requests_a_minute / 60.0) AS requests,
               least(most_tokens, tokens_left + elapsed_s * tokens_a_minute / 60.0) AS tokens
        FROM locked
    ), waiting AS (
        SELECT *, greatest(
            0,
            extract(epoch FROM blocked_until - clock_timestamp()),
            (1 - requests) * 60.0 / requests_a_minute,
            (least(:tokens, most_tokens) - tokens) * 60.0 / tokens_a_minute
        ) AS wait_s
        FROM filled
    )
    UPDATE studio_model_limits AS limits
    SET requests_left = coalesce(requests - CASE WHEN wait_s = 0 THEN 1 ELSE 0 END, 0),
        tokens_left = coalesce(tokens - CASE WHEN wait_s = 0 THEN :tokens ELSE 0 END, 0),
        filled_at = clock_timestamp()
    FROM waiting WHERE limits.tenant_id = waiting.tenant_id AND limits.model = waiting.model
    RETURNING wait_s
""")


def take(db: Connection, tenant_id: str, model: str, tokens: int, *, attempt_id: uuid.UUID | None = None) -> float:
    """Take one request and so many tokens; returns 0.0, or after how many seconds to ask again, nothing taken.

    ``attempt_id``: an attempt on record, which waits for those before it only; None: nothing is on record yet. The row
    stays locked until the transaction ends, if the tenant has limits for the model.
    """
    row = db.execute(_AT_ONCE, {"tenant": tenant_id, "model": model}).first()
    if row is None:
        return 0.0
    params: dict[str, Any] = {"tenant": tenant_id, "model": model}
    if row.at_once is not None:
        if attempt_id is None:  # two that look at the same time would both find the last place free
            db.execute(_AT_ONCE.with_for_update(), params)
        if (db.scalar(_UNDER_WAY, params | {"attempt": attempt_id}) or 0) >= row.at_once:
            return RETRY_AT_ONCE_S
    return float(db.scalar(_TAKE, params | {"tokens": tokens, "burst": BURST_S}) or 0.0)


def block(db: Connection, tenant_id: str, model: str, seconds: float) -> None:
    """Let nobody ask the model for the tenant for so many seconds, because its server said so."""
    until = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    statement = insert(Table).values(tenant_id=tenant_id, model=model, blocked_until=until)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[Table.tenant_id, Table.model],
            set_={"blocked_until": func.greatest(Table.blocked_until, statement.excluded.blocked_until)},
        )
    )


@dataclass(frozen=True)
class Limits:
    """How often a tenant may ask a model; None is without limit."""

    model: str
    requests_a_minute: int | None = None
    tokens_a_minute: int | None = None
    at_once: int | None = None
    """Requests that are under way at the same time."""
    blocked_until: dt.datetime | None = None
    """Until when the model's server wants no request (aware, UTC)."""


_COLUMNS: list[Any] = [Table.__table__.c[item.name] for item in fields(Limits)]


def of_tenant(db: Connection, tenant_id: str) -> list[Limits]:
    """The tenant's limits by model; a model without a row has none."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id).order_by(Table.model)
    return [Limits(*row) for row in db.execute(statement)]


def put(
    db: Connection,
    tenant_id: str,
    model: str,
    *,
    requests_a_minute: int | None = None,
    tokens_a_minute: int | None = None,
    at_once: int | None = None,
) -> None:
    """Replace the tenant's limits for a model; None is without limit. The buckets are full then."""
    values = {
        "requests_a_minute": requests_a_minute,
        "tokens_a_minute": tokens_a_minute,
        "at_once": at_once,
        "requests_left": (requests_a_minute or 0) * BURST_S / 60,
        "tokens_left": (tokens_a_minute or 0) * BURST_S / 60,
        "filled_at": func.clock_timestamp(),
    }
    statement = insert(Table).values(tenant_id=tenant_id, model=model, **values)
    db.execute(statement.on_conflict_do_update(index_elements=[Table.tenant_id, Table.model], set_=values))
