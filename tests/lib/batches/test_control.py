"""A batch is paused, resumed, cancelled and tried again as its status allows."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from lib.batches import control
from lib.domain.errors import BatchEnded, BatchNotFound, InvalidBatch
from lib.store.batches import batches, rows
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of


def test_a_batch_is_paused_and_goes_on(studio: Studio) -> None:
    batch_id = batch_of(studio, 2)
    paused = control.pause(studio, "acme", batch_id)
    assert (paused.status, paused.paused_because) == ("paused", control.PERSON)
    for _ in range(2):
        resumed = control.resume(studio, "acme", batch_id)
        assert (resumed.status, resumed.paused_because) == ("queued", None)


def test_a_cancelled_batch_sends_nothing_any_more_and_cannot_go_on(studio: Studio) -> None:
    batch_id = batch_of(studio, 2)
    for _ in range(2):
        assert control.cancel(studio, "acme", batch_id).status == "cancelled"
    with studio.database.tenant("acme") as db:
        assert [row.status for row in rows.page(db, "acme", batch_id)] == ["cancelled", "cancelled"]
    for change in (control.pause, control.resume):
        with pytest.raises(BatchEnded):
            change(studio, "acme", batch_id)


def test_nobody_changes_the_batch_of_another_team(studio: Studio) -> None:
    batch_id = batch_of(studio, 1)
    for change in (control.pause, control.resume, control.cancel, control.retry_failed):
        with pytest.raises(BatchNotFound):
            change(studio, "other", batch_id)
    with pytest.raises(BatchNotFound):
        control.raise_limit(studio, "acme", uuid.uuid4(), None)


def test_failed_rows_are_tried_again_in_a_batch_that_has_ended(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 3)
    as_owner("UPDATE studio_batch_rows SET status = 'failed', error_code = 'refused', finished_at = now()")
    as_owner("UPDATE studio_batch_rows SET status = 'unknown', error_code = 'server_died' WHERE number = 3")
    as_owner("UPDATE studio_batches SET status = 'done', ended_at = now(), started_at = now()")
    assert control.retry_failed(studio, "acme", batch_id, [(2, 1), (3, 1)]) == 1
    with studio.database.tenant("acme") as db:
        assert batches.get(db, "acme", batch_id).status == "running"
        row = rows.get(db, "acme", batch_id, (2, 1))
    assert row
    assert (row.status, row.tries, row.error_code) == ("waiting", 2, None)
    assert control.retry_failed(studio, "acme", batch_id, unknown=True) == 2


def test_a_limit_is_raised_above_what_was_spent(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 1, limit_usd=Decimal(1))
    as_owner("UPDATE studio_batches SET status = 'paused', paused_because = 'limit', spent_usd = 1.5")
    with pytest.raises(InvalidBatch):
        control.raise_limit(studio, "acme", batch_id, Decimal("1.2"))
    raised = control.raise_limit(studio, "acme", batch_id, Decimal(3))
    assert (raised.status, raised.limit_usd) == ("queued", Decimal(3))
