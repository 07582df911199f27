"""A stored caption is edited by a person, or restored to an earlier version."""

from __future__ import annotations

from lib.feeds import changes
from lib.store import feed_versions, feeds
from lib.store.feeds import Feed
from lib.studio import Studio


def edit(studio: Studio, feed: Feed, text: str, hashtags: str, *, person: str | None = None) -> Feed:
    """Store the texts that a person made of the feed, as a new version.

    Raises ``InvalidCaption``, and ``FeedChanged`` where somebody else changed it since it was read.
    """
    return changes.change(
        studio,
        feed.tenant_id,
        feed.instagram_feed_id,
        seen=feed.updated_at,
        person=person,
        instagram_ad_copy=text,
        hashtags=hashtags,
    )


def restore(studio: Studio, feed: Feed, number: int, *, person: str | None = None) -> Feed:
    """Make the feed what it was in that version, to the letter, as a new version.

    Raises ``VersionNotFound``, and ``FeedChanged`` where somebody else changed it since it was read.
    """
    with studio.database.tenant(feed.tenant_id) as db:
        wanted = feed_versions.get(db, feed.tenant_id, feed.instagram_feed_id, number)
        feed_versions.announce(db, kind="restore", restored=number, person=person)
        return feeds.edit(
            db,
            feed.tenant_id,
            feed.instagram_feed_id,
            instagram_ad_copy=wanted.instagram_ad_copy,
            hashtags=wanted.hashtags,
            seen=feed.updated_at,
        )
