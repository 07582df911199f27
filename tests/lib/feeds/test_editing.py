"""A stored feed is changed whole or not at all, by nobody who has not seen how it stands."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.domain.errors import FeedChanged, FeedNotFound, InvalidCaption, JobNotFound, OverlayNotFound
from lib.feeds import editing
from lib.store import feeds
from lib.store.feeds import Feed
from lib.studio import Studio

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def feed(studio: Studio, insert_by_sql: Callable[..., uuid.UUID]) -> Feed:
    feed_id = insert_by_sql()
    with studio.database.tenant("acme") as db:
        return feeds.get(db, "acme", feed_id)


@pytest.fixture
def links(as_owner: Sql) -> tuple[uuid.UUID, uuid.UUID]:
    """A job of acme's, and an overlay."""
    job = as_owner("INSERT INTO jobs (tenant_id) VALUES ('acme') RETURNING job_id")[0][0]
    overlay = as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id")[0][0]
    return uuid.UUID(job), uuid.UUID(overlay)


def test_a_feed_is_linked_and_unlinked(studio: Studio, feed: Feed, links: tuple[uuid.UUID, uuid.UUID]) -> None:
    linked = editing.relink(studio, feed, *links)
    assert (linked.job_id, linked.overlay_id) == links
    assert linked.instagram_ad_copy == feed.instagram_ad_copy
    loose = editing.relink(studio, linked, None, None)
    assert (loose.job_id, loose.overlay_id) == (None, None)


def test_who_has_not_seen_the_last_change_changes_nothing(
    studio: Studio, feed: Feed, links: tuple[uuid.UUID, uuid.UUID]
) -> None:
    editing.change(studio, "acme", feed.instagram_feed_id, hashtags="#새것")
    with pytest.raises(FeedChanged):
        editing.relink(studio, feed, *links)


def test_a_change_of_which_a_part_is_wrong_is_not_made(
    studio: Studio, feed: Feed, links: tuple[uuid.UUID, uuid.UUID], as_owner: Sql
) -> None:
    theirs = uuid.UUID(as_owner("INSERT INTO jobs (tenant_id) VALUES ('other') RETURNING job_id")[0][0])
    wrong: tuple[tuple[dict[str, Any], type[Exception]], ...] = (
        ({"job_id": links[0], "hashtags": "#a #b #c #d #e #f"}, InvalidCaption),
        ({"job_id": theirs, "hashtags": "#a"}, JobNotFound),
        ({"overlay_id": uuid.uuid4(), "hashtags": "#a"}, OverlayNotFound),
    )
    for new, error in wrong:
        with pytest.raises(error):
            editing.change(studio, "acme", feed.instagram_feed_id, **new)
    with studio.database.tenant("acme") as db:
        assert feeds.get(db, "acme", feed.instagram_feed_id) == feed


def test_another_tenants_feed_cannot_be_changed(studio: Studio, feed: Feed) -> None:
    with pytest.raises(FeedNotFound):
        editing.change(studio, "other", feed.instagram_feed_id, hashtags="")


def test_nothing_new_is_no_change(studio: Studio, feed: Feed) -> None:
    assert editing.change(studio, "acme", feed.instagram_feed_id, hashtags=feed.hashtags, job_id=None) == feed
