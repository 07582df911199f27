"""What a person decides on the captions of a batch."""

from __future__ import annotations

import contextlib
import uuid

from lib.batches import control
from lib.domain.errors import DisclosureUnconfirmed, FeedNotFound, MoveNotAllowed
from lib.feeds import workflow
from lib.store.batches import review, rows
from lib.store.batches.rows import Place
from lib.studio import Studio

AT_A_TIME = 200
"""Captions that are moved in one transaction."""
APPROVED, ARCHIVED = "approved", "archived"
_OF_ONE = (FeedNotFound, MoveNotAllowed, DisclosureUnconfirmed)
"""Errors of one caption, which was changed meanwhile or has to be looked at."""


def approve(studio: Studio, tenant_id: str, feed_id: uuid.UUID, *, person: str | None, acknowledged: str = "") -> None:
    """Approve one caption. Raises ``FeedNotFound`` and ``MoveNotAllowed``.

    Raises ``DisclosureUnconfirmed`` where its disclosure is not as it should be, and ``acknowledged`` says no reason.
    """
    workflow.move(studio, tenant_id, [feed_id], APPROVED, person=person, acknowledged=acknowledged)


def approve_all(studio: Studio, tenant_id: str, batch_id: uuid.UUID, *, person: str | None) -> int:
    """Approve the captions of a batch that nobody has decided on; returns how many.

    Deleted ones are passed over, and those whose disclosure is not as it should be: each needs a reason of its own.
    """
    with studio.database.tenant(tenant_id) as db:
        feed_ids = review.undecided(db, tenant_id, batch_id)
    count = 0
    for first in range(0, len(feed_ids), AT_A_TIME):
        some = feed_ids[first : first + AT_A_TIME]
        try:
            count += len(workflow.move(studio, tenant_id, some, APPROVED, person=person))
        except _OF_ONE:  # the others one by one
            for feed_id in some:
                with contextlib.suppress(*_OF_ONE):
                    count += len(workflow.move(studio, tenant_id, [feed_id], APPROVED, person=person))
    return count


def redo(studio: Studio, tenant_id: str, batch_id: uuid.UUID, place: Place, *, person: str | None) -> None:
    """Have a row that is written written again: a new request, which is paid again. Its caption goes to the archive.

    Raises ``BatchNotFound``. Nothing happens to a row that is not written.
    """
    with studio.database.tenant(tenant_id) as db:
        row = rows.get(db, tenant_id, batch_id, place)
    if control.rewrite(studio, tenant_id, batch_id, [place]) and row and row.instagram_feed_id:
        with contextlib.suppress(FeedNotFound, MoveNotAllowed):
            workflow.move(studio, tenant_id, [row.instagram_feed_id], ARCHIVED, person=person)
