"""A batch is stored whole or not at all, once for each key."""

from __future__ import annotations

import dataclasses
import uuid
from decimal import Decimal

import pytest

from lib.batches.creation import create
from lib.domain.batches.rows import MAX_ROWS
from lib.domain.brief import GenerationOptions
from lib.domain.errors import BatchNotFound, InvalidBatch, JobNotFound, KeyReused, NoKey
from lib.store import pipeline_jobs
from lib.store.batches import batches, rows
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of, new_rows


def test_a_batch_is_stored_with_its_rows_in_their_order_and_is_a_job(studio: Studio) -> None:
    first, second = new_rows(2)
    first = dataclasses.replace(first, variants=2, reference="A-1", uploaded=("통밀 식빵 1호", None))
    batch_id = create(studio, "acme", [first, second], source="page", name="가을 신메뉴", columns=["상품", "비고"])
    with studio.database.tenant("acme") as db:
        batch = batches.get(db, "acme", batch_id)
        stored = rows.page(db, "acme", batch_id)
        progress = batches.progress(db, "acme", [batch_id])[batch_id]
        assert batch.job_id
        assert pipeline_jobs.get(db, "acme", batch.job_id).status == "running"
    assert (batch.status, batch.name, batch.columns) == ("queued", "가을 신메뉴", ["상품", "비고"])
    assert [row.place for row in stored] == [(1, 1), (1, 2), (2, 1)]
    assert (stored[0].reference, stored[0].uploaded) == ("A-1", ["통밀 식빵 1호", None])
    assert (progress.rows, progress.seconds_left) == ({"waiting": 3}, None)


def test_the_same_key_and_rows_are_one_batch(studio: Studio) -> None:
    batch_id = batch_of(studio, 2, idempotency_key="k")
    assert batch_of(studio, 2, idempotency_key="k") == batch_id
    with pytest.raises(KeyReused):
        batch_of(studio, 3, idempotency_key="k")
    assert batch_of(studio, 2, "other", idempotency_key="k") != batch_id


def test_another_tenant_finds_neither_the_batch_nor_its_rows(studio: Studio) -> None:
    batch_id = batch_of(studio, 2)
    with studio.database.tenant("other") as db:
        with pytest.raises(BatchNotFound):
            batches.get(db, "other", batch_id)
        assert rows.page(db, "other", batch_id) == []
        assert batches.page(db, "other").rows == []


def test_what_is_wrong_is_said_at_once_and_nothing_is_stored(studio: Studio) -> None:
    foreign = new_rows(1, "other")
    with pytest.raises(InvalidBatch) as raised:
        create(studio, "acme", [*new_rows(1), *foreign], source="api", limit_usd=Decimal(0), webhook_url="http://a.b/c")
    assert [problem.field for problem in raised.value.problems] == ["rows.2.tenant_id", "limit_usd", "webhook_url"]
    for wrong in ([], new_rows(1) * (MAX_ROWS + 1)):
        with pytest.raises(InvalidBatch):
            create(studio, "acme", wrong, source="api")
    with studio.database.tenant("acme") as db:
        assert batches.page(db, "acme").rows == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:7f00:1]", "u:p@a.example"]
)
def test_a_webhook_that_says_itself_where_it_must_not_go_is_refused_at_once(studio: Studio, host: str) -> None:
    with pytest.raises(InvalidBatch) as raised:
        batch_of(studio, 1, webhook_url=f"https://{host}/hook")
    assert [problem.code for problem in raised.value.problems] == ["not_public_https"]


def test_a_name_is_one_line(studio: Studio) -> None:
    batch_id = batch_of(studio, 1, name="가을\r\nSet-Cookie: a\0b\t신메뉴")
    with studio.database.tenant("acme") as db:
        assert batches.get(db, "acme", batch_id).name == "가을 Set-Cookie: ab 신메뉴"


def test_a_model_that_cannot_be_asked_or_a_job_of_another_team_makes_no_batch(studio: Studio) -> None:
    with pytest.raises(NoKey):
        batch_of(studio, 1, model="gpt-6-luna")
    row = new_rows(1)[0]
    with pytest.raises(JobNotFound):
        create(
            studio,
            "acme",
            [dataclasses.replace(row, options=GenerationOptions("demo", job_id=uuid.uuid4()))],
            source="api",
        )


def test_a_table_of_jobs_that_takes_none_costs_no_batch(studio: Studio, as_owner: RunSql) -> None:
    as_owner("ALTER TABLE jobs ADD COLUMN picture text NOT NULL")
    batch_id = batch_of(studio, 1)
    with studio.database.tenant("acme") as db:
        assert batches.get(db, "acme", batch_id).job_id is None
