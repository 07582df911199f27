"""The directory of tenants, from which a person chooses one."""

from __future__ import annotations

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from lib.domain.brief import UNSTORABLE, clean
from lib.store.tables import Tenant

_ADD = insert(Tenant).on_conflict_do_nothing()


def remember(db: Connection, tenant_id: str) -> None:
    """Add a tenant to the directory, unless it is there already."""
    db.execute(_ADD, {"tenant_id": tenant_id})


def as_stored(db: Connection, tenant_id: str) -> str:
    """The id exactly as it is if a tenant has it, else cleaned, as a person would have meant it.

    Another program may have written an id that is decomposed, or that ends in a blank. ``db`` is a transaction of
    :meth:`lib.store.database.Database.directory`.
    """
    cleaned = clean(tenant_id)
    if cleaned == tenant_id or UNSTORABLE.search(tenant_id) or tenant_id not in list_ids(db):
        return cleaned
    return tenant_id


def list_ids(db: Connection) -> list[str]:
    """The ids of all tenants that have a feed or ever used the app, sorted, exactly as they are stored.

    ``db`` is a transaction of :meth:`lib.store.database.Database.directory`; in one of a tenant, the list is empty.
    """
    return sorted(db.scalars(select(func.studio_list_tenants())))


def find(db: Connection, part: str, most: int) -> list[str]:
    """The first tenants by name whose name contains the text, whatever its case; without a text, of all tenants.

    The tenant of exactly that name comes before all others.
    ``db`` is a transaction of :meth:`lib.store.database.Database.directory`; in one of a tenant, the list is empty.
    """
    return list(db.scalars(select(func.studio_list_tenants(part, most))))
