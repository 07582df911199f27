"""The database stops between the answer and its commit: the answer waits on the disk and is stored once it is back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lib.domain.errors import AnswerKept, DatabaseAway
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.generation import recovery
from lib.generation.recovery import FORGOTTEN_AFTER, recovery_worker
from lib.llm.spool import Spool
from lib.store import attempts, feeds, generations
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.conftest import run_sql
from tests.support import generating
from tests.support.clusters import prepared
from tests.support.endpoint import Endpoint, answers_and, endpoint
from tests.support.mortal import BRIEF, OPTIONS, studio_on
from tests.support.outage import stopped, wait_until

TENANT = BRIEF.tenant_id


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that nobody else misses, looked after as the app's is."""
    server = EmbeddedPostgres(prepared(tmp_path_factory.mktemp("own") / "postgres"), watch_interval_s=0.1)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def asked() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def here(own_server: EmbeddedPostgres, asked: Endpoint, tmp_path: Path) -> Iterator[Studio]:
    """A Studio on that server."""
    studio = studio_on(own_server.app_url, asked.url, tmp_path / "spool")
    studio.settings = replace(studio.settings, spool_interval_s=0.05)
    yield studio
    studio.close()


def answer_that_nobody_could_store(
    here: Studio, server: EmbeddedPostgres, asked: Endpoint, key: str, stream: bool
) -> None:
    """Generate while the database stops before the last byte has arrived."""
    with contextlib.ExitStack() as away:
        asked.conduct = answers_and(lambda: away.enter_context(stopped(server)))
        with pytest.raises(AnswerKept):
            generating.write(here, BRIEF, OPTIONS, source="test", idempotency_key=key, stream=stream)
        assert len(here.spool.pending()) == 1
        with pytest.raises(DatabaseAway):
            recovery.recover(here)
        assert len(here.spool.pending()) == 1
    wait_until(server.answers)


def stored(here: Studio, key: str) -> tuple[list[Attempt], Feed | None]:
    with here.database.tenant(TENANT) as db:
        known = generations.by_key(db, TENANT, key)
        assert known
        assert known.brief == BRIEF.inputs()
        made = attempts.of_generation(db, TENANT, known.generation_id)
        feed_id = known.instagram_feed_id
        return made, feeds.get(db, TENANT, feed_id) if feed_id else None


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_arrived_while_the_database_was_down_is_stored_by_the_next_process(
    here: Studio, own_server: EmbeddedPostgres, asked: Endpoint, stream: bool
) -> None:
    key = f"next process, {stream}"
    answer_that_nobody_could_store(here, own_server, asked, key, stream)
    assert recovery.recover(here) == 1
    _is_stored_and_paid_once(here, asked, key)
    assert recovery.recover(here) == 0


def test_an_answer_that_arrived_while_the_database_was_down_is_stored_by_the_same_process_unaided(
    here: Studio, own_server: EmbeddedPostgres, asked: Endpoint
) -> None:
    with recovery_worker(here):
        with contextlib.ExitStack() as away:
            asked.conduct = answers_and(lambda: away.enter_context(stopped(own_server)))
            with pytest.raises(AnswerKept):
                generating.write(here, BRIEF, OPTIONS, source="test", idempotency_key="unaided", stream=True)
        wait_until(lambda: not here.spool.pending())
    _is_stored_and_paid_once(here, asked, "unaided")


def test_nothing_is_asked_while_the_database_is_down(
    here: Studio, own_server: EmbeddedPostgres, asked: Endpoint
) -> None:
    with stopped(own_server), pytest.raises(DatabaseAway):
        generating.write(here, BRIEF, OPTIONS, source="test", stream=True)
    assert asked.billed() == []
    wait_until(own_server.answers)


def test_an_answer_is_stored_although_it_was_written_off_before_its_machine_came_back(
    here: Studio, own_server: EmbeddedPostgres, asked: Endpoint, tmp_path: Path
) -> None:
    key = "written off"
    answer_that_nobody_could_store(here, own_server, asked, key, stream=True)
    for table in ("studio_generations", "studio_attempts"):
        run_sql(own_server.owner_url, f"UPDATE {table} SET created_at = created_at - %s", 2 * FORGOTTEN_AFTER)

    elsewhere = replace(here, spool=Spool(tmp_path / "spool of another machine"))
    assert recovery.write_off(elsewhere) == 1
    (attempt,), feed = stored(here, key)
    assert (attempt.outcome, attempt.error_class, feed) == ("unknown", "Lost", None)
    assert attempt.estimated_cost_usd

    assert recovery.recover(here) == 1
    _is_stored_and_paid_once(here, asked, key)


def _is_stored_and_paid_once(here: Studio, asked: Endpoint, key: str) -> None:
    (bill,) = asked.billed()
    (attempt,), feed = stored(here, key)
    assert (attempt.outcome, str(attempt.attempt_id)) == ("written", bill.reference)
    assert (attempt.response_body, attempt.error_class) == (bill.sent, None)
    assert attempt.estimated_cost_usd is None
    assert feed
    assert feed.instagram_ad_copy == bill.text
    assert here.spool.pending() == []
    again = generating.write(here, BRIEF, OPTIONS, source="test", idempotency_key=key, stream=True)
    assert again == feed
    assert asked.billed() == [bill]
