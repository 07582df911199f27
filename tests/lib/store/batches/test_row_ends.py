"""A batch pauses once, and the newest reasons of its rows are read in their order."""

from __future__ import annotations

from decimal import Decimal

from lib.store.batches import batches, row_ends
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of, read


def test_a_batch_that_is_over_is_not_paused(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 1)
    with studio.database.tenant("acme") as db:
        row_ends.pause(db, "acme", batch_id, "wrong_key", {"a": 1}, 30)
        paused = batches.get(db, "acme", batch_id)
        row_ends.pause(db, "acme", batch_id, "busy", None, None)
        assert batches.get(db, "acme", batch_id) == paused
    assert (paused.paused_because, paused.paused_params, bool(paused.resumes_at)) == ("wrong_key", {"a": 1}, True)
    as_owner("UPDATE studio_batches SET status = 'done'")
    with studio.database.tenant("acme") as db:
        row_ends.pause(db, "acme", batch_id, "wrong_key", None, None)
        assert batches.get(db, "acme", batch_id).status == "done"


def test_what_is_spent_adds_up_when_it_is_committed(studio: Studio) -> None:
    batch_id = batch_of(studio, 1)
    with studio.database.tenant("acme") as db:
        row_ends.spend(db, "acme", batch_id, Decimal("0.25"))
        row_ends.spend(db, "acme", batch_id, Decimal("-0.05"))
        with studio.database.tenant("acme") as meanwhile:
            row_ends.spend(meanwhile, "acme", batch_id, Decimal(1))
    assert read(studio, batch_id).spent_usd == Decimal("1.20")


def test_the_newest_reasons_come_first(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 4)
    as_owner(
        "UPDATE studio_batch_rows SET status = 'failed', error_code = 'e' || number,"
        " finished_at = now() + make_interval(secs => number) WHERE number < 4"
    )
    as_owner("UPDATE studio_batch_rows SET status = 'written', error_code = NULL WHERE number = 2")
    with studio.database.tenant("acme") as db:
        assert row_ends.newest_errors(db, "acme", batch_id, 2) == ["e3", None]
