"""After a crash: every state a trace can be left in finds its right end, once."""

from __future__ import annotations

import dataclasses
import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import Outcome
from lib.domain.errors import DatabaseAway
from lib.generation.generate import Prepared, execute, generate, prepare, save_fixed
from lib.generation.recovery import recover, recovery_worker, write_off
from lib.store import attempts, feeds, generations
from lib.store.attempts import Attempt
from lib.store.database import Database
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

Sql = Callable[..., list[tuple[Any, ...]]]

STREAM = {"content-type": "text/event-stream", "x-request-id": "req_1"}


@pytest.fixture
def begun(studio: Studio, brief: Brief) -> Prepared:
    """Recorded, and nothing sent; its writer is about to die."""
    made = prepare(studio, brief, GenerationOptions("demo"), source="test", idempotency_key="k")
    assert isinstance(made, Prepared)
    return made


def answer_of(demo: DemoModel, begun: Prepared, behaviour: str = "written") -> bytes:
    demo.behaviours.append(behaviour)
    return b"".join(demo.respond(begun.request).chunks)


def records(studio: Studio, begun: Prepared) -> tuple[Generation, list[Attempt], list[Feed]]:
    tenant_id = begun.asked.tenant_id
    with studio.database.tenant(tenant_id) as db:
        asked = generations.get(db, tenant_id, begun.asked.generation_id)
        assert asked is not None
        return asked, attempts.of_generation(db, tenant_id, asked.generation_id), feeds.newest(db, tenant_id)


def traces(studio: Studio) -> int:
    return len(list(studio.spool.folder.iterdir()))


def make_old(studio: Studio) -> None:
    for path in studio.spool.folder.iterdir():
        os.utime(path, (0, 0))


def test_where_nothing_was_sent_nothing_was_billed(studio: Studio, begun: Prepared) -> None:
    begun.entry.release()
    assert recover(studio) == 1
    asked, (attempt,), made = records(studio, begun)
    assert asked.outcome == attempt.outcome == Outcome.NOT_SENT
    assert attempt.error_code == "not_sent"
    assert attempt.estimated_cost_usd is None
    assert made == []
    assert traces(studio) == 0


def test_where_it_was_sent_and_nothing_came_the_outcome_is_unknown(studio: Studio, begun: Prepared) -> None:
    begun.entry.sending()
    begun.entry.release()
    recover(studio)
    asked, (attempt,), made = records(studio, begun)
    assert asked.outcome == attempt.outcome == Outcome.UNKNOWN
    assert attempt.estimated_cost_usd is not None
    assert made == []


def test_half_an_answer_is_kept_as_incomplete(studio: Studio, begun: Prepared, demo: DemoModel) -> None:
    body = answer_of(demo, begun)
    begun.entry.sending()
    begun.entry.head(200, STREAM)
    begun.entry.body(body[: len(body) // 2])
    begun.entry.release()
    recover(studio)
    asked, (attempt,), made = records(studio, begun)
    assert asked.outcome == attempt.outcome == Outcome.INCOMPLETE
    assert bytes(attempt.response_body or b"") == body[: len(body) // 2]
    assert attempt.request_id == "req_1"
    assert made == []


@pytest.mark.parametrize("mark", [True, False], ids=["with its end", "without its end"])
def test_a_whole_answer_becomes_its_feed(studio: Studio, begun: Prepared, demo: DemoModel, mark: bool) -> None:
    begun.entry.sending()
    begun.entry.head(200, STREAM)
    begun.entry.body(answer_of(demo, begun))
    if mark:
        begun.entry.end("complete")
    begun.entry.release()
    assert recover(studio) == 1
    asked, (attempt,), (feed,) = records(studio, begun)
    assert asked.outcome == attempt.outcome == Outcome.WRITTEN
    assert asked.instagram_feed_id == feed.instagram_feed_id
    assert feed.gpt_response_raw == attempt.response
    assert feed.latency_ms == attempt.latency_ms
    assert feed.latency_ms is not None
    assert traces(studio) == 0
    assert prepare(studio, begun.brief, begun.options, source="test", idempotency_key="k") == asked, "nobody pays again"


def test_an_answer_over_the_limits_waits_to_be_fixed(studio: Studio, begun: Prepared, demo: DemoModel) -> None:
    begun.entry.sending()
    begun.entry.head(200, STREAM)
    begun.entry.body(answer_of(demo, begun, "over_limit"))
    begun.entry.release()
    recover(studio)
    asked, _, made = records(studio, begun)
    assert asked.outcome == Outcome.NEEDS_FIXING
    assert made == []
    save_fixed(studio, asked, "줄인 글", "")
    assert len(records(studio, begun)[2]) == 1


def test_what_was_stored_already_is_not_stored_again(studio: Studio, begun: Prepared, demo: DemoModel) -> None:
    """The writer died between its COMMIT and the clearing of its trace."""
    feed = execute(studio, begun)
    entry = studio.spool.open("acme", begun.asked.generation_id)
    entry.attempt(begun.attempt_id)
    entry.sending()
    entry.head(200, STREAM)
    entry.body(answer_of(demo, begun))
    entry.release()
    before = records(studio, begun)
    recover(studio)
    assert records(studio, begun) == before
    assert before[2] == [feed]
    assert traces(studio) == 0


def test_recovering_twice_is_harmless(studio: Studio, begun: Prepared, demo: DemoModel) -> None:
    begun.entry.sending()
    begun.entry.head(200, STREAM)
    begun.entry.body(answer_of(demo, begun))
    begun.entry.release()
    copy = begun.entry.path.read_bytes()
    assert recover(studio) == 1
    before = records(studio, begun)
    assert recover(studio) == 0
    begun.entry.path.write_bytes(copy)
    recover(studio)
    assert records(studio, begun) == before
    assert len(before[2]) == 1


def test_a_retry_that_was_never_recorded_was_not_sent(studio: Studio, begun: Prepared) -> None:
    begun.entry.sending()
    begun.entry.end("not_delivered", "ConnectionRefusedError", "refused")
    with studio.database.tenant("acme") as db:
        attempts.settle(db, "acme", begun.attempt_id, outcome="failed", error_code="model_unreachable")
    begun.entry.attempt(uuid.uuid4())
    begun.entry.release()
    recover(studio)
    asked, (attempt,), _ = records(studio, begun)
    assert attempt.outcome == Outcome.FAILED, "its end was known and stays"
    assert (asked.outcome, asked.finished_at is None) == (Outcome.NOT_SENT, False)


def test_the_trace_of_a_generation_nobody_recorded_is_cleared_once_no_commit_can_be_on_its_way(
    studio: Studio,
) -> None:
    entry = studio.spool.open("acme", uuid.uuid4())
    entry.attempt(uuid.uuid4())
    entry.release()
    assert recover(studio) == 0
    assert traces(studio) == 1
    make_old(studio)
    assert recover(studio) == 0
    assert traces(studio) == 0


def test_the_trace_of_a_writer_that_lives_is_left_alone(studio: Studio, begun: Prepared) -> None:
    begun.entry.sending()
    make_old(studio)
    assert recover(studio) == 0
    asked, (attempt,), _ = records(studio, begun)
    assert (asked.finished_at, attempt.outcome) == (None, None)
    begun.entry.release()


def test_a_trace_that_cannot_be_stored_does_not_stop_the_others(studio: Studio, begun: Prepared) -> None:
    begun.entry.release()
    bad = studio.spool.folder / f"{uuid.uuid4()}.jsonl"
    bad.write_text('{"tenant_id": "acme", "generation_id": "no id", "t_ms": 0}\n')
    odd = studio.spool.folder / f"{uuid.uuid4()}.jsonl"
    odd.write_text('"ending"\n7\n')
    make_old(studio)
    recover(studio)
    assert records(studio, begun)[0].outcome == Outcome.NOT_SENT
    assert bad.exists(), "it stays for a person to look at"


def test_what_a_tenant_left_is_stored_for_that_tenant(studio: Studio, begun: Prepared, brief: Brief) -> None:
    theirs = prepare(studio, dataclasses.replace(brief, tenant_id="other"), GenerationOptions("demo"), source="test")
    assert isinstance(theirs, Prepared)
    begun.entry.release()
    theirs.entry.release()
    assert recover(studio) == 2
    for one in (begun, theirs):
        asked, made, _ = records(studio, one)
        assert asked.tenant_id == made[0].tenant_id == one.asked.tenant_id
        assert asked.outcome == Outcome.NOT_SENT


def test_while_the_database_is_away_the_trace_stays(studio: Studio, begun: Prepared) -> None:
    begun.entry.release()
    away = dataclasses.replace(studio, database=Database("postgresql://nobody@127.0.0.1:1/nowhere"))
    with pytest.raises(DatabaseAway):
        recover(away)
    assert traces(studio) == 1
    assert recover(studio) == 1


def test_a_storekeeper_stores_by_itself_what_is_left(studio: Studio, begun: Prepared) -> None:
    settings = dataclasses.replace(studio.settings, spool_interval_s=0.01)
    begun.entry.release()
    with recovery_worker(dataclasses.replace(studio, settings=settings)):
        while traces(studio):
            pass
    assert records(studio, begun)[0].outcome == Outcome.NOT_SENT


# -- another database -------------------------------------------------------------------------------------------------


def test_an_answer_of_another_database_is_set_aside_and_taken_back_at_the_next_start(
    studio: Studio, begun: Prepared, demo: DemoModel, as_owner: Sql
) -> None:
    begun.entry.sending()
    begun.entry.head(200, STREAM)
    begun.entry.body(answer_of(demo, begun))
    begun.entry.end("complete")
    begun.entry.release()
    as_owner("ALTER TABLE studio_generations RENAME TO of_another_database")
    as_owner("CREATE TABLE studio_generations (LIKE of_another_database)")
    as_owner("GRANT SELECT, INSERT, UPDATE ON studio_generations TO feed_studio_app")
    make_old(studio)
    assert recover(studio) == 0
    assert recover(studio) == 0
    assert traces(studio) == 1, "a paid answer is not thrown away"

    as_owner("DROP TABLE studio_generations")
    as_owner("ALTER TABLE of_another_database RENAME TO studio_generations")
    settings = dataclasses.replace(studio.settings, spool_interval_s=0.01)
    with recovery_worker(dataclasses.replace(studio, settings=settings)):
        while traces(studio):
            pass
    asked, _, (feed,) = records(studio, begun)
    assert asked.instagram_feed_id == feed.instagram_feed_id


# -- lost with its machine --------------------------------------------------------------------------------------------


def age(as_owner: Sql, minutes: int) -> None:
    for table in ("studio_generations", "studio_attempts"):
        as_owner(f"UPDATE {table} SET created_at = now() - make_interval(mins => %s)", minutes)


def test_an_attempt_of_which_nobody_knows_is_written_off_only_after_the_time(
    studio: Studio, begun: Prepared, as_owner: Sql
) -> None:
    age(as_owner, 50)
    assert write_off(studio) == 0
    assert records(studio, begun)[0].finished_at is None
    age(as_owner, 70)
    assert write_off(studio) == 1
    asked, (attempt,), made = records(studio, begun)
    assert asked.outcome == attempt.outcome == Outcome.UNKNOWN
    assert attempt.estimated_cost_usd is not None
    assert isinstance(asked.finished_at, type(attempt.finished_at))
    assert made == []
    assert write_off(studio) == 0
    begun.entry.release()


def test_what_every_tenant_lost_is_written_off_and_what_ended_is_left(
    studio: Studio, begun: Prepared, brief: Brief, as_owner: Sql
) -> None:
    theirs = prepare(studio, dataclasses.replace(brief, tenant_id="other"), GenerationOptions("demo"), source="test")
    ended = prepare(studio, brief, GenerationOptions("demo"), source="test")
    assert isinstance(theirs, Prepared)
    assert isinstance(ended, Prepared)
    execute(studio, ended)
    age(as_owner, 70)
    assert write_off(studio) == 2
    assert records(studio, begun)[0].outcome == Outcome.UNKNOWN
    assert records(studio, theirs)[0].outcome == Outcome.UNKNOWN
    assert records(studio, ended)[0].outcome == Outcome.WRITTEN
    for one in (begun, theirs):
        one.entry.release()


def test_a_generation_lost_between_two_requests_ends_as_its_last_one(
    studio: Studio, begun: Prepared, as_owner: Sql
) -> None:
    as_owner("UPDATE studio_attempts SET outcome = 'failed', error_code = 'rate_limited', finished_at = now()")
    age(as_owner, 70)
    assert write_off(studio) == 1
    asked, (attempt,), _ = records(studio, begun)
    assert asked.outcome == attempt.outcome == Outcome.FAILED
    assert asked.finished_at
    begun.entry.release()


def test_who_asks_again_for_a_lost_generation_is_told_that_its_outcome_is_unknown(
    studio: Studio, begun: Prepared, as_owner: Sql
) -> None:
    age(as_owner, 70)
    write_off(studio)
    with pytest.raises(errors.OutcomeUnknown):
        generate(studio, begun.brief, begun.options, source="test", idempotency_key="k")
    begun.entry.release()
