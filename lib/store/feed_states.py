"""The status of each feed from draft to archived, who changed it and why, and which feeds are favourites."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import FeedMove, FeedState


@dataclass(frozen=True, slots=True)
class State:
    """The status of a feed, and whether it is a favourite of the team."""

    status: str = "draft"
    favourite: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One change of a feed's status; ``person`` is None if nobody is named."""

    number: int
    from_status: str
    to_status: str
    note: str
    person: str | None
    created_at: dt.datetime
    acknowledged: str | None = None
    """Why it was approved or posted although its disclosure is not as it should be."""


_MOVE_COLUMNS = [FeedMove.__table__.c[name] for name in Move.__dataclass_fields__]


def get(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> State:
    """The state of the feed; a feed that was never moved is a draft and no favourite."""
    mine = (FeedState.tenant_id == tenant_id, FeedState.feed_id == feed_id)
    row = db.execute(select(FeedState.status, FeedState.favourite).where(*mine)).one_or_none()
    return State(*row) if row else State()


def move(
    db: Connection,
    tenant_id: str,
    feed_id: uuid.UUID,
    status: str,
    *,
    note: str = "",
    person: str | None = None,
    acknowledged: str | None = None,
) -> str | None:
    """Change the feed's status and return the one it had, or None if it had this status already.

    The caller has locked the feed (:func:`lib.store.feeds.lock`), so that two concurrent moves run one after the other.
    """
    previous = get(db, tenant_id, feed_id).status
    if previous == status:
        return None
    _put(db, tenant_id, feed_id, status=status)
    number = select(func.coalesce(func.max(FeedMove.number), 0) + 1).where(
        FeedMove.tenant_id == tenant_id, FeedMove.feed_id == feed_id
    )
    db.execute(
        insert(FeedMove).values(
            tenant_id=tenant_id,
            feed_id=feed_id,
            number=number.scalar_subquery(),
            from_status=previous,
            to_status=status,
            note=note,
            person=person,
            acknowledged=acknowledged,
        )
    )
    return previous


def moves(db: Connection, tenant_id: str, feed_id: uuid.UUID, limit: int | None = None) -> list[Move]:
    """The changes of the feed's status, newest first; ``limit`` is the most that are returned."""
    mine = (FeedMove.tenant_id == tenant_id, FeedMove.feed_id == feed_id)
    rows = db.execute(select(*_MOVE_COLUMNS).where(*mine).order_by(FeedMove.number.desc()).limit(limit))
    return [Move(*row) for row in rows]


def set_favourite(db: Connection, tenant_id: str, feed_id: uuid.UUID, *, favourite: bool) -> None:
    """Mark the feed as a favourite of the team, or remove the mark."""
    _put(db, tenant_id, feed_id, favourite=favourite)


def _put(db: Connection, tenant_id: str, feed_id: uuid.UUID, **values: str | bool) -> None:
    new = insert(FeedState).values(tenant_id=tenant_id, feed_id=feed_id, **values)
    db.execute(new.on_conflict_do_update(index_elements=[FeedState.tenant_id, FeedState.feed_id], set_=values))
