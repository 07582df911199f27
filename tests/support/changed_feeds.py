"""What is on record of the changes of a feed."""

from __future__ import annotations

import uuid

from lib.store import feed_states, feed_versions, feeds
from lib.store.feed_states import State
from lib.store.feed_versions import Version
from lib.store.feeds import Feed
from lib.studio import Studio


def read(studio: Studio, feed_id: uuid.UUID, tenant: str = "acme") -> Feed:
    with studio.database.tenant(tenant) as db:
        return feeds.get(db, tenant, feed_id)


def versions_of(studio: Studio, feed_id: uuid.UUID, tenant: str = "acme") -> list[Version]:
    with studio.database.tenant(tenant) as db:
        return feed_versions.of_feed(db, tenant, feed_id)


def state_of(studio: Studio, feed_id: uuid.UUID) -> State:
    with studio.database.tenant("acme") as db:
        return feed_states.get(db, "acme", feed_id)
