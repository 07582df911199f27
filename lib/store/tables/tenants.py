"""The tenants, and the keys of the programs that act for them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Identity, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NOW, Base


class Tenant(Base):
    """A tenant that has used this app: the directory that a person chooses from."""

    __tablename__ = "studio_tenants"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class ApiKey(Base):
    """A key with which a program speaks for a tenant; of its secret there is only a keyed hash."""

    __tablename__ = "studio_api_keys"
    __table_args__ = (Index("studio_api_keys_key_id", "key_id"),)

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The public part, by which the key is found before its tenant is known."""
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]]
    secret_hash: Mapped[bytes]
    """HMAC-SHA256 of the secret under the server's pepper."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class TenantChange(Base):
    """One transaction that changed a tenant's data, or several that were added up since. Written by triggers.

    The sum of a tenant's ``changes`` is the version of its data. It grows at every commit that changes something, also
    when transactions commit in another order than they began.
    """

    __tablename__ = "studio_tenant_changes"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    changes: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
