"""Sample captions that the app itself inserts; ``scripts.sample`` loads larger numbers of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import InstagramFeed

_ADD = insert(InstagramFeed).on_conflict_do_nothing(index_elements=[InstagramFeed.instagram_feed_id])


def add(db: Connection, tenant_id: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of :class:`lib.demo.samples.rows.Rows` for the tenant; rows that exist already stay as they are."""
    db.execute(_ADD, [{**row, "tenant_id": tenant_id} for row in rows])
