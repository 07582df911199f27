"""What a check found in each feed, and which feeds were not checked since they changed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, func, null, select, text

from lib.store.feeds import Feed
from lib.store.tables import FeedFindings, InstagramFeed

COUNTED = 100_000
"""How far unchecked feeds are counted."""

_LONGEST = 100_000
"""Characters of a text that are read; those that are checked are fewer."""
_READ = {
    **{
        column.name: func.left(column, _LONGEST).label(column.name)
        for column in InstagramFeed.__table__.columns
        if isinstance(column.type, Text)
    },
    **{name: null().label(name) for name in ("gpt_response_raw", "token_usage")},
}
_FEED = [_READ.get(field.name, getattr(InstagramFeed, field.name)) for field in fields(Feed)]
"""A feed as far as a check looks at it: a row of megabytes is not fetched for it."""
_OF_FEED = and_(
    InstagramFeed.tenant_id == FeedFindings.tenant_id, InstagramFeed.instagram_feed_id == FeedFindings.feed_id
)
_UNCHECKED = and_(FeedFindings.tenant_id == bindparam("tenant"), FeedFindings.findings.is_(None))
# Only as long as the row is what was checked: its own trigger raises updated_at with every change. Whoever edits or
# moves a feed has locked its row, so this does too: the index entry, which all three write, holds what each of them
# wrote. A row that is locked just now is left for the next check: an edit locks the row first and these tables later.
_STORE = text("""
    WITH checked AS MATERIALIZED (
        SELECT checked.*
        FROM ROWS FROM (jsonb_to_recordset(CAST(:checked AS jsonb))
            AS (feed_id uuid, seen timestamptz, findings jsonb, kinds text[])) AS checked
        JOIN instagram_feeds AS i ON i.tenant_id = :tenant AND i.instagram_feed_id = checked.feed_id
            AND i.updated_at IS NOT DISTINCT FROM checked.seen
        FOR SHARE OF i SKIP LOCKED
    )
    UPDATE studio_feed_findings AS f SET findings = checked.findings, kinds = checked.kinds
    FROM checked WHERE f.tenant_id = :tenant AND f.feed_id = checked.feed_id
""")


def unchecked(db: Connection, tenant_id: str, limit: int, *, among: Collection[uuid.UUID] | None = None) -> list[Feed]:
    """The newest feeds that were not checked since they changed; of these ids alone where some are given."""
    statement = select(*_FEED).join(FeedFindings, _OF_FEED).where(_UNCHECKED)
    if among is not None:
        statement = statement.where(FeedFindings.feed_id.in_(among))
    rows = db.execute(statement.order_by(FeedFindings.created_at.desc()).limit(limit), {"tenant": tenant_id})
    return [Feed(*row) for row in rows]


def count_unchecked(db: Connection, tenant_id: str) -> int:
    """How many feeds were not checked since they changed, at most :data:`COUNTED`."""
    some = select(FeedFindings.feed_id).where(_UNCHECKED).limit(COUNTED).subquery()
    return int(db.scalar(select(func.count()).select_from(some), {"tenant": tenant_id}) or 0)


def store(db: Connection, tenant_id: str, checked: Sequence[tuple[Feed, list[Any], list[str]]]) -> None:
    """Store the findings of feeds with their kinds; a feed that was or is being changed stays unchecked."""
    rows = [
        {
            "feed_id": str(feed.instagram_feed_id),
            "seen": feed.updated_at.isoformat() if feed.updated_at else None,
            "findings": findings,
            "kinds": kinds,
        }
        for feed, findings, kinds in checked
    ]
    if rows:
        db.execute(_STORE, {"tenant": tenant_id, "checked": json.dumps(rows, ensure_ascii=False)})


def of_feeds(db: Connection, tenant_id: str, feed_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    """The findings of those of these feeds that were checked, by feed id."""
    statement = select(FeedFindings.feed_id, FeedFindings.findings).where(
        FeedFindings.tenant_id == tenant_id, FeedFindings.feed_id.in_(feed_ids), FeedFindings.findings.is_not(None)
    )
    return {row.feed_id: row.findings for row in db.execute(statement)}
