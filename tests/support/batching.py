"""Batches for tests: checked rows with short defaults, and the worker that writes them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from lib.batches import steps
from lib.batches.creation import create
from lib.batches.running import Runner
from lib.domain.batches.rows import NewRow
from lib.domain.brief import Brief, GenerationOptions
from lib.generation.submit import GenerationRequest, submit
from lib.store.batches import batches, taking
from lib.store.batches.batches import Batch
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.patience import PATIENCE_S


def new_rows(count: int, tenant_id: str = "acme", model: str = "demo", **more: Any) -> list[NewRow]:
    """So many rows, each about another product."""
    return [
        NewRow(
            Brief(tenant_id, "", "따뜻하게", f"통밀 식빵 {number}호", "", "짧게 써 주세요."),
            GenerationOptions(model),
            **cast(Any, more),
        )
        for number in range(1, count + 1)
    ]


def batch_of(studio: Studio, count: int, tenant_id: str = "acme", model: str = "demo", **more: Any) -> uuid.UUID:
    """The id of a new batch of so many rows, that nobody works on yet."""
    return create(studio, tenant_id, new_rows(count, tenant_id, model), **cast(Any, {"source": "api"} | more))


def written_batch(studio: Studio, as_owner: RunSql, count: int) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """A batch of which each row has its caption, and the ids of these captions."""
    batch_id = batch_of(studio, count)
    feed_ids = [
        submit(studio, GenerationRequest(brief=row.brief, options=row.options, source="batch")).wait().instagram_feed_id
        for row in new_rows(count)
    ]
    for number, feed_id in enumerate(feed_ids, start=1):
        as_owner(
            "UPDATE studio_batch_rows SET status = 'written', instagram_feed_id = %s, finished_at = now(), cost_usd = 0"
            " WHERE batch_id = %s AND number = %s",
            feed_id,
            batch_id,
            number,
        )
    return batch_id, feed_ids


def take_steps(studio: Studio, as_owner: RunSql) -> None:
    """Take every step that is due of every batch, with no wait between two of them."""
    as_owner("UPDATE studio_request_files SET due_at = now() WHERE due_at IS NOT NULL")
    as_owner("UPDATE studio_batch_rows SET not_before = NULL")
    with studio.database.directory() as db:
        due = taking.due(db)
    for each in due:
        steps.take_step(studio, each)


@contextmanager
def running(studio: Studio, at_once: int = 4) -> Iterator[Runner]:
    runner = Runner(studio, at_once)
    runner.run()
    try:
        yield runner
    finally:
        runner.stop()


def read(studio: Studio, batch_id: uuid.UUID, tenant_id: str = "acme") -> Batch:
    with studio.database.tenant(tenant_id) as db:
        return batches.get(db, tenant_id, batch_id)


def until(studio: Studio, batch_id: uuid.UUID, status: str, tenant_id: str = "acme") -> Batch:
    deadline = time.monotonic() + PATIENCE_S
    while (batch := read(studio, batch_id, tenant_id)).status != status:
        assert time.monotonic() < deadline, batch
        time.sleep(0.02)
    return batch


def work_through(studio: Studio, batch_id: uuid.UUID, tenant_id: str = "acme") -> None:
    """Have every row of the batch written, or fail."""
    with running(studio):
        until(studio, batch_id, "done", tenant_id)
