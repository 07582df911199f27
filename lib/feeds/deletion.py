"""A stored caption is deleted for good."""

from __future__ import annotations

import uuid

from lib.store import feeds, generations
from lib.studio import Studio


def delete(studio: Studio, tenant_id: str, feed_id: uuid.UUID) -> None:
    """Delete the feed for good, with its versions, its moves and the attempts that made it.

    There is no way back. Raises ``FeedNotFound``.
    """
    with studio.database.tenant(tenant_id) as db:
        feeds.lock(db, tenant_id, feed_id)
        generations.delete_of_feed(db, tenant_id, feed_id)
        feeds.delete(db, tenant_id, feed_id)  # its versions, moves and state go by the trigger of whoever deletes
