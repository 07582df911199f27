"""Captions of a batch are approved one by one or all at once, and written again by choice."""

from __future__ import annotations

import uuid

from lib.batches import control, reviewing
from lib.feeds import deletion, workflow
from lib.store import feed_states
from lib.store.batches import review, rows
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import written_batch


def statuses(studio: Studio, batch_id: uuid.UUID) -> dict[str, int]:
    with studio.database.tenant("acme") as db:
        return review.statuses(db, "acme", batch_id)


def test_everything_undecided_is_approved_and_what_was_decided_stays(studio: Studio, as_owner: RunSql) -> None:
    batch_id, feed_ids = written_batch(studio, as_owner, 5)
    workflow.move(studio, "acme", [feed_ids[0]], "archived")
    workflow.move(studio, "acme", [feed_ids[1]], "in_review")
    deletion.delete(studio, "acme", feed_ids[2])
    assert reviewing.approve_all(studio, "acme", batch_id, person="지은") == 3
    assert statuses(studio, batch_id) == {"archived": 1, "approved": 3}
    assert reviewing.approve_all(studio, "acme", batch_id, person=None) == 0


def test_another_teams_captions_are_not_approved(studio: Studio, as_owner: RunSql) -> None:
    batch_id, _ = written_batch(studio, as_owner, 2)
    assert reviewing.approve_all(studio, "rival", batch_id, person=None) == 0
    assert statuses(studio, batch_id) == {"draft": 2}


def test_a_row_that_is_written_again_waits_and_its_caption_is_archived(studio: Studio, as_owner: RunSql) -> None:
    batch_id, feed_ids = written_batch(studio, as_owner, 2)
    as_owner("UPDATE studio_batches SET status = 'done', started_at = now(), ended_at = now()")
    for _ in range(2):  # a key that is pressed twice
        reviewing.redo(studio, "acme", batch_id, (1, 1), person=None)
    with studio.database.tenant("acme") as db:
        row = rows.get(db, "acme", batch_id, (1, 1))
        assert row
        assert (row.status, row.tries) == ("waiting", 2)
        assert feed_states.get(db, "acme", feed_ids[0]).status == "archived"
    assert control.pause(studio, "acme", batch_id).status == "paused", "the batch goes on"
