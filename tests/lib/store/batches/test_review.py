"""The captions of a batch are walked through in its order, and only those that nobody has decided on."""

from __future__ import annotations

from lib.feeds import workflow
from lib.store.batches import review
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import written_batch


def test_undecided_captions_are_found_forward_and_backward(studio: Studio, as_owner: RunSql) -> None:
    batch_id, feed_ids = written_batch(studio, as_owner, 4)
    workflow.move(studio, "acme", [feed_ids[1]], "approved")
    as_owner("UPDATE studio_batch_rows SET status = 'failed' WHERE number = 4")
    with studio.database.tenant("acme") as db:
        forward = [review.next_undecided(db, "acme", batch_id, (number, 1)) for number in (0, 1, 3)]
        assert forward == [(1, 1), (3, 1), None]
        assert review.next_undecided(db, "acme", batch_id, (3, 1), backward=True) == (1, 1)
        assert review.statuses(db, "acme", batch_id) == {"draft": 2, "approved": 1}
        assert set(review.undecided(db, "acme", batch_id)) == {feed_ids[0], feed_ids[2]}
        assert review.status_of(db, "acme", feed_ids[:2]) == {feed_ids[0]: "draft", feed_ids[1]: "approved"}
    with studio.database.tenant("rival") as db:
        assert review.statuses(db, "rival", batch_id) == {}
        assert review.next_undecided(db, "rival", batch_id, (0, 1)) is None
