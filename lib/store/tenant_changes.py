"""The version of a tenant's data: how often any program changed it. Caches use it as a part of their keys."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, func, insert, literal, select

from lib.store.tables import TenantChange

MOST_ROWS = 200
"""A reader that finds more rows than this adds them up into one, so that reading stays fast."""

_MINE = TenantChange.tenant_id == bindparam("tenant")
_VERSION = select(func.coalesce(func.sum(TenantChange.changes), 0), func.count()).where(_MINE)
_KEY = literal("studio_tenant_changes ") + bindparam("tenant")
_LOCK = select(func.pg_try_advisory_xact_lock(func.hashtextextended(_KEY, 0)))
_REMOVED = delete(TenantChange).where(_MINE).returning(TenantChange.changes).cte("removed")
_ADD_UP = insert(TenantChange).from_select(
    ["tenant_id", "changes"],
    select(bindparam("tenant"), func.sum(_REMOVED.c.changes)).having(func.count() > 0),
)


def version(db: Connection, tenant_id: str) -> int:
    """How many transactions have changed the tenant's data: 0 for a tenant that nobody ever wrote to.

    Feeds, generations, attempts, states, own prices, settings, saved views, keys and jobs count. A writer adds rows
    and waits for nobody; so does a reader that adds them up, because it leaves that to another one who does it now.
    """
    changes, rows = db.execute(_VERSION, {"tenant": tenant_id}).one()
    if rows > MOST_ROWS and db.scalar(_LOCK, {"tenant": tenant_id}):
        db.execute(_ADD_UP, {"tenant": tenant_id})
    return int(changes)
