"""A generation is ended at every one of its steps, one after the other until none is left: what was paid for is there.

The endpoint's ledger, which counts a request when it arrives, is the referee.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.domain.errors import StudioError
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.generation import generate, recovery
from lib.llm.spool import Trace
from lib.store import attempts, feeds, generations
from lib.store.attempts import Attempt
from lib.store.generations import Generation
from lib.studio import Studio
from tests.conftest import Urls
from tests.support import generating
from tests.support.endpoint import Bill, Conduct, Endpoint, answers, endpoint, one_after_the_other, rejects
from tests.support.mortal import BRIEF, OPTIONS, Life, Mortals, Order, let_connect, mortals, studio_on

TENANT = BRIEF.tenant_id


class World:
    """Mortal processes, the endpoint they ask, and another process of the same app, which stores what they leave."""

    def __init__(self, endpoint: Endpoint, mortals: Mortals, survivor: Studio, let_connect: Callable[[], None]) -> None:
        self.endpoint, self.mortals, self.survivor, self.let_connect = endpoint, mortals, survivor, let_connect

    def traces(self) -> list[Trace]:
        """What lies in the spool, as it was left."""
        found = []
        for entry in self.survivor.spool.abandoned():
            if trace := entry.trace():
                found.append(trace)
            entry.release()
        return found

    def recover(self) -> None:
        """Some time has passed, and the survivor looks through the spool."""
        for path in self.survivor.spool.pending():
            os.utime(path, (0, 0))
        recovery.recover(self.survivor)

    def on_record(self, key: str) -> tuple[Generation | None, list[Attempt], list[feeds.Feed]]:
        """What the database knows of it, and the tenant's latest feeds."""
        with self.survivor.database.tenant(TENANT) as db:
            asked = generations.by_key(db, TENANT, key)
            made = attempts.of_generation(db, TENANT, asked.generation_id) if asked else []
            return asked, made, feeds.newest(db, TENANT, 2)


AWAY = {"database_away", "database_unusable"}
"""What a database says that does not answer, and one that takes no connections any more."""


@pytest.fixture
def world(
    server: EmbeddedPostgres, database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr(generate, "RETRY_DELAYS_S", (0.0, 0.0))
    spool = tmp_path / "spool"
    with endpoint() as asked, mortals(database_urls.app, server.superuser_url, asked.url, spool) as program:
        survivor = studio_on(database_urls.app, asked.url, spool)
        yield World(
            asked, program, survivor, lambda: let_connect(server.superuser_url, database_urls.app, allowed=True)
        )
        survivor.close()


BUSY = rejects(429, b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}')

CASES = {
    "streamed": (True, 1, lambda: answers),
    # Most of its steps are those of the first; every third one finds what is its own.
    "whole, and at the second request": (False, 3, lambda: one_after_the_other(BUSY, answers)),
}


@pytest.mark.parametrize(("stream", "every", "conduct"), CASES.values(), ids=CASES)
def test_whatever_step_it_is_killed_at_no_answer_is_lost_and_none_is_paid_twice(
    world: World, stream: bool, every: int, conduct: Callable[[], Conduct]
) -> None:
    seen: Counter[str] = Counter()
    for step in itertools.count(1, every):
        world.endpoint.conduct = conduct()
        seen[_live_and_check(world, Order(f"{step}", stream, step))[1]] += 1
        if seen["survived"]:
            break
    assert {"not on record", "not_sent", "unknown", "written"} <= set(seen)
    assert "incomplete" in seen or not stream


def test_whatever_step_the_database_goes_away_at_the_answer_is_stored_once_it_is_back(world: World) -> None:
    seen: Counter[str] = Counter()
    for step in itertools.count(1, 3):  # it goes away between two statements, and each of them is many steps
        life, outcome = _live_and_check(world, Order(f"{step}", False, step, fate="database_gone"))
        seen["away" if life.ended in AWAY else life.ended if life.ended == "answer_kept" else "stored"] += 1
        assert outcome in {"not on record", "not_sent", "written", "survived"}, life
        if not life.step:
            break
    assert set(seen) == {"away", "answer_kept", "stored"}


def _live_and_check(world: World, order: Order) -> tuple[Life, str]:
    """One life and what it leaves; says how it went and what became of its generation."""
    lines, newest = len(world.endpoint.ledger), world.on_record(order.key)[2]
    life = world.mortals.live(order)
    bills = world.endpoint.billed(lines)
    world.let_connect()
    traces = world.traces()
    world.recover()

    assert world.survivor.spool.pending() == [], life
    asked, made, now = known = world.on_record(order.key)
    assert sum(bill.paid for bill in bills) <= 1, life
    assert {bill.reference for bill in bills} <= {str(attempt.attempt_id) for attempt in made}, life
    assert (now[1:] == newest[:1]) if asked and asked.instagram_feed_id else (now == newest), life
    if asked:
        assert asked.brief == BRIEF.inputs()
        assert asked.finished_at, life
        _check_attempts(asked, made, bills, traces, life)
    if not life.signal:
        _check_alive(life, asked, bills)

    world.recover()
    assert world.on_record(order.key) == known, life
    _check_asked_again(world, order, asked, known)
    assert sum(bill.paid for bill in world.endpoint.billed(lines)) <= 1, life
    return life, "survived" if not life.step else (asked and asked.outcome) or "not on record"


def _check_attempts(asked: Generation, made: list[Attempt], bills: list[Bill], traces: list[Trace], life: Life) -> None:
    billed = {bill.reference: bill for bill in bills}
    heard = {str(trace.attempt_id): trace.exchange for trace in traces}
    for attempt in made:
        reference = str(attempt.attempt_id)
        bill, exchange = billed.get(reference), heard.get(reference)
        assert attempt.outcome in {"written", "failed", "incomplete", "unknown", "not_sent"}, life
        if attempt.outcome in {"unknown", "incomplete"}:
            assert attempt.estimated_cost_usd, life
        if bill is None:
            assert attempt.outcome in {"not_sent", "unknown"}, life
            continue
        assert attempt.outcome != "not_sent", life
        if bill.whole and bill.paid and (exchange is None or exchange.body == bill.sent):
            assert attempt.outcome == "written", life
        if attempt.outcome == "written":
            assert bill.sent.startswith(attempt.response_body or b"?"), life
            assert asked.instagram_feed_id, life


def _check_alive(life: Life, asked: Generation | None, bills: list[Bill]) -> None:
    """A process that lives on loses nothing at all, and says what is true."""
    if any(bill.whole and bill.paid for bill in bills):
        assert asked
        assert asked.instagram_feed_id, life
        assert life.ended in {"answer_kept", str(asked.instagram_feed_id)}, life
    else:
        assert life.ended in AWAY, life
        assert not bills


def _check_asked_again(world: World, order: Order, asked: Generation | None, known: Any) -> None:
    """The same key brings the same feed or the same error, and asks the model only where nothing was on record."""
    lines = len(world.endpoint.ledger)
    ended = _end_of(world.survivor, order)
    if isinstance(ended, StudioError):
        assert asked
        assert asked.instagram_feed_id is None
        assert ended.code == known[1][-1].error_code
    else:
        assert asked is None or ended.instagram_feed_id == asked.instagram_feed_id
        assert ended.instagram_ad_copy == next(bill.text for bill in reversed(world.endpoint.ledger) if bill.text)
    assert bool(world.endpoint.billed(lines)) == (asked is None)


def _end_of(studio: Studio, order: Order) -> feeds.Feed | StudioError:
    try:
        return generating.write(studio, BRIEF, OPTIONS, source="test", idempotency_key=order.key, stream=order.stream)
    except StudioError as error:
        return error
