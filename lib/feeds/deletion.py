"""A stored caption is deleted for good."""

from __future__ import annotations

import uuid

from lib.store import feeds, generations
from lib.studio import Studio


def delete(studio: Studio, tenant_id: str, feed_id: uuid.UUID) -> None:
    """Delete the feed for good, with its versions, its moves, the attempts that made it and their traces on this disk.

    There is no way back. Raises ``FeedNotFound``.
    """
    with studio.database.tenant(tenant_id) as db:
        feeds.lock(db, tenant_id, feed_id)
        generation_ids = generations.delete_of_feed(db, tenant_id, feed_id)
        feeds.delete(db, tenant_id, feed_id)  # a trigger deletes its versions, moves and state, whoever deletes it
    for generation_id in generation_ids:
        studio.spool.delete_stored(generation_id)
