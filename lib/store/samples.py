"""Sample captions put in by the app itself, which owns no table: the bulk goes in through ``scripts.sample``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import InstagramFeed

_ADD = insert(InstagramFeed).on_conflict_do_nothing(index_elements=[InstagramFeed.instagram_feed_id])


def add(db: Connection, tenant_id: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Store rows of :class:`lib.demo.samples.rows.Rows`, which are the tenant's; those that are there already stay."""
    db.execute(_ADD, [{**row, "tenant_id": tenant_id} for row in rows])
