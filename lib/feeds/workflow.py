"""The status of stored captions, from draft to archive, and the team's favourites."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from lib.domain.brief import clean
from lib.domain.errors import DisclosureUnconfirmed, FeedNotFound, MoveNotAllowed, Problem
from lib.domain.feed_filter import STATUSES
from lib.feeds import checking
from lib.store import feed_states, feeds
from lib.store.feeds import Feed
from lib.studio import Studio

FOLLOWING: dict[str, frozenset[str]] = {status: frozenset(STATUSES) - {status} for status in STATUSES}
"""By status: those that a person or a program may give a caption next. Today every move is allowed."""

GATED = ("approved", "posted")
"""The statuses that a caption gets only with its disclosure, or with a reason why not."""

MAX_NOTE = 500
"""Characters of the note beside a move; what is beyond is cut."""


def may_follow(before: str, after: str) -> bool:
    """Whether a caption with one status may be given the other; one that only a newer release knows may be left."""
    return after in FOLLOWING.get(before, STATUSES)


def move(
    studio: Studio,
    tenant_id: str,
    feed_ids: Iterable[uuid.UUID],
    status: str,
    *,
    note: str = "",
    person: str | None = None,
    acknowledged: str = "",
) -> dict[uuid.UUID, str]:
    """Give the feeds a status, all or none; returns, by feed, the status before, of those that had another one.

    ``acknowledged`` is why feeds may be approved or posted although their disclosure is not as it should be. Raises
    ``FeedNotFound``, ``MoveNotAllowed``, ``DisclosureUnconfirmed``, and ``ValueError`` for a status that is none of
    ``STATUSES``.
    """
    if status not in STATUSES:
        raise ValueError(status)
    before = {}
    with studio.database.tenant(tenant_id) as db:
        for feed_id in sorted(feed_ids):  # in one order, so that two who move the same feeds never wait for each other
            feed = feeds.lock(db, tenant_id, feed_id)
            left = move_locked(db, feed, status, note=note, person=person, acknowledged=acknowledged)
            if left:
                before[feed_id] = left
    return before


def move_locked(
    db: Any, feed: Feed, status: str, *, note: str = "", person: str | None = None, acknowledged: str = ""
) -> str | None:
    """Give a feed that the transaction has locked a status; returns the one before, None where it was the same.

    Raises ``MoveNotAllowed``: :data:`FOLLOWING` says which status may follow which. Raises ``DisclosureUnconfirmed``
    where the feed is to be approved or posted, its disclosure is not as it should be, and nobody says why it may be so.
    """
    tenant_id, feed_id = feed.tenant_id, feed.instagram_feed_id
    before = feed_states.get(db, tenant_id, feed_id).status
    if before != status and not may_follow(before, status):
        raise MoveNotAllowed(feed_id=feed_id, before=before, after=status)
    reason = clean(acknowledged)[:MAX_NOTE] or None
    findings = checking.disclosure_findings(feed) if status in GATED and before != status else []
    if findings and reason is None:
        raise DisclosureUnconfirmed(
            [Problem(each.field, each.code, {**each.params, "text": each.text}) for each in findings], feed_id=feed_id
        )
    return feed_states.move(
        db,
        tenant_id,
        feed_id,
        status,
        note=clean(note)[:MAX_NOTE],
        person=person,
        acknowledged=reason if findings else None,
    )


def withdraw(db: Any, feed: Feed, *, person: str | None = None) -> None:
    """Make a feed a draft again that was approved or posted with the disclosure that an edit has taken away."""
    if feed_states.get(db, feed.tenant_id, feed.instagram_feed_id).status in GATED:
        feed_states.move(db, feed.tenant_id, feed.instagram_feed_id, "draft", person=person)


def move_back(
    studio: Studio, tenant_id: str, before: Mapping[uuid.UUID, str], moved_to: str, *, person: str | None = None
) -> int:
    """Undo a :func:`move`: each feed gets the status before it again; returns how many did.

    A feed that somebody else has moved on or deleted meanwhile stays as it is. An undo is allowed whatever the move; a
    feed whose disclosure an edit has taken away meanwhile becomes a draft where it was approved or posted.
    """
    count = 0
    with studio.database.tenant(tenant_id) as db:
        for feed_id, status in sorted(before.items()):
            with contextlib.suppress(FeedNotFound):
                feed = feeds.lock(db, tenant_id, feed_id)
                if feed_states.get(db, tenant_id, feed_id).status == moved_to:
                    becomes = "draft" if status in GATED and _has_lost_its_disclosure(db, feed) else status
                    feed_states.move(db, tenant_id, feed_id, becomes, person=person)
                    count += 1
    return count


def _has_lost_its_disclosure(db: Any, feed: Feed) -> bool:
    """Whether the feed was edited since its last move, and its disclosure is not as it should be now."""
    last = next(iter(feed_states.moves(db, feed.tenant_id, feed.instagram_feed_id, limit=1)), None)
    is_edited = last is not None and feed.updated_at is not None and feed.updated_at > last.created_at
    return is_edited and bool(checking.disclosure_findings(feed))


def set_favourite(studio: Studio, tenant_id: str, feed_id: uuid.UUID, *, favourite: bool) -> None:
    """Make the feed a favourite of the team's, or one no more. Raises ``FeedNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        feeds.lock(db, tenant_id, feed_id)
        feed_states.set_favourite(db, tenant_id, feed_id, favourite=favourite)
