"""Counts are the tenant's own, and a count that is not given stays as it was."""

from __future__ import annotations

import uuid

from lib.store.experiments import feed_results
from lib.store.experiments.feed_results import FeedResult
from lib.studio import Studio


def test_a_count_that_is_not_given_stays_as_it_was(studio: Studio) -> None:
    feed_id = uuid.uuid4()
    with studio.database.tenant("acme") as db:
        feed_results.put(db, "acme", FeedResult(feed_id, likes=3, person="민지"))
        feed_results.put(db, "acme", FeedResult(feed_id, likes=4))
        feed_results.put(db, "acme", FeedResult(feed_id, saves=0))
        stored = feed_results.of_feeds(db, "acme", [feed_id])[feed_id]
    assert (stored.likes, stored.saves, stored.reach, stored.person) == (4, 0, None, "민지")
    with studio.database.tenant("globex") as db:
        assert feed_results.of_feeds(db, "globex", [feed_id]) == {}
