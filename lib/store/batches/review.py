"""What a batch has brought and nobody has decided on yet."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, tuple_

from lib.store.batches.rows import Place
from lib.store.tables import BatchRow, FeedState, InstagramFeed

UNDECIDED = ("draft", "in_review")
"""The statuses of captions that are to be reviewed."""

_STATUS: ColumnElement[str] = func.coalesce(FeedState.status, "draft")


def _captions(tenant_id: str, batch_id: uuid.UUID) -> Select[int, int, uuid.UUID]:
    """Place and id of every caption of the batch that is still stored."""
    return (
        select(BatchRow.number, BatchRow.variant, InstagramFeed.instagram_feed_id)
        .join(
            InstagramFeed,
            (InstagramFeed.tenant_id == BatchRow.tenant_id)
            & (InstagramFeed.instagram_feed_id == BatchRow.instagram_feed_id),
        )
        .outerjoin(
            FeedState,
            (FeedState.tenant_id == BatchRow.tenant_id) & (FeedState.feed_id == BatchRow.instagram_feed_id),
        )
        .where(BatchRow.tenant_id == tenant_id, BatchRow.batch_id == batch_id, BatchRow.status == "written")
    )


def next_undecided(
    db: Connection, tenant_id: str, batch_id: uuid.UUID, place: Place, *, backward: bool = False
) -> Place | None:
    """The place of the nearest undecided caption behind this place, or before it; None if none is there."""
    at, there = tuple_(BatchRow.number, BatchRow.variant), tuple_(literal(place[0]), literal(place[1]))
    order = [BatchRow.number, BatchRow.variant]
    statement = (
        _captions(tenant_id, batch_id)
        .where(_STATUS.in_(UNDECIDED), at < there if backward else at > there)
        .order_by(*(column.desc() if backward else column for column in order))
        .limit(1)
    )
    row = db.execute(statement).first()
    return (row[0], row[1]) if row else None


def statuses(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> dict[str, int]:
    """How many captions of the batch have each status."""
    listed = _captions(tenant_id, batch_id).with_only_columns(_STATUS, func.count()).group_by(_STATUS)
    return {row[0]: row[1] for row in db.execute(listed)}


def undecided(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> list[uuid.UUID]:
    """The ids of the captions of the batch that nobody has decided on."""
    return [row[2] for row in db.execute(_captions(tenant_id, batch_id).where(_STATUS.in_(UNDECIDED)))]


def status_of(db: Connection, tenant_id: str, feed_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The status of each of these captions; one without a record is a draft."""
    listed = select(FeedState.feed_id, FeedState.status).where(
        FeedState.tenant_id == tenant_id, FeedState.feed_id.in_(feed_ids)
    )
    return dict.fromkeys(feed_ids, "draft") | {row.feed_id: row.status for row in db.execute(listed)}
