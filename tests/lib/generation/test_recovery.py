"""After a crash: every state a trace can be left in finds its right end, once."""

from __future__ import annotations

import dataclasses
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from lib.demo.model import DemoModel
from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import Outcome
from lib.domain.errors import DatabaseAway
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.feeds import deletion
from lib.generation.generate import Prepared, execute
from lib.generation.outcome import store_fixed
from lib.generation.recovery import (
    RECORDED_WITHIN_S,
    STORED_KEPT_S,
    offer_forgotten,
    recover,
    recovery_worker,
    write_off,
)
from lib.llm.spool import Spool
from lib.store import attempts, feeds, generations
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from tests.conftest import Urls, run_sql
from tests.support.generating import recorded, write
from tests.support.outage import database_away
from tests.support.removal import ERASURE

Sql = Callable[..., list[tuple[Any, ...]]]

STREAM = {"content-type": "text/event-stream", "x-request-id": "req_1"}


@pytest.fixture
def prepared(studio: Studio, brief: Brief) -> Prepared:
    """Recorded, and nothing sent; its writer is about to die."""
    return recorded(studio, brief, idempotency_key="k")


def answer_of(demo: DemoModel, prepared: Prepared, behaviour: str = "written") -> bytes:
    demo.behaviours.append(behaviour)
    return b"".join(demo.respond(prepared.payload).chunks)


def records(studio: Studio, prepared: Prepared) -> tuple[Generation, list[Attempt], list[Feed]]:
    tenant_id = prepared.generation.tenant_id
    with studio.database.tenant(tenant_id) as db:
        asked = generations.get(db, tenant_id, prepared.generation.generation_id)
        assert asked is not None
        return asked, attempts.of_generation(db, tenant_id, asked.generation_id), feeds.newest(db, tenant_id)


def traces(studio: Studio) -> int:
    return len(studio.spool.pending())


def make_old(studio: Studio) -> None:
    for path in studio.spool.pending():
        os.utime(path, (0, 0))


def test_where_nothing_was_sent_nothing_was_billed(studio: Studio, prepared: Prepared) -> None:
    prepared.entry.release()
    assert recover(studio) == 1
    asked, (attempt,), made = records(studio, prepared)
    assert asked.outcome == attempt.outcome == Outcome.NOT_SENT
    assert attempt.error_code == "not_sent"
    assert attempt.estimated_cost_usd is None
    assert made == []
    assert traces(studio) == 0


def test_where_it_was_sent_and_nothing_came_the_outcome_is_unknown(studio: Studio, prepared: Prepared) -> None:
    prepared.entry.sending()
    prepared.entry.release()
    recover(studio)
    asked, (attempt,), made = records(studio, prepared)
    assert asked.outcome == attempt.outcome == Outcome.UNKNOWN
    assert attempt.estimated_cost_usd is not None
    assert made == []


def test_half_an_answer_is_kept_as_incomplete(studio: Studio, prepared: Prepared, demo: DemoModel) -> None:
    body = answer_of(demo, prepared)
    prepared.entry.sending()
    prepared.entry.head(200, STREAM)
    prepared.entry.body(body[: len(body) // 2])
    prepared.entry.release()
    recover(studio)
    asked, (attempt,), made = records(studio, prepared)
    assert asked.outcome == attempt.outcome == Outcome.INCOMPLETE
    assert bytes(attempt.response_body or b"") == body[: len(body) // 2]
    assert attempt.request_id == "req_1"
    assert made == []


@pytest.mark.parametrize("mark", [True, False], ids=["with its end", "without its end"])
def test_a_whole_answer_becomes_its_feed(
    studio: Studio, brief: Brief, prepared: Prepared, demo: DemoModel, mark: bool
) -> None:
    prepared.entry.sending()
    prepared.entry.head(200, STREAM)
    prepared.entry.body(answer_of(demo, prepared))
    if mark:
        prepared.entry.end("complete")
    prepared.entry.release()
    assert recover(studio) == 1
    asked, (attempt,), (feed,) = records(studio, prepared)
    assert asked.outcome == attempt.outcome == Outcome.WRITTEN
    assert asked.instagram_feed_id == feed.instagram_feed_id
    assert feed.gpt_response_raw == attempt.response
    assert feed.latency_ms == attempt.latency_ms
    assert feed.latency_ms is not None
    assert traces(studio) == 0
    assert write(studio, brief, idempotency_key="k") == feed
    assert len(demo.requests) == 1, "nobody pays again"


def test_an_answer_over_the_limits_waits_to_be_fixed(studio: Studio, prepared: Prepared, demo: DemoModel) -> None:
    prepared.entry.sending()
    prepared.entry.head(200, STREAM)
    prepared.entry.body(answer_of(demo, prepared, "over_limit"))
    prepared.entry.release()
    recover(studio)
    asked, _, made = records(studio, prepared)
    assert asked.outcome == Outcome.NEEDS_FIXING
    assert made == []
    store_fixed(studio, asked, "줄인 글", "")
    assert len(records(studio, prepared)[2]) == 1


def test_what_was_stored_already_is_not_stored_again(studio: Studio, prepared: Prepared, demo: DemoModel) -> None:
    """The writer died between its COMMIT and the clearing of its trace."""
    feed = execute(studio, prepared)
    entry = studio.spool.open("acme", prepared.generation.generation_id)
    entry.attempt(prepared.attempt_id)
    entry.sending()
    entry.head(200, STREAM)
    entry.body(answer_of(demo, prepared))
    entry.release()
    before = records(studio, prepared)
    recover(studio)
    assert records(studio, prepared) == before
    assert before[2] == [feed]
    assert traces(studio) == 0


def test_recovering_twice_is_harmless(studio: Studio, prepared: Prepared, demo: DemoModel) -> None:
    prepared.entry.sending()
    prepared.entry.head(200, STREAM)
    prepared.entry.body(answer_of(demo, prepared))
    prepared.entry.release()
    copy = prepared.entry.path.read_bytes()
    assert recover(studio) == 1
    before = records(studio, prepared)
    assert recover(studio) == 0
    prepared.entry.path.write_bytes(copy)
    recover(studio)
    assert records(studio, prepared) == before
    assert len(before[2]) == 1


def test_a_retry_that_was_never_recorded_was_not_sent(studio: Studio, prepared: Prepared) -> None:
    prepared.entry.sending()
    prepared.entry.end("not_delivered", "ConnectionRefusedError", "refused")
    with studio.database.tenant("acme") as db:
        attempts.settle(db, "acme", prepared.attempt_id, outcome="failed", error_code="model_unreachable")
    prepared.entry.attempt(uuid.uuid4())
    prepared.entry.release()
    recover(studio)
    asked, (attempt,), _ = records(studio, prepared)
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


def test_the_trace_of_a_writer_that_lives_is_left_alone(studio: Studio, prepared: Prepared) -> None:
    prepared.entry.sending()
    make_old(studio)
    assert recover(studio) == 0
    asked, (attempt,), _ = records(studio, prepared)
    assert (asked.finished_at, attempt.outcome) == (None, None)
    prepared.entry.release()


def test_a_trace_that_cannot_be_stored_does_not_stop_the_others(studio: Studio, prepared: Prepared) -> None:
    prepared.entry.release()
    bad = studio.spool.folder / f"{uuid.uuid4()}.jsonl"
    bad.write_text('{"tenant_id": "acme", "generation_id": "no id", "t_ms": 0}\n')
    odd = studio.spool.folder / f"{uuid.uuid4()}.jsonl"
    odd.write_text('"ending"\n7\n')
    make_old(studio)
    recover(studio)
    assert records(studio, prepared)[0].outcome == Outcome.NOT_SENT
    assert bad.exists(), "it stays for a person to look at"


def test_what_a_tenant_left_is_stored_for_that_tenant(studio: Studio, prepared: Prepared, brief: Brief) -> None:
    theirs = recorded(studio, dataclasses.replace(brief, tenant_id="other"))
    prepared.entry.release()
    theirs.entry.release()
    assert recover(studio) == 2
    for one in (prepared, theirs):
        asked, made, _ = records(studio, one)
        assert asked.tenant_id == made[0].tenant_id == one.generation.tenant_id
        assert asked.outcome == Outcome.NOT_SENT


def test_while_the_database_is_away_the_trace_stays(studio: Studio, prepared: Prepared) -> None:
    prepared.entry.release()
    with database_away(studio), pytest.raises(DatabaseAway):
        recover(studio)
    assert traces(studio) == 1
    assert recover(studio) == 1


def test_a_storekeeper_stores_by_itself_what_is_left(studio: Studio, prepared: Prepared) -> None:
    settings = dataclasses.replace(studio.settings, spool_interval_s=0.01)
    prepared.entry.release()
    with recovery_worker(dataclasses.replace(studio, settings=settings)):
        while traces(studio):
            pass
    assert records(studio, prepared)[0].outcome == Outcome.NOT_SENT


# -- another database -------------------------------------------------------------------------------------------------


def test_an_answer_of_another_database_is_set_aside_and_taken_back_at_the_next_start(
    studio: Studio, prepared: Prepared, demo: DemoModel, as_owner: Sql
) -> None:
    prepared.entry.sending()
    prepared.entry.head(200, STREAM)
    prepared.entry.body(answer_of(demo, prepared))
    prepared.entry.end("complete")
    prepared.entry.release()
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
    asked, _, (feed,) = records(studio, prepared)
    assert asked.instagram_feed_id == feed.instagram_feed_id


# -- a database that was set back -------------------------------------------------------------------------------------


class SetBack:
    """The test's database, restored to how it was: what a fail-over to a copy that lags behind looks like."""

    def __init__(self, studio: Studio, superuser_url: str, name: str) -> None:
        self._studio, self._superuser_url, self._name = studio, superuser_url, name

    def remember(self) -> None:
        self._studio.database.close()
        others = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
        run_sql(self._superuser_url, others, self._name)
        run_sql(self._superuser_url, f"CREATE DATABASE {self._name}_before TEMPLATE {self._name}")

    def restore(self) -> None:
        self._studio.database.close()
        run_sql(self._superuser_url, f"DROP DATABASE {self._name} WITH (FORCE)")
        run_sql(self._superuser_url, f"ALTER DATABASE {self._name}_before RENAME TO {self._name}")


@pytest.fixture
def set_back(studio: Studio, server: EmbeddedPostgres, database_urls: Urls) -> SetBack:
    return SetBack(studio, server.superuser_url, make_url(database_urls.owner).database or "")


def stored_traces(studio: Studio) -> int:
    return len(list(studio.spool.stored()))


def test_an_answer_that_a_restored_database_has_lost_is_stored_again_and_not_paid_again(
    studio: Studio, prepared: Prepared, brief: Brief, demo: DemoModel, set_back: SetBack
) -> None:
    set_back.remember()
    feed = execute(studio, prepared)
    assert offer_forgotten(studio) == 0
    set_back.restore()
    assert records(studio, prepared)[2] == []
    assert offer_forgotten(studio) == 1
    assert recover(studio) == 1
    generation, (attempt,), (again,) = records(studio, prepared)
    assert (again.instagram_ad_copy, again.hashtags) == (feed.instagram_ad_copy, feed.hashtags)
    assert (again.latency_ms, again.token_usage) == (feed.latency_ms, feed.token_usage)
    assert generation.outcome == attempt.outcome == Outcome.WRITTEN
    assert write(studio, brief, idempotency_key="k") == again
    assert len(demo.requests) == 1
    assert (traces(studio), stored_traces(studio)) == (0, 1)


def test_an_answer_whose_request_a_restored_database_has_lost_is_set_aside_and_told(
    studio: Studio, brief: Brief, set_back: SetBack, caplog: pytest.LogCaptureFixture
) -> None:
    set_back.remember()
    feed = write(studio, brief)
    set_back.restore()
    assert offer_forgotten(studio) == 1
    make_old(studio)
    assert recover(studio) == 0
    (path,) = studio.spool.pending()
    assert path.suffix == ".aside"
    assert str(path.with_suffix("")) in caplog.text
    studio.spool.take_back()
    (entry,) = studio.spool.abandoned()
    assert feed.gpt_response_raw["id"].encode() in entry.exchange.body
    entry.release()


def test_an_answer_whose_record_vanished_while_the_model_wrote_is_set_aside_and_told(
    studio: Studio, prepared: Prepared, as_owner: Sql, demo: DemoModel
) -> None:
    as_owner("DELETE FROM studio_generations")  # the team was erased, or the database was set back
    with pytest.raises(errors.AnswerSetAside) as told:
        execute(studio, prepared)
    assert told.value.params["generation_id"] == prepared.generation.generation_id
    (path,) = studio.spool.pending()
    assert path.name == f"{prepared.generation.generation_id}.aside"
    assert recover(studio) == 0
    assert len(demo.requests) == traces(studio) == 1
    assert studio.running == {}


def test_the_trace_of_a_stored_answer_is_kept_for_a_quarter_of_an_hour(studio: Studio, brief: Brief) -> None:
    write(studio, brief)
    (trace,) = studio.spool.stored()
    for age_s, kept in ((STORED_KEPT_S - 60, 1), (STORED_KEPT_S + 60, 0)):
        os.utime(trace.path, (time.time() - age_s,) * 2)
        assert offer_forgotten(studio) == 0
        assert stored_traces(studio) == kept


def test_an_answer_without_a_byte_leaves_no_trace(studio: Studio, brief: Brief) -> None:
    with pytest.raises(errors.ModelUnreachable):
        write(studio, brief, GenerationOptions("demo-unreachable"))
    assert list(studio.spool.folder.iterdir()) == []


def test_a_caption_that_was_deleted_does_not_come_back(studio: Studio, brief: Brief) -> None:
    feed = write(studio, brief)
    deletion.delete(studio, "acme", feed.instagram_feed_id)
    assert list(studio.spool.folder.iterdir()) == []


@pytest.fixture
def other(studio: Studio, tmp_path: Path) -> Studio:
    """Another server on the same database."""
    return dataclasses.replace(studio, spool=Spool(tmp_path / "other"))


def keep_trace(studio: Studio, other: Studio, suffix: str = ".stored") -> None:
    """Let the other server be the one that keeps the only trace, for longer than a commit takes."""
    [trace] = studio.spool.folder.iterdir()
    kept = trace.rename(other.spool.folder / trace.with_suffix(suffix).name)
    silent_since = time.time() - RECORDED_WITHIN_S
    os.utime(kept, (silent_since, silent_since))


@pytest.mark.parametrize("suffix", [".stored", ".aside"])
@pytest.mark.parametrize("what", ["its caption", "its team"])
def test_the_trace_of_what_was_deleted_is_deleted_on_another_server_too(
    studio: Studio, other: Studio, brief: Brief, as_owner: Sql, what: str, suffix: str
) -> None:
    feed = write(studio, brief)
    keep_trace(studio, other, suffix)
    if what == "its caption":
        deletion.delete(studio, "acme", feed.instagram_feed_id)
    else:
        as_owner(ERASURE)
    other.spool.take_back()
    assert (offer_forgotten(other), recover(other)) == (0, 0)
    assert list(other.spool.folder.iterdir()) == []


def test_an_answer_whose_record_was_emptied_for_a_restore_is_stored_again_or_set_aside(
    studio: Studio, other: Studio, prepared: Prepared, as_owner: Sql
) -> None:
    feed = execute(studio, prepared)
    keep_trace(studio, other)
    backup = ("studio_generations", "studio_attempts")
    for table in backup:
        as_owner(f"CREATE TABLE {table}_before AS TABLE {table}")
        as_owner(f"UPDATE {table}_before SET outcome = NULL, finished_at = NULL")
    as_owner("TRUNCATE studio_generations CASCADE")
    assert (offer_forgotten(other), recover(other)) == (1, 0)
    assert [path.suffix for path in other.spool.pending()] == [".aside"]
    as_owner("DELETE FROM instagram_feeds")
    for table in backup:
        as_owner(f"INSERT INTO {table} TABLE {table}_before")
    as_owner("INSERT INTO studio_deleted_generations SELECT tenant_id, generation_id FROM studio_generations")
    other.spool.take_back()
    assert recover(other) == 1
    assert [row.instagram_ad_copy for row in records(studio, prepared)[2]] == [feed.instagram_ad_copy]


def test_while_another_attempt_is_under_way_the_answer_before_it_is_not_offered(
    studio: Studio, prepared: Prepared, as_owner: Sql
) -> None:
    execute(studio, prepared)
    as_owner("UPDATE studio_generations SET finished_at = NULL, outcome = NULL, instagram_feed_id = NULL")
    another = studio.spool.open("acme", prepared.generation.generation_id, uuid.uuid4())
    assert offer_forgotten(studio) == 0
    assert (traces(studio), stored_traces(studio)) == (1, 1)
    another.discard()


# -- lost with its machine --------------------------------------------------------------------------------------------


def age(as_owner: Sql, minutes: int) -> None:
    for table in ("studio_generations", "studio_attempts"):
        as_owner(f"UPDATE {table} SET created_at = now() - make_interval(mins => %s)", minutes)


def test_an_attempt_of_which_nobody_knows_is_written_off_only_after_the_time(
    studio: Studio, prepared: Prepared, as_owner: Sql
) -> None:
    age(as_owner, 50)
    assert write_off(studio) == 0
    assert records(studio, prepared)[0].finished_at is None
    age(as_owner, 70)
    assert write_off(studio) == 1
    asked, (attempt,), made = records(studio, prepared)
    assert asked.outcome == attempt.outcome == Outcome.UNKNOWN
    assert attempt.estimated_cost_usd is not None
    assert isinstance(asked.finished_at, type(attempt.finished_at))
    assert made == []
    assert write_off(studio) == 0
    prepared.entry.release()


def test_what_every_tenant_lost_is_written_off_and_what_ended_is_left(
    studio: Studio, prepared: Prepared, brief: Brief, as_owner: Sql
) -> None:
    theirs = recorded(studio, dataclasses.replace(brief, tenant_id="other"))
    ended = recorded(studio, brief)
    execute(studio, ended)
    age(as_owner, 70)
    assert write_off(studio) == 2
    assert records(studio, prepared)[0].outcome == Outcome.UNKNOWN
    assert records(studio, theirs)[0].outcome == Outcome.UNKNOWN
    assert records(studio, ended)[0].outcome == Outcome.WRITTEN
    for one in (prepared, theirs):
        one.entry.release()


def test_a_generation_lost_between_two_requests_ends_as_its_last_one(
    studio: Studio, prepared: Prepared, as_owner: Sql
) -> None:
    as_owner("UPDATE studio_attempts SET outcome = 'failed', error_code = 'rate_limited', finished_at = now()")
    age(as_owner, 70)
    assert write_off(studio) == 1
    asked, (attempt,), _ = records(studio, prepared)
    assert asked.outcome == attempt.outcome == Outcome.FAILED
    assert asked.finished_at
    prepared.entry.release()


def test_who_asks_again_for_a_lost_generation_is_told_that_its_outcome_is_unknown(
    studio: Studio, brief: Brief, prepared: Prepared, as_owner: Sql
) -> None:
    age(as_owner, 70)
    write_off(studio)
    with pytest.raises(errors.OutcomeUnknown):
        write(studio, brief, idempotency_key="k")
    prepared.entry.release()
