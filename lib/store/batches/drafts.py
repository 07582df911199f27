"""Sheets that were uploaded and not started yet: what came, written once, and what a person made of it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, delete, func, insert, select, update

from lib.store.tables import SheetDraft

KEPT_DAYS = 14
"""Days after the last change for which a draft is kept."""
MOST_LISTED = 20


@dataclass(frozen=True)
class Waiting:
    """A draft in a list: ``rows`` are those that are to be written, whether they can be or not."""

    draft_id: uuid.UUID
    name: str
    rows: int
    changed_at: dt.datetime


def add(db: Connection, tenant_id: str, draft_id: uuid.UUID, content: bytes, changes: dict[str, Any]) -> None:
    """Store a new draft, and delete the tenant's drafts that are too old."""
    oldest = func.now() - dt.timedelta(days=KEPT_DAYS)
    db.execute(delete(SheetDraft).where(SheetDraft.tenant_id == tenant_id, SheetDraft.changed_at < oldest))
    values = {"tenant_id": tenant_id, "draft_id": draft_id, "content": content, "changes": changes}
    db.execute(insert(SheetDraft).values(values))


def get(db: Connection, tenant_id: str, draft_id: uuid.UUID) -> tuple[bytes, dict[str, Any]] | None:
    """The content of a draft and the changes to it; None if the tenant has no draft of this id."""
    mine = (SheetDraft.tenant_id == tenant_id, SheetDraft.draft_id == draft_id)
    row = db.execute(select(SheetDraft.content, SheetDraft.changes).where(*mine)).first()
    return (bytes(row.content), row.changes) if row else None


def lock(db: Connection, tenant_id: str, draft_id: uuid.UUID) -> dict[str, Any] | None:
    """The changes to a draft, which nobody else changes until the transaction ends; None if there is no such draft."""
    mine = (SheetDraft.tenant_id == tenant_id, SheetDraft.draft_id == draft_id)
    changes: dict[str, Any] | None = db.scalar(select(SheetDraft.changes).where(*mine).with_for_update())
    return changes


def waiting(db: Connection, tenant_id: str) -> list[Waiting]:
    """The tenant's drafts, the one changed last first, at most :data:`MOST_LISTED`."""
    name, rows = SheetDraft.changes["name"].astext, SheetDraft.changes["rows"].astext.cast(Integer)
    statement = (
        select(SheetDraft.draft_id, name, rows, SheetDraft.changed_at)
        .where(SheetDraft.tenant_id == tenant_id)
        .order_by(SheetDraft.changed_at.desc())
        .limit(MOST_LISTED)
    )
    return [Waiting(*row) for row in db.execute(statement)]


def change(db: Connection, tenant_id: str, draft_id: uuid.UUID, changes: dict[str, Any]) -> None:
    """Store the changes in the place of the earlier ones."""
    mine = (SheetDraft.tenant_id == tenant_id, SheetDraft.draft_id == draft_id)
    db.execute(update(SheetDraft).where(*mine).values(changes=changes, changed_at=func.clock_timestamp()))


def remove(db: Connection, tenant_id: str, draft_id: uuid.UUID) -> None:
    """Delete a draft, if it is there."""
    db.execute(delete(SheetDraft).where(SheetDraft.tenant_id == tenant_id, SheetDraft.draft_id == draft_id))
