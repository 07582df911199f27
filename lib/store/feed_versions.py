"""The versions of a caption: how it stood after each change, by whom, and how it stood before the first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from lib.domain.errors import VersionNotFound
from lib.store.tables import FeedVersion as Table


@dataclass(frozen=True, slots=True)
class Version:
    """A caption as it stood after a change.

    ``kind`` is ``original``, ``edit``, ``restore`` (of the version ``restored``) or ``outside``, the change of another
    program. ``person`` is None where nobody said who.
    """

    number: int
    instagram_ad_copy: str
    hashtags: str
    kind: str
    restored: int | None
    person: str | None
    created_at: dt.datetime


_COLUMNS = [Table.__table__.c[name] for name in Version.__dataclass_fields__]


def of_feed(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> list[Version]:
    """The versions of a feed, newest first; none as long as nobody changed its texts."""
    mine = (Table.tenant_id == tenant_id, Table.feed_id == feed_id)
    return [Version(*row) for row in db.execute(select(*_COLUMNS).where(*mine).order_by(Table.number.desc()))]


def of_feeds(db: Connection, tenant_id: str, feed_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Version]]:
    """The versions of those feeds that have some, each feed's newest first."""
    mine = (Table.tenant_id == tenant_id, Table.feed_id.in_(feed_ids))
    found: dict[uuid.UUID, list[Version]] = {}
    for feed_id, *version in db.execute(select(Table.feed_id, *_COLUMNS).where(*mine).order_by(Table.number.desc())):
        found.setdefault(feed_id, []).append(Version(*version))
    return found


def get(db: Connection, tenant_id: str, feed_id: uuid.UUID, number: int) -> Version:
    """One version. Raises ``VersionNotFound``."""
    mine = (Table.tenant_id == tenant_id, Table.feed_id == feed_id, Table.number == number)
    row = db.execute(select(*_COLUMNS).where(*mine)).one_or_none()
    if row is None:
        raise VersionNotFound(number=number, feed_id=feed_id)
    return Version(*row)


def announce(db: Connection, *, kind: str, restored: int | None, person: str | None) -> None:
    """Tell the trigger that keeps versions who makes the changes of this transaction, and how."""
    told = {"app.change": kind, "app.restored": str(restored or ""), "app.person": person or ""}
    db.execute(select(*(func.set_config(name, value, True) for name, value in told.items())))
