"""A caption is deleted with all that is only its own, and nothing else."""

from __future__ import annotations

import pytest

from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.feeds import deletion, editing, workflow
from lib.store import attempts, generations
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support import generating


def test_deleting_takes_versions_moves_and_attempts_with_it(studio: Studio, feed: Feed, as_owner: RunSql) -> None:
    key = feed.instagram_feed_id
    editing.edit(studio, feed, "고친 글", "")
    workflow.move(studio, "acme", [key], "archived")
    deletion.delete(studio, "acme", key)
    for table in (
        "instagram_feeds",
        "studio_feed_index",
        "studio_feed_versions",
        "studio_feed_moves",
        "studio_feed_states",
        "studio_generations",
        "studio_attempts",
    ):
        assert as_owner(f"SELECT count(*) FROM {table}") == [(0,)], table
    with pytest.raises(errors.FeedNotFound):
        deletion.delete(studio, "acme", key)


def test_what_was_made_of_a_feed_outlives_it(studio: Studio, brief: Brief, feed: Feed) -> None:
    child = generating.write(studio, brief, GenerationOptions("demo"), source="page", parent=feed, change="shorter")
    deletion.delete(studio, "acme", feed.instagram_feed_id)
    with studio.database.tenant("acme") as db:
        made = generations.children(db, "acme", feed.instagram_feed_id)
        assert [one.instagram_feed_id for one in made] == [child.instagram_feed_id]
        assert attempts.of_generation(db, "acme", made[0].generation_id)
