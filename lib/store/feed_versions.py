"""The versions of a caption: its text before the first change and after each one, and who made the change."""

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
    """The text of a caption after a change.

    ``kind`` is ``original``, ``edit``, ``restore`` (of the version ``restored``) or ``outside``, the change of another
    program. ``person`` is None if nobody is named.
    """

    number: int
    instagram_ad_copy: str
    hashtags: str
    kind: str
    restored: int | None
    person: str | None
    created_at: dt.datetime


_COLUMNS = [Table.__table__.c[name] for name in Version.__dataclass_fields__]


def of_feed(
    db: Connection, tenant_id: str, feed_id: uuid.UUID, *, limit: int | None = None, before: int | None = None
) -> list[Version]:
    """The versions of a feed, newest first; empty if its texts were never changed.

    ``limit`` is the most that are returned; with ``before``, only versions of a smaller number.
    """
    mine = (Table.tenant_id == tenant_id, Table.feed_id == feed_id)
    older = () if before is None else (Table.number < before,)
    statement = select(*_COLUMNS).where(*mine, *older).order_by(Table.number.desc()).limit(limit)
    return [Version(*row) for row in db.execute(statement)]


def of_feeds(db: Connection, tenant_id: str, feed_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Version]]:
    """The versions of each of these feeds that has some, by feed id, newest first."""
    mine = (Table.tenant_id == tenant_id, Table.feed_id.in_(feed_ids))
    versions: dict[uuid.UUID, list[Version]] = {}
    for feed_id, *row in db.execute(select(Table.feed_id, *_COLUMNS).where(*mine).order_by(Table.number.desc())):
        versions.setdefault(feed_id, []).append(Version(*row))
    return versions


def get(db: Connection, tenant_id: str, feed_id: uuid.UUID, number: int) -> Version:
    """One version of a feed. Raises ``VersionNotFound``, also for another tenant's."""
    mine = (Table.tenant_id == tenant_id, Table.feed_id == feed_id, Table.number == number)
    row = db.execute(select(*_COLUMNS).where(*mine)).one_or_none()
    if row is None:
        raise VersionNotFound(number=number, feed_id=feed_id)
    return Version(*row)


def announce(db: Connection, *, kind: str, restored: int | None, person: str | None) -> None:
    """Tell the trigger that stores versions who makes the changes of this transaction, and of which kind they are."""
    settings = {"app.change": kind, "app.restored": str(restored or ""), "app.person": person or ""}
    db.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))
