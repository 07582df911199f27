"""Where feeds stand between draft and archive, who moved them there and why, and which are favourites."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import FeedMove, FeedState


@dataclass(frozen=True, slots=True)
class State:
    """Where a feed stands."""

    status: str = "draft"
    favourite: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One step from status to status; ``person`` is None where nobody said who."""

    number: int
    from_status: str
    to_status: str
    note: str
    person: str | None
    created_at: dt.datetime


_MOVE_COLUMNS = [FeedMove.__table__.c[name] for name in Move.__dataclass_fields__]


def get(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> State:
    """Where the feed stands; a feed that nobody moved is a draft."""
    mine = (FeedState.tenant_id == tenant_id, FeedState.feed_id == feed_id)
    row = db.execute(select(FeedState.status, FeedState.favourite).where(*mine)).one_or_none()
    return State(*row) if row else State()


def move(
    db: Connection, tenant_id: str, feed_id: uuid.UUID, status: str, *, note: str = "", person: str | None = None
) -> str | None:
    """Put the feed there; returns the status it had, None where it stood there already and nothing was done.

    The caller holds the feed (:func:`lib.store.feeds.lock`), so that two who move it at once do so one after the other.
    """
    left = get(db, tenant_id, feed_id).status
    if left == status:
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
            from_status=left,
            to_status=status,
            note=note,
            person=person,
        )
    )
    return left


def moves(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> list[Move]:
    """The feed's way so far, newest step first."""
    mine = (FeedMove.tenant_id == tenant_id, FeedMove.feed_id == feed_id)
    rows = db.execute(select(*_MOVE_COLUMNS).where(*mine).order_by(FeedMove.number.desc()))
    return [Move(*row) for row in rows]


def set_favourite(db: Connection, tenant_id: str, feed_id: uuid.UUID, *, favourite: bool) -> None:
    """Make the feed a favourite of the team's, or one no more."""
    _put(db, tenant_id, feed_id, favourite=favourite)


def _put(db: Connection, tenant_id: str, feed_id: uuid.UUID, **values: str | bool) -> None:
    new = insert(FeedState).values(tenant_id=tenant_id, feed_id=feed_id, **values)
    db.execute(new.on_conflict_do_update(index_elements=[FeedState.tenant_id, FeedState.feed_id], set_=values))
