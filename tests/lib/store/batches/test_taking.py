"""A row is taken by one worker alone, in the order of the file; what is due is found over all teams."""

from __future__ import annotations

import uuid

from lib.store.batches import taking
from lib.store.batches.taking import Lane
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of


def lanes(studio: Studio) -> list[Lane]:
    with studio.database.directory() as db:
        return taking.lanes(db)


def due(studio: Studio) -> set[tuple[uuid.UUID, str]]:
    with studio.database.directory() as db:
        return {(entry.batch_id, entry.step) for entry in taking.due(db)}


def test_two_workers_take_different_rows_and_neither_waits(studio: Studio) -> None:
    batch_of(studio, 3)
    (lane,) = lanes(studio)
    with studio.database.tenant("acme") as first, studio.database.tenant("acme") as second:
        one, two = taking.take(first, lane), taking.take(second, lane)
        assert one
        assert two
        assert (one.number, two.number) == (1, 2)
    with studio.database.tenant("acme") as db:
        rest = [taking.take(db, lane) for _ in range(2)]
    assert [row and row.number for row in rest] == [3, None]
    assert lanes(studio) == []


def test_what_is_rolled_back_waits_as_before(studio: Studio) -> None:
    batch_of(studio, 1)
    (lane,) = lanes(studio)
    try:
        with studio.database.tenant("acme") as db:
            taking.take(db, lane)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert lanes(studio) == [lane]


def test_lanes_are_those_of_all_teams_by_model_and_only_what_may_be_sent_now(studio: Studio, as_owner: RunSql) -> None:
    mine, theirs = batch_of(studio, 2), batch_of(studio, 1, "other", "demo-slow")
    as_owner("UPDATE studio_batch_rows SET model = 'demo-slow' WHERE batch_id = %s AND number = 2", mine)
    assert set(lanes(studio)) == {
        Lane("acme", mine, "demo"),
        Lane("acme", mine, "demo-slow"),
        Lane("other", theirs, "demo-slow"),
    }
    as_owner("UPDATE studio_batch_rows SET not_before = now() + interval '1 hour' WHERE model = 'demo'")
    as_owner(
        "INSERT INTO studio_model_limits (tenant_id, model, blocked_until)"
        " VALUES ('acme', 'demo-slow', now() + interval '1 hour')"
    )
    assert lanes(studio) == [Lane("other", theirs, "demo-slow")]
    as_owner("UPDATE studio_batches SET status = 'paused'")
    assert lanes(studio) == []
    with studio.database.tenant("acme") as db:
        assert taking.lanes(db) == [], "who has named a tenant gets no answer"
        assert taking.due(db) == []


def test_what_is_due_is_found(studio: Studio, as_owner: RunSql) -> None:
    paused, over, ended, busy = (batch_of(studio, 1) for _ in range(4))
    assert due(studio) == set()
    as_owner("UPDATE studio_batches SET status = 'paused', resumes_at = now() WHERE batch_id = %s", paused)
    as_owner("UPDATE studio_batch_rows SET status = 'failed' WHERE batch_id = %s", over)
    as_owner(
        "UPDATE studio_batches SET status = 'done', ended_at = now(), webhook_due_at = now() WHERE batch_id = %s", ended
    )
    assert due(studio) == {(paused, "resume"), (over, "finish"), (ended, "webhook")}
    assert busy
