"""What becomes of a stored caption: edited, restored, moved from draft to archive, marked and, at last, deleted."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Mapping

from lib.domain.brief import clean
from lib.domain.errors import FeedNotFound
from lib.domain.feed_filter import STATUSES
from lib.store import feed_states, feeds
from lib.studio import Studio

MAX_NOTE = 500
"""Characters of the note beside a move; what is beyond is cut."""


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

    Raises ``FeedNotFound``, and ``ValueError`` for what is none of ``STATUSES``.
    """
    if status not in STATUSES:
        raise ValueError(status)
    note = clean(note)[:MAX_NOTE]
    left = {}
    with studio.database.tenant(tenant_id) as db:
        for feed_id in sorted(feed_ids):  # in one order, so that two who move the same feeds never wait for each other
            feeds.lock(db, tenant_id, feed_id)
            before = feed_states.move(db, tenant_id, feed_id, status, note=note, person=person)
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
                feeds.lock(db, tenant_id, feed_id)
                if feed_states.get(db, tenant_id, feed_id).status == moved_to:
                    feed_states.move(db, tenant_id, feed_id, status, person=person)
                    back += 1
    return back


def set_favourite(studio: Studio, tenant_id: str, feed_id: uuid.UUID, *, favourite: bool) -> None:
    """Make the feed a favourite of the team's, or one no more. Raises ``FeedNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        feeds.lock(db, tenant_id, feed_id)
        feed_states.set_favourite(db, tenant_id, feed_id, favourite=favourite)
