"""The one way to change a stored feed: its texts, its status, its job and overlay, or back to an earlier version."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TypedDict, Unpack

from lib.domain.caption import Caption
from lib.domain.errors import FeedChanged
from lib.domain.feed_filter import Status
from lib.feeds import checking, workflow
from lib.generation import job_links
from lib.store import feed_states, feed_versions, feeds
from lib.store.feed_versions import Version
from lib.store.feeds import Feed
from lib.studio import Studio


class Changes(TypedDict, total=False):
    """The new values; what is left out stays as it is. None unlinks a job or an overlay."""

    instagram_ad_copy: str
    hashtags: str
    job_id: uuid.UUID | None
    overlay_id: uuid.UUID | None
    status: Status
    acknowledged: str
    """Why the feed may be approved or posted although its disclosure is not as it should be."""
    favourite: bool


def change(
    studio: Studio,
    tenant_id: str,
    feed_id: uuid.UUID,
    *,
    seen: dt.datetime | None = None,
    person: str | None = None,
    **new: Unpack[Changes],
) -> Feed:
    """Change a feed, all of it or nothing, and return it; ``seen`` is the ``updated_at`` that the change is based on.

    New texts become a new version. An approved or posted feed that loses its disclosure is a draft again.

    Raises ``FeedNotFound``, ``FeedChanged`` where the feed was changed after ``seen``, ``InvalidCaption``,
    ``JobNotFound``, ``OverlayNotFound``, ``OverlayOfAnotherJob``, ``MoveNotAllowed`` and ``DisclosureUnconfirmed``.
    """
    with studio.database.tenant(tenant_id) as db:
        feed = feeds.lock(db, tenant_id, feed_id)
        if seen is not None and feed.updated_at != seen:
            raise FeedChanged(feed_id=feed_id)
        job_id, overlay_id = new.get("job_id", feed.job_id), new.get("overlay_id", feed.overlay_id)
        if (job_id, overlay_id) != (feed.job_id, feed.overlay_id):
            job_links.require_links(db, tenant_id, job_id, overlay_id)
            feed = feeds.link(db, tenant_id, feed_id, job_id=job_id, overlay_id=overlay_id)
        text, tags = new.get("instagram_ad_copy", feed.instagram_ad_copy), new.get("hashtags", feed.hashtags)
        if (text, tags) != (feed.instagram_ad_copy, feed.hashtags):
            caption = Caption.from_fields(text, tags).checked()
            if checking.disclosure_taken_away(feed, caption):
                workflow.withdraw(db, feed, person=person)
            feed_versions.announce(db, kind="edit", restored=None, person=person)
            feed = feeds.edit(
                db,
                tenant_id,
                feed_id,
                instagram_ad_copy=caption.text,
                hashtags=caption.hashtag_field,
                seen=feed.updated_at,
            )
        if "status" in new:
            workflow.move_locked(db, feed, new["status"], person=person, acknowledged=new.get("acknowledged", ""))
        if "favourite" in new:
            feed_states.set_favourite(db, tenant_id, feed_id, favourite=new["favourite"])
    return feed


def edit(studio: Studio, feed: Feed, text: str, hashtags: str, *, person: str | None = None) -> Feed:
    """Store the texts that a person made of the feed, as a new version, and return it.

    Raises ``InvalidCaption``, and ``FeedChanged`` where somebody else changed it since it was read.
    """
    tenant_id, feed_id, seen = feed.tenant_id, feed.instagram_feed_id, feed.updated_at
    return change(studio, tenant_id, feed_id, seen=seen, person=person, instagram_ad_copy=text, hashtags=hashtags)


def relink(studio: Studio, feed: Feed, job_id: uuid.UUID | None, overlay_id: uuid.UUID | None) -> Feed:
    """Link a feed to a job and an overlay, or to none, and return it.

    Raises ``JobNotFound``, ``OverlayNotFound``, ``OverlayOfAnotherJob``, and ``FeedChanged`` where somebody else
    changed it since it was read.
    """
    tenant_id, feed_id, seen = feed.tenant_id, feed.instagram_feed_id, feed.updated_at
    return change(studio, tenant_id, feed_id, seen=seen, job_id=job_id, overlay_id=overlay_id)


def restore(studio: Studio, feed: Feed, number: int, *, person: str | None = None) -> Feed:
    """Give the feed the texts of an earlier version as a new version, and return it.

    To the letter, but for the disclosure of a sponsored post: where that version has
    none in its first line, it gets one.
    Raises ``VersionNotFound``, and ``FeedChanged`` where somebody else changed it since it was read.
    """
    with studio.database.tenant(feed.tenant_id) as db:
        version = feed_versions.get(db, feed.tenant_id, feed.instagram_feed_id, number)
        feed_versions.announce(db, kind="restore", restored=number, person=person)
        return feeds.edit(
            db,
            feed.tenant_id,
            feed.instagram_feed_id,
            instagram_ad_copy=_restored_text(feed, version),
            hashtags=version.hashtags,
            seen=feed.updated_at,
        )


def is_restored(feed: Feed, version: Version) -> bool:
    """Whether the feed has the texts that restoring this version gives it."""
    return (feed.instagram_ad_copy, feed.hashtags) == (_restored_text(feed, version), version.hashtags)


def _restored_text(feed: Feed, version: Version) -> str:
    return checking.with_disclosure(feed, version.instagram_ad_copy)
