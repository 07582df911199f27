"""Several changes of a stored feed at once: its texts, its state, the pipeline's job and overlay it is linked to."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TypedDict, Unpack

from lib.domain.caption import Caption
from lib.domain.errors import FeedChanged
from lib.domain.feed_filter import Status
from lib.generation import job_links
from lib.store import feed_states, feed_versions, feeds
from lib.store.feeds import Feed
from lib.studio import Studio


class Changes(TypedDict, total=False):
    """What is to be different; what is left out stays. None unlinks."""

    instagram_ad_copy: str
    hashtags: str
    job_id: uuid.UUID | None
    overlay_id: uuid.UUID | None
    status: Status
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
    """Change a feed, all of it or nothing; ``seen`` is the ``updated_at`` that the change is based on (None: any).

    Raises ``FeedNotFound``, ``FeedChanged``, ``InvalidCaption``, ``JobNotFound``, ``OverlayNotFound``
    and ``OverlayOfAnotherJob``.
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
            feed_states.move(db, tenant_id, feed_id, new["status"], person=person)
        if "favourite" in new:
            feed_states.set_favourite(db, tenant_id, feed_id, favourite=new["favourite"])
    return feed


def relink(studio: Studio, feed: Feed, job_id: uuid.UUID | None, overlay_id: uuid.UUID | None) -> Feed:
    """Link a feed to a job and an overlay, or to none, provided that nobody changed it since it was read."""
    return change(
        studio,
        feed.tenant_id,
        feed.instagram_feed_id,
        seen=feed.updated_at,
        job_id=job_id,
        overlay_id=overlay_id,
    )
