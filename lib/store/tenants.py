"""The directory of tenants: who has used this app, for a person to choose from."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import Tenant

_REMEMBER = insert(Tenant).on_conflict_do_nothing()


def remember(db: Connection, tenant_id: str) -> None:
    """Put a tenant into the directory; nothing happens when it is there already."""
    db.execute(_REMEMBER, {"tenant_id": tenant_id})


def known(db: Connection) -> list[str]:
    """Every tenant of the directory by name, within :meth:`lib.store.database.Database.directory`."""
    return sorted(db.scalars(select(Tenant.tenant_id)))
