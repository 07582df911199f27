"""A batch through the Batch API: each file goes up once, and every way it ends is stored as live answers are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lib.batches import control, economy
from lib.demo.model import DemoModel
from lib.domain import errors, pricing
from lib.domain.batches import request_file
from lib.generation import outcome
from lib.generation.recovery import write_off
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store import attempts, feeds
from lib.store.batches import batches, request_files, rows, taking
from lib.store.batches.batches import Batch
from lib.store.batches.request_files import RequestFile
from lib.store.batches.rows import Row
from lib.store.database import Database
from lib.store.traffic import limits
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batch_api import BatchApi, failed_line
from tests.support.batching import batch_of, take_steps
from tests.support.endpoint import endpoint

MODEL = "gpt-6-luna"


@pytest.fixture
def api() -> BatchApi:
    return BatchApi()


@pytest.fixture
def studio(api: BatchApi, database: Database, demo: DemoModel, tmp_path: Path) -> Iterator[Studio]:
    with endpoint() as openai:
        openai.batch_api = api
        settings = Settings(data_dir=tmp_path, openai_api_key="sk-test", openai_base_url=openai.url)
        studio = Studio(settings, database, Writer(settings, demo), Spool(settings.spool_dir))
        yield studio
        assert openai.ledger == [], "a row was asked for live"
        studio.close()


@pytest.fixture
def step(studio: Studio, as_owner: RunSql) -> Callable[[], None]:
    """Takes every step that is due of every batch, with no wait between two of them."""

    return lambda: take_steps(studio, as_owner)


Step = Callable[[], None]


def economy_batch(studio: Studio, count: int, **more: Any) -> uuid.UUID:
    return batch_of(studio, count, model=MODEL, economy=True, **more)


def sent(step: Step) -> None:
    """Fill a file, upload it, and have its batch made."""
    step()
    step()


def stored(studio: Studio, batch_id: uuid.UUID) -> tuple[Batch, list[Row], list[RequestFile]]:
    with studio.database.tenant("acme") as db:
        return (
            batches.get(db, "acme", batch_id),
            rows.page(db, "acme", batch_id, limit=1000),
            request_files.of_batch(db, "acme", batch_id),
        )


def test_the_rows_are_written_at_half_the_price(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 3)
    sent(step)
    requests = api.lines(api.last)
    assert [(line["method"], line["url"]) for line in requests] == [("POST", "/v1/chat/completions")] * 3
    assert len({line["custom_id"] for line in requests}) == 3
    assert not any(line["body"].get("stream") for line in requests)
    assert api.batches[api.last]["completion_window"] == "24h"
    api.run(api.last)
    step()
    assert stored(studio, batch_id)[0].status == "running"
    api.complete(api.last)
    step()
    step()
    batch, written, (file,) = stored(studio, batch_id)
    assert batch.status == "done"
    assert [row.status for row in written] == ["written"] * 3
    assert file.input_file_id not in api.files
    assert file.input_deleted_at
    with studio.database.tenant("acme") as db:
        for row in written:
            assert row.instagram_feed_id
            assert row.generation_id
            feed = feeds.get(db, "acme", row.instagram_feed_id)
            (attempt,) = attempts.of_generation(db, "acme", row.generation_id)
            full = pricing.cost_usd(MODEL, feed.token_usage, dt.datetime.now(dt.UTC))
            assert full
            assert row.cost_usd == full / 2
            assert feed.latency_ms is None
            assert attempt.request_id
    assert batch.spent_usd == sum(row.cost_usd or 0 for row in written) > 0


def test_what_nobody_writes_is_not_given_up_while_its_file_is_out(studio: Studio, step: Step) -> None:
    batch_id = economy_batch(studio, 2)
    sent(step)
    assert write_off(studio) == 0
    assert [row.status for row in stored(studio, batch_id)[1]] == ["running"] * 2


def test_no_live_worker_takes_a_row_and_none_counts_as_a_live_request(studio: Studio, step: Step) -> None:
    economy_batch(studio, 2)
    with studio.database.directory() as db:
        assert taking.lanes(db) == []
    sent(step)
    with studio.database.tenant("acme") as db:
        limits.put(db, "acme", MODEL, at_once=1)
        assert limits.take(db, "acme", MODEL, 10) == 0.0


EXPIRED = {"status": "expired", "missing": {1}, "unfinished": "batch_expired"}


@pytest.mark.parametrize(
    ("ending", "ends"),
    [
        pytest.param({"failing": {1}}, ["written", "request_rejected", "written"], id="a reason in the body"),
        pytest.param({"failing": {0, 1, 2}}, ["request_rejected"] * 3, id="no output file"),
        pytest.param({"failing": {0, 1, 2}, "no_file": ""}, ["request_rejected"] * 3, id="output file without a name"),
        pytest.param({"no_file": ""}, ["written"] * 3, id="error file without a name"),
        pytest.param(EXPIRED, ["written", "not_in_time", "written"], id="expired, and paid in part"),
        pytest.param(EXPIRED | {"unfinished": None}, ["written", "not_in_time", "written"], id="expired without lines"),
        pytest.param(
            {"failing": {1}, "broken": lambda line: failed_line(line, 500, code="server_error")},
            ["written", "model_failed", "written"],
            id="the model broke",
        ),
        pytest.param(
            {"failing": {1}, "broken": lambda line: {"custom_id": line["custom_id"], "response": None, "error": None}},
            ["written", "unknown", "written"],
            id="neither response nor error",
        ),
    ],
)
def test_every_row_has_its_own_end(
    studio: Studio, api: BatchApi, step: Step, ending: dict[str, Any], ends: list[str]
) -> None:
    batch_id = economy_batch(studio, 3)
    sent(step)
    order = [line["custom_id"] for line in api.lines(api.last)]
    api.complete(api.last, **ending)
    step()
    step()
    batch, ended, _ = stored(studio, batch_id)
    assert batch.status == "done"
    by_attempt = {}
    with studio.database.tenant("acme") as db:
        for row in ended:
            assert row.generation_id
            (attempt,) = attempts.of_generation(db, "acme", row.generation_id)
            by_attempt[str(attempt.attempt_id)] = row
    found = [by_attempt[custom_id] for custom_id in order]
    assert [row.error_code or row.status for row in found] == ends
    paid = [row.cost_usd for row in found if row.status == "written" or row.error_code in ("unknown", "model_failed")]
    assert all(paid)
    assert sum(filter(None, paid), Decimal(0)) == batch.spent_usd
    assert api.batches[api.last]["status"] in ("completed", "expired")
    looks = api.count("GET", "/batches")
    step()
    assert api.count("GET", "/batches") == looks, "a finished batch is asked for again"


def test_results_that_come_late_are_waited_for_and_then_unknown(
    studio: Studio, api: BatchApi, step: Step, as_owner: RunSql
) -> None:
    batch_id = economy_batch(studio, 2)
    sent(step)
    api.complete(api.last, missing={0})
    step()
    assert sorted(row.status for row in stored(studio, batch_id)[1]) == ["running", "written"]
    as_owner("UPDATE studio_request_files SET over_at = over_at - interval '11 minutes'")
    step()
    batch, ended, _ = stored(studio, batch_id)
    assert sorted(row.status for row in ended) == ["unknown", "written"]
    assert all(row.cost_usd for row in ended)
    assert batch.spent_usd == sum(row.cost_usd or 0 for row in ended)


@pytest.mark.parametrize(
    ("error", "status", "reason", "batch_status"),
    [
        ({"code": "invalid_json_line", "message": "not JSON", "line": None}, "failed", "request_rejected", "done"),
        ({"code": "duplicate_custom_id", "message": "used twice"}, "failed", "request_rejected", "done"),
        ({"code": "model_not_found", "message": "no such model"}, "failed", "model_not_found", "done"),
        ({"code": "insufficient_quota", "message": "no credit"}, "waiting", "quota_exceeded", "paused"),
    ],
)
def test_a_batch_that_was_refused_as_a_whole_costs_nothing_and_says_why(
    studio: Studio, api: BatchApi, step: Step, error: dict[str, Any], status: str, reason: str, batch_status: str
) -> None:
    batch_id = economy_batch(studio, 2)
    sent(step)
    api.fail(api.last, error)
    step()
    step()
    batch, ended, (file,) = stored(studio, batch_id)
    assert [(row.status, row.error_code) for row in ended] == [(status, reason)] * 2
    assert (str(batch.status), file.error_code) == (batch_status, reason)
    assert batch.spent_usd == 0
    assert api.executed == []


def test_only_the_lines_that_were_refused_fail(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 3)
    sent(step)
    api.fail(api.last, {"code": "invalid_json_line", "message": "not JSON", "line": 2})
    for _ in range(3):
        step()
    assert len(api.lines(api.last)) == 2
    api.complete(api.last)
    step()
    step()
    batch, ended, _ = stored(studio, batch_id)
    assert (batch.status, Counter(row.status for row in ended)) == ("done", {"written": 2, "failed": 1})


def test_a_file_that_found_the_queue_full_goes_again_by_halves(
    studio: Studio, api: BatchApi, step: Step, as_owner: RunSql
) -> None:
    batch_id = economy_batch(studio, 4)
    sent(step)
    message = "Enqueued token limit reached for gpt-6-luna in organization org-1. Limit: 90,000 enqueued tokens."
    api.fail(api.last, {"code": "token_limit_exceeded", "message": message})
    step()
    batch, waiting, _ = stored(studio, batch_id)
    assert (batch.status, {row.status for row in waiting}) == ("running", {"waiting"})
    assert all(row.not_before for row in waiting)
    for _ in range(4):
        step()
    assert [len(api.lines(each)) for each in api.batches] == [4, 2, 2]
    for each in list(api.batches)[1:]:
        api.complete(each)
    step()
    step()
    assert stored(studio, batch_id)[0].status == "done"
    assert len(api.executed) == len(set(api.executed)) == 4


def test_a_file_is_split_where_it_would_be_too_large(
    studio: Studio, api: BatchApi, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_file, "MAX_BYTES", 12_000)
    monkeypatch.setattr(economy, "ROWS_AT_ONCE", 2)
    batch_id = economy_batch(studio, 5)
    for _ in range(8):
        step()
    sizes = [len(api.contents[batch["input_file_id"]]) for batch in api.batches.values()]
    assert len(sizes) > 1
    assert max(sizes) <= 12_000
    for each in api.batches:
        api.complete(each)
    for _ in range(3):
        step()
    assert stored(studio, batch_id)[0].status == "done"
    assert len(set(api.executed)) == 5


def dies(path: str) -> Callable[[str, str], None]:
    """The process that asked dies as soon as the server has done what it asked for."""

    def die(method: str, at: str) -> None:
        if (method, at) == ("POST", path):
            raise ConnectionError("the other side is gone")

    return die


@pytest.mark.parametrize("path", ["/files", "/batches"])
def test_nothing_is_sent_twice_where_the_answer_was_lost(studio: Studio, api: BatchApi, step: Step, path: str) -> None:
    batch_id = economy_batch(studio, 2)
    step()
    api.after = dies(path)
    step()
    api.after = lambda method, at: None
    step()
    assert (api.count("POST", "/files"), api.count("POST", "/batches")) == (1, 1)
    api.complete(api.last)
    step()
    step()
    assert Counter(row.status for row in stored(studio, batch_id)[1]) == {"written": 2}


def test_a_worker_that_dies_while_it_takes_in_results_costs_none(
    studio: Studio, api: BatchApi, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = economy_batch(studio, 4)
    sent(step)
    api.complete(api.last)
    store, taken = outcome.take_in, list[Any]()

    def dies_after_two(*given: Any) -> Any:
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(given)
        return store(*given)

    monkeypatch.setattr(outcome, "take_in", dies_after_two)
    with pytest.raises(KeyboardInterrupt):
        step()
    monkeypatch.undo()
    assert Counter(row.status for row in stored(studio, batch_id)[1]) == {"written": 2, "running": 2}
    step()
    step()
    batch, written, _ = stored(studio, batch_id)
    assert (batch.status, Counter(row.status for row in written)) == ("done", {"written": 4})
    assert batch.spent_usd == sum(row.cost_usd or 0 for row in written)


def test_a_step_that_was_silent_too_long_withdraws_what_it_made(
    studio: Studio, api: BatchApi, step: Step, as_owner: RunSql
) -> None:
    batch_id = economy_batch(studio, 2)
    step()

    def another_takes_over(method: str, at: str) -> None:
        if (method, at) == ("POST", "/batches"):
            as_owner("UPDATE studio_request_files SET claim_id = %s, due_at = now()", uuid.uuid4())

    api.after = another_takes_over
    step()
    assert api.batches[api.last]["status"] == "cancelling"
    assert {row.status for row in stored(studio, batch_id)[1]} == {"running"}


def test_cancelling_keeps_what_was_paid(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 3)
    sent(step)
    api.run(api.last, request_counts={"total": 3, "completed": 1, "failed": 0})
    control.cancel(studio, "acme", batch_id)
    step()
    assert api.batches[api.last]["status"] == "cancelling"
    api.complete(api.last, status="cancelled", missing={1, 2})
    step()
    batch, ended, (file,) = stored(studio, batch_id)
    assert (batch.status, file.completed) == ("cancelled", 1)
    assert Counter(row.status for row in ended) == {"written": 1, "cancelled": 2}
    assert batch.spent_usd > 0


def test_a_batch_that_is_cancelled_before_it_was_sent_never_is(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 3)
    step()
    control.cancel(studio, "acme", batch_id)
    step()
    assert Counter(row.status for row in stored(studio, batch_id)[1]) == {"cancelled": 3}
    assert api.batches == {}


def test_a_batch_that_somebody_cancelled_at_openai_waits_for_a_person(
    studio: Studio, api: BatchApi, step: Step
) -> None:
    batch_id = economy_batch(studio, 3)
    sent(step)
    api.complete(api.last, status="cancelled", missing={1, 2})
    step()
    batch, ended, _ = stored(studio, batch_id)
    assert (batch.status, batch.paused_because) == ("paused", "cancelled_there")
    assert Counter(row.status for row in ended) == {"written": 1, "waiting": 2}
    control.resume(studio, "acme", batch_id)
    sent(step)
    assert len(api.lines(api.last)) == 2


def test_a_paused_batch_is_not_sent_until_it_goes_on(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 2)
    step()
    control.pause(studio, "acme", batch_id)
    step()
    assert api.batches == {}
    control.resume(studio, "acme", batch_id)
    step()
    assert len(api.batches) == 1


def test_a_limit_is_never_exceeded_and_its_rest_is_spent(
    studio: Studio, api: BatchApi, step: Step, as_owner: RunSql
) -> None:
    batch_id = economy_batch(studio, 6)
    sent(step)
    (file,) = stored(studio, batch_id)[2]
    each = file.most_usd / 6
    control.cancel(studio, "acme", batch_id)
    batch_id = economy_batch(studio, 6, limit_usd=(each * Decimal("2.5")).quantize(Decimal("1e-9")))
    for _ in range(20):
        step()
        for name, there in api.batches.items():
            if there["status"] not in ("completed", "cancelled", "cancelling"):
                api.complete(name)
    batch, ended, files = stored(studio, batch_id)
    assert batch.limit_usd
    assert batch.spent_usd <= batch.limit_usd
    assert files[0].requests == 2
    assert len(files) > 1, "what the answers did not need was spent too"
    assert batch.status == "done" or batch.paused_because == "limit"
    assert batch.spent_usd == sum(row.cost_usd or 0 for row in ended)


def test_a_wrong_key_pauses_the_batch_and_nothing_is_lost(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 2)
    sent(step)
    api.complete(api.last)
    api.refuses = lambda method, path: (401, {"error": {"code": "invalid_api_key", "message": "wrong"}})
    step()
    batch, _, (file,) = stored(studio, batch_id)
    assert (batch.status, batch.paused_because, file.error_code) == ("paused", "wrong_key", "wrong_key")
    api.refuses = lambda method, path: None
    step()
    assert Counter(row.status for row in stored(studio, batch_id)[1]) == {"written": 2}


def test_what_was_uploaded_is_deleted_too_where_no_batch_comes_of_it(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 2)
    step()
    rejection = {"error": {"message": "The input file is not valid.", "code": "invalid_value"}}
    api.refuses = lambda method, path: (400, rejection) if (method, path) == ("POST", "/batches") else None
    step()
    _, ended, (file,) = stored(studio, batch_id)
    assert {(row.status, row.error_code) for row in ended} == {("failed", "request_rejected")}
    assert (file.status, file.error_code) == ("ended", "request_rejected")
    assert api.files == {}


def test_failed_rows_are_retried_in_another_file(studio: Studio, api: BatchApi, step: Step) -> None:
    batch_id = economy_batch(studio, 2)
    sent(step)
    api.complete(api.last, failing={0, 1})
    step()
    step()
    assert control.retry_failed(studio, "acme", batch_id) == 2
    sent(step)
    api.complete(api.last)
    step()
    step()
    batch, ended, _ = stored(studio, batch_id)
    assert (batch.status, {row.status for row in ended}) == ("done", {"written"})


def test_where_there_is_no_batch_api_nothing_is_made(studio: Studio, api: BatchApi) -> None:
    api.refuses = lambda method, path: (404, {"error": {"message": "Unknown request URL"}})
    with pytest.raises(errors.NoBatchApi):
        economy_batch(studio, 2)
    with pytest.raises(errors.NoBatchApi):
        batch_of(studio, 2, model="demo", economy=True)
    assert api.files == {}
