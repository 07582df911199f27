"""A tenant's feeds page by page, newest first."""

from __future__ import annotations

from sqlalchemy import Connection, select, tuple_

from lib.feed_filter import Cursor, FeedFilter
from lib.store.feeds import Feed
from lib.store.tables import InstagramFeed as Table


def feeds(
    db: Connection, tenant_id: str, wanted: FeedFilter, after: Cursor | None = None, limit: int = 20
) -> list[Feed]:
    """So many feeds after the cursor, newest first."""
    columns = [getattr(Table, name) for name in Feed.__dataclass_fields__]
    statement = select(*columns).where(Table.tenant_id == tenant_id)
    if wanted.since:
        statement = statement.where(Table.created_at >= wanted.since)
    if wanted.until:
        statement = statement.where(Table.created_at < wanted.until)
    if wanted.job_id:
        statement = statement.where(Table.job_id == wanted.job_id)
    if wanted.overlay_id:
        statement = statement.where(Table.overlay_id == wanted.overlay_id)
    if after:
        statement = statement.where(
            tuple_(Table.created_at, Table.instagram_feed_id) < tuple_(after.created_at, after.feed_id)
        )
    newest_first = (Table.created_at.desc(), Table.instagram_feed_id.desc())
    return [Feed(*row) for row in db.execute(statement.order_by(*newest_first).limit(limit))]
