"""The keys with which programs act for a tenant: rows of ``studio_api_keys``, none of which holds a secret."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, Text, bindparam, column, func, insert, literal, or_, select, text, update

from lib.store.tables import ApiKey as Table

USED_EVERY = dt.timedelta(minutes=1)
"""How precisely the last use is stored: storing every use would cost each call a commit."""


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret; times are aware and in UTC."""

    tenant_id: str
    key_id: str
    name: str
    scopes: list[str]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None

    def is_live(self, now: dt.datetime) -> bool:
        """Whether the key is accepted at this instant (aware)."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


_COLUMNS = [Table.__table__.c[name] for name in ApiKey.__dataclass_fields__]
_KEYS = func.studio_keys_by_id(bindparam("key_id", type_=Text())).table_valued(
    *(column(stored.name, stored.type) for stored in Table.__table__.columns)
)
_BY_ID = select(*(_KEYS.c[stored.name] for stored in _COLUMNS), _KEYS.c.secret_hash)


def add(
    db: Connection,
    tenant_id: str,
    key_id: str,
    *,
    name: str,
    scopes: list[str],
    secret_hash: bytes,
    expires_at: dt.datetime | None,
) -> ApiKey:
    """Store a new key and return it."""
    statement = (
        insert(Table)
        .values(
            tenant_id=tenant_id,
            key_id=key_id,
            name=name,
            scopes=scopes,
            secret_hash=secret_hash,
            expires_at=expires_at,
        )
        .returning(*_COLUMNS)
    )
    return ApiKey(**db.execute(statement).one()._mapping)


def of_tenant(db: Connection, tenant_id: str) -> list[ApiKey]:
    """All keys of the tenant, newest first, including revoked and expired ones."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id).order_by(Table.created_at.desc(), Table.key_id)
    return [ApiKey(**row._mapping) for row in db.execute(statement)]


def lock_name(db: Connection, tenant_id: str, name: str) -> None:
    """Let no other transaction create a key of this name for the tenant until this one ends."""
    db.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:held, 0))"),
        {"held": f"studio_api_keys {tenant_id} {name}"},
    )


def revoke(db: Connection, tenant_id: str, key_id: str) -> bool:
    """Revoke a key; False if the tenant has no such key, or it was revoked before."""
    statement = (
        update(Table)
        .where(Table.tenant_id == tenant_id, Table.key_id == key_id, Table.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
    )
    return bool(db.execute(statement).rowcount)


def by_id(db: Connection, key_id: str) -> list[tuple[ApiKey, bytes]]:
    """The keys of this public id with their hashes: of all tenants where the transaction has named none.

    Ids are random, so the list has at most one entry; a unique constraint across tenants would reveal foreign ids.
    """
    return [(ApiKey(*row[:-1]), bytes(row[-1])) for row in db.execute(_BY_ID, {"key_id": key_id})]


def used(db: Connection, tenant_id: str, key_id: str) -> None:
    """Store that the key was used now, at most once in :data:`USED_EVERY`."""
    db.execute(
        update(Table)
        .where(
            Table.tenant_id == tenant_id,
            Table.key_id == key_id,
            or_(Table.last_used_at.is_(None), Table.last_used_at < func.now() - literal(USED_EVERY)),
        )
        .values(last_used_at=func.clock_timestamp())
    )
