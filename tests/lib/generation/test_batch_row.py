"""The row of a batch ends with its generation, whoever stores the end, and its cost is that of all its requests."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from lib.batches import control
from lib.batches.taking import take
from lib.demo.model import DemoModel
from lib.domain.errors import StudioError
from lib.generation import outcome, recovery
from lib.generation.batch_row import RowKey
from lib.store import generations
from lib.store.batches import batches, rows, taking
from lib.store.batches.rows import Row
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of


def test_a_key_names_one_try_of_one_row() -> None:
    key = RowKey(uuid.uuid4(), 12, 2, 3)
    assert RowKey.read(str(key)) == key
    for other in (None, "api:k", "batch:x/1/1/1", f"{key}/1"):
        assert RowKey.read(other) is None


def execute(studio: Studio) -> None:
    """Take the next row, and send it."""
    with studio.database.directory() as db:
        (lane,) = taking.lanes(db)
    submission = take(studio, lane)
    assert submission
    submission.execute()


def row_of(studio: Studio, batch_id: uuid.UUID) -> Row:
    with studio.database.tenant("acme") as db:
        row = rows.get(db, "acme", batch_id, (1, 1))
    assert row
    return row


def batch(studio: Studio, batch_id: uuid.UUID) -> Any:
    with studio.database.tenant("acme") as db:
        return batches.get(db, "acme", batch_id)


def priced(as_owner: RunSql) -> None:
    """The demo models cost a dollar a million tokens."""
    as_owner(
        "INSERT INTO studio_prices (tenant_id, model, starts_on, input_usd, cached_usd, output_usd)"
        " SELECT 'acme', m, '2020-01-01', 1, 1, 1 FROM unnest(ARRAY['demo', 'demo-refused']) AS m"
    )


def test_a_written_row_has_its_feed_and_its_cost_is_the_batches(studio: Studio, as_owner: RunSql) -> None:
    priced(as_owner)
    batch_id = batch_of(studio, 1)
    execute(studio)
    row = row_of(studio, batch_id)
    assert (row.status, bool(row.instagram_feed_id), row.without_cost) == ("written", True, 0)
    assert row.cost_usd
    assert row.cost_usd > 0
    assert batch(studio, batch_id).spent_usd == row.cost_usd


def test_a_failed_row_says_why_and_another_try_adds_to_its_cost(
    studio: Studio, demo: DemoModel, as_owner: RunSql
) -> None:
    priced(as_owner)
    batch_id = batch_of(studio, 1)
    demo.behaviours.append("refused")
    execute(studio)
    first = row_of(studio, batch_id)
    assert (first.status, first.error_code, first.instagram_feed_id) == ("failed", "refused", None)
    assert first.cost_usd
    assert control.retry_failed(studio, "acme", batch_id) == 1
    execute(studio)
    second = row_of(studio, batch_id)
    assert (second.status, second.tries, second.error_code) == ("written", 2, None)
    assert second.cost_usd
    assert second.cost_usd > first.cost_usd
    assert batch(studio, batch_id).spent_usd == second.cost_usd


def test_what_costs_nothing_is_tried_again_by_itself_under_the_same_key(
    studio: Studio, demo: DemoModel, as_owner: RunSql
) -> None:
    batch_id = batch_of(studio, 1)
    demo.behaviours.append("rate_limited_long")
    execute(studio)
    row = row_of(studio, batch_id)
    assert (row.status, row.error_code, row.cost_usd) == ("waiting", "rate_limited", Decimal(0))
    as_owner("UPDATE studio_batch_rows SET not_before = now()")
    as_owner("UPDATE studio_model_limits SET blocked_until = now()")
    execute(studio)
    assert row_of(studio, batch_id).status == "written"
    assert as_owner("SELECT count(*) FROM studio_generations") == [(1,)]
    assert as_owner("SELECT count(*) FROM studio_attempts") == [(2,)]


def test_a_row_that_would_wait_in_a_cancelled_batch_is_cancelled(studio: Studio, demo: DemoModel) -> None:
    batch_id = batch_of(studio, 1)
    demo.behaviours.append("rate_limited_long")
    with studio.database.directory() as db:
        (lane,) = taking.lanes(db)
    submission = take(studio, lane)
    assert submission
    control.cancel(studio, "acme", batch_id)
    submission.execute()
    assert row_of(studio, batch_id).status == "cancelled"


@pytest.mark.parametrize(
    ("behaviour", "because", "resumes"),
    [("wrong_key", "wrong_key", False), ("quota", "quota_exceeded", False), ("unreachable", "model_unreachable", True)],
)
def test_what_every_row_would_meet_pauses_the_batch_with_its_reason(
    studio: Studio, demo: DemoModel, behaviour: str, because: str, resumes: bool
) -> None:
    batch_id = batch_of(studio, 1)
    demo.behaviours.extend([behaviour] * 3)
    execute(studio)
    paused = batch(studio, batch_id)
    assert (paused.status, paused.paused_because, bool(paused.resumes_at)) == ("paused", because, resumes)
    assert row_of(studio, batch_id).status == "waiting"


def test_a_row_whose_process_died_is_unknown_and_written_when_its_answer_comes_after_all(
    studio: Studio, as_owner: RunSql
) -> None:
    batch_id = batch_of(studio, 1)
    with studio.database.directory() as db:
        (lane,) = taking.lanes(db)
    submission = take(studio, lane)
    assert submission
    as_owner("UPDATE studio_attempts SET process_id = gen_random_uuid()")
    assert recovery.write_off(studio) == 1
    assert row_of(studio, batch_id).status == "unknown"
    assert submission.prepared
    submission.execute()  # it was only slow
    assert row_of(studio, batch_id).status == "written"


def test_a_caption_that_a_person_mends_ends_its_row(studio: Studio, demo: DemoModel) -> None:
    batch_id = batch_of(studio, 1)
    demo.behaviours.append("over_limit")
    execute(studio)
    row = row_of(studio, batch_id)
    assert (row.status, row.error_code) == ("failed", "needs_fixing")
    assert row.generation_id
    with studio.database.tenant("acme") as db:
        generation = generations.get(db, "acme", row.generation_id)
    assert generation
    feed = outcome.store_fixed(studio, generation, "짧게 고친 글", "#빵")
    mended = row_of(studio, batch_id)
    assert (mended.status, mended.instagram_feed_id, mended.error_code) == ("written", feed.instagram_feed_id, None)


def test_a_row_of_a_deleted_batch_costs_no_answer(studio: Studio, as_owner: RunSql) -> None:
    batch_of(studio, 1)
    with studio.database.directory() as db:
        (lane,) = taking.lanes(db)
    submission = take(studio, lane)
    assert submission
    as_owner("DELETE FROM studio_batches")
    submission.execute()
    try:
        assert submission.wait(0)
    except StudioError as error:
        pytest.fail(error.code)
