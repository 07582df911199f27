"""A worker's threads write every row of every batch, each once, and each batch in its turn."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from decimal import Decimal
from typing import Any

import pytest

from lib.batches import control
from lib.batches.running import Runner
from lib.demo.model import DemoModel
from lib.demo.model.endpoint import Reply
from lib.store.batches import batches, rows
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of, read, running, until
from tests.support.patience import PATIENCE_S


def test_every_row_is_written_once_and_the_batch_is_done(studio: Studio, demo: DemoModel) -> None:
    batch_id = batch_of(studio, 12)
    with running(studio):
        until(studio, batch_id, "done")
    with studio.database.tenant("acme") as db:
        written = rows.page(db, "acme", batch_id)
    assert [row.status for row in written] == ["written"] * 12
    assert len({row.instagram_feed_id for row in written}) == 12
    assert all(row.instagram_ad_copy for row in written)
    assert len(demo.requests) == 12


def test_a_small_batch_that_comes_later_takes_turns_with_a_big_one(
    studio: Studio, demo: DemoModel, as_owner: RunSql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two threads, which go on together: of each two rows, one is of the small batch until it has none left."""
    answer, pairs = demo.respond, itertools.count(1)
    runners: list[Runner] = []
    small: list[uuid.UUID] = []

    def come_later() -> None:
        if next(pairs) == 2:
            small.append(batch_of(studio, 3, "other"))
            runners[0].look()

    both = threading.Barrier(2, come_later)

    def answer_both(body: dict[str, Any], *, patience_s: float | None = None) -> Reply:
        both.wait(PATIENCE_S)
        return answer(body, patience_s=patience_s)

    monkeypatch.setattr(demo, "respond", answer_both)
    with running(studio, 2) as runner:
        runners.append(runner)
        until(studio, batch_of(studio, 9), "done")
        until(studio, small[0], "done", "other")
    taken = [tenant for (tenant,) in as_owner("SELECT tenant_id FROM studio_batch_rows ORDER BY started_at")]
    alone, mixed = {"acme"}, {"acme", "other"}
    assert [set(taken[place : place + 2]) for place in range(0, 12, 2)] == [alone] * 2 + [mixed] * 3 + [alone]


def test_a_paused_batch_stops_and_goes_on(studio: Studio, demo: DemoModel) -> None:
    batch_id = batch_of(studio, 30)
    with running(studio, 2):
        until(studio, batch_id, "running")
        control.pause(studio, "acme", batch_id)
        until(studio, batch_of(studio, 4, "other"), "done", "other")  # meanwhile ends what was just being taken
        deadline = time.monotonic() + PATIENCE_S
        while under_way(studio, batch_id):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        sent = len(demo.requests)
        assert sent < 34
        until(studio, batch_of(studio, 4, "other"), "done", "other")
        assert len(demo.requests) == sent + 4, "what others have written meanwhile, and no more"
        control.resume(studio, "acme", batch_id)
        until(studio, batch_id, "done")
    assert len(demo.requests) == 38


def under_way(studio: Studio, batch_id: uuid.UUID) -> int:
    with studio.database.tenant("acme") as db:
        return batches.progress(db, "acme", [batch_id])[batch_id].rows.get("running", 0)


def test_a_limit_is_not_exceeded_by_more_than_what_is_under_way(
    studio: Studio, demo: DemoModel, as_owner: RunSql
) -> None:
    as_owner(
        "INSERT INTO studio_prices (tenant_id, model, starts_on, input_usd, cached_usd, output_usd)"
        " VALUES ('acme', 'demo', '2020-01-01', 1, 1, 1)"
    )
    batch_id = batch_of(studio, 40, limit_usd=Decimal("0.005"))
    with running(studio):
        batch = until(studio, batch_id, "paused")
    assert batch.paused_because == control.LIMIT
    batch = read(studio, batch_id)
    assert batch.limit_usd
    most = as_owner("SELECT max(cost_usd) FROM studio_batch_rows")[0][0]
    assert batch.limit_usd <= batch.spent_usd < batch.limit_usd + 4 * most
    assert as_owner("SELECT sum(cost_usd) FROM studio_batch_rows") == [(batch.spent_usd,)]
    assert len(demo.requests) < 40


def test_a_stopping_worker_lets_end_what_is_under_way(studio: Studio) -> None:
    batch_id = batch_of(studio, 200)
    with running(studio):
        until(studio, batch_id, "running")
    assert under_way(studio, batch_id) == 0
    with studio.database.tenant("acme") as db:
        assert batches.progress(db, "acme", [batch_id])[batch_id].rows.get("waiting")
