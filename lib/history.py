"""What becomes of a stored caption: edited, restored, moved from draft to archive, marked and, at last, deleted."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Mapping

from lib import changes
from lib.brief import clean
from lib.errors import FeedNotFound
from lib.feed_filter import STATUSES
from lib.store import feeds, generations, states, versions
from lib.store.feeds import Feed
from lib.studio import Studio

MAX_NOTE = 500
"""Characters of the note beside a move; what is beyond is cut."""


def edit(studio: Studio, feed: Feed, text: str, hashtags: str, *, person: str | None = None) -> Feed:
    """Store the texts that a person made of the feed, as a new version.

    Raises :class:`lib.errors.InvalidCaption`, and ``FeedChanged`` where somebody else changed it since it was read.
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

    Raises :class:`lib.errors.VersionNotFound`, and ``FeedChanged`` where somebody else changed it since it was read.
    """
    with studio.database.tenant(feed.tenant_id) as db:
        wanted = versions.get(db, feed.tenant_id, feed.instagram_feed_id, number)
        versions.announce(db, kind="restore", restored=number, person=person)
        return feeds.edit(
            db,
            feed.tenant_id,
            feed.instagram_feed_id,
            instagram_ad_copy=wanted.instagram_ad_copy,
            hashtags=wanted.hashtags,
            seen=feed.updated_at,
        )


def move(
    studio: Studio,
    tenant_id: str,
    feed_ids: Iterable[uuid.UUID],
    status: str,
    *,
    note: str = "",
    person: str | None = None,
) -> dict[uuid.UUID, str]:
    """Put the feeds there, all or none; returns the status that each of those had which really moved.

    Raises :class:`lib.errors.FeedNotFound`, and ``ValueError`` for what is none of ``STATUSES``.
    """
    if status not in STATUSES:
        raise ValueError(status)
    note = clean(note)[:MAX_NOTE]
    left = {}
    with studio.database.tenant(tenant_id) as db:
        for feed_id in sorted(feed_ids):  # in one order, so that two who move the same feeds never wait for each other
            feeds.hold(db, tenant_id, feed_id)
            before = states.move(db, tenant_id, feed_id, status, note=note, person=person)
            if before:
                left[feed_id] = before
    return left


def move_back(
    studio: Studio, tenant_id: str, left: Mapping[uuid.UUID, str], moved_to: str, *, person: str | None = None
) -> int:
    """Undo a :func:`move`: each feed goes back to the status it had; returns how many did.

    What somebody else has moved on since, or deleted, stays as it is.
    """
    back = 0
    with studio.database.tenant(tenant_id) as db:
        for feed_id, status in sorted(left.items()):
            with contextlib.suppress(FeedNotFound):
                feeds.hold(db, tenant_id, feed_id)
                if states.get(db, tenant_id, feed_id).status == moved_to:
                    states.move(db, tenant_id, feed_id, status, person=person)
                    back += 1
    return back


def favour(studio: Studio, tenant_id: str, feed_id: uuid.UUID, *, favourite: bool) -> None:
    """Make the feed a favourite of the team's, or one no more. Raises :class:`lib.errors.FeedNotFound`."""
    with studio.database.tenant(tenant_id) as db:
        feeds.hold(db, tenant_id, feed_id)
        states.favour(db, tenant_id, feed_id, favourite=favourite)


def delete(studio: Studio, tenant_id: str, feed_id: uuid.UUID) -> None:
    """Delete the feed for good, with its versions, its moves and the attempts that made it.

    There is no way back. Raises :class:`lib.errors.FeedNotFound`.
    """
    with studio.database.tenant(tenant_id) as db:
        feeds.hold(db, tenant_id, feed_id)
        generations.forget(db, tenant_id, feed_id)
        feeds.delete(db, tenant_id, feed_id)  # its versions, moves and state go by the trigger of whoever deletes
