"""How posted captions did on Instagram, as people typed it in or imported it; what nobody knows is NULL."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import FeedResult as Table


@dataclass(frozen=True)
class FeedResult:
    """The counts of one posted caption; None is unknown, and is not 0."""

    feed_id: uuid.UUID
    permalink: str | None = None
    likes: int | None = None
    saves: int | None = None
    comments: int | None = None
    reach: int | None = None
    person: str | None = None
    updated_at: dt.datetime | None = None


@dataclass(frozen=True)
class Written:
    """A caption that a variant of an experiment wrote, as it is now."""

    feed_id: uuid.UUID
    variant: int
    brief: str
    instagram_ad_copy: str
    hashtags: str
    status: str


_COLUMNS = [Table.__table__.c[name] for name in FeedResult.__dataclass_fields__]
_WRITTEN = text("""
    SELECT feed.instagram_feed_id, ((generation.options -> 'experiment') ->> 'variant')::integer,
        (generation.options -> 'experiment') ->> 'brief', feed.instagram_ad_copy, feed.hashtags,
        coalesce(state.status, 'draft')
    FROM studio_generations AS generation
    JOIN instagram_feeds AS feed
        ON feed.tenant_id = :tenant AND feed.instagram_feed_id = generation.instagram_feed_id
    LEFT JOIN studio_feed_states AS state
        ON state.tenant_id = :tenant AND state.feed_id = feed.instagram_feed_id
    WHERE generation.tenant_id = :tenant AND (generation.options -> 'experiment') ->> 'id' = :experiment
    ORDER BY generation.created_at, feed.instagram_feed_id
    LIMIT :most
""")


def put(db: Connection, tenant_id: str, result: FeedResult, *, whole: bool = False) -> None:
    """Store the counts of a caption in the place of earlier ones.

    Those that are None stay as they were, or are unknown from now on with ``whole``.
    """
    given = {name: value for name, value in vars(result).items() if name != "updated_at"}
    if not whole:
        given = {name: value for name, value in given.items() if value is not None}
    new = insert(Table).values({"tenant_id": tenant_id, **given})
    changed = {name: value for name, value in given.items() if name != "feed_id"}
    db.execute(
        new.on_conflict_do_update(
            index_elements=[Table.tenant_id, Table.feed_id], set_=changed | {"updated_at": func.clock_timestamp()}
        )
    )


def of_feeds(db: Connection, tenant_id: str, feed_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, FeedResult]:
    """The counts of those of these feeds that have some."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id, Table.feed_id.in_(feed_ids))
    return {row.feed_id: FeedResult(*row) for row in db.execute(statement)}


def written(db: Connection, tenant_id: str, experiment_id: uuid.UUID, most: int | None) -> list[Written]:
    """The captions of an experiment, oldest first, at most so many; None: all."""
    params = {"tenant": tenant_id, "experiment": str(experiment_id), "most": most}
    return [Written(*row) for row in db.execute(_WRITTEN, params)]
