"""An attempt is settled once, unless nobody knows yet how it ended."""

from __future__ import annotations

import datetime as dt
import uuid

from lib.store import attempts
from lib.store.database import Database
from tests.support.recorded import ATTEMPT, record


def test_only_an_unknown_end_is_replaced(database: Database) -> None:
    _, attempt_id = record(database)
    with database.tenant("acme") as db:
        assert attempts.settle(db, "acme", attempt_id, outcome=attempts.UNKNOWN)
        assert attempts.settle(db, "acme", attempt_id, outcome="written", response_body=b"{}")
        assert not attempts.settle(db, "acme", attempt_id, outcome="refused")
        assert not attempts.settle(db, "acme", uuid.uuid4(), outcome="refused")
        attempt = attempts.get(db, "acme", attempt_id)
    assert attempt
    assert (attempt.outcome, bytes(attempt.response_body or b"")) == ("written", b"{}")
    assert attempt.finished_at


def test_attempts_of_a_generation_are_in_the_order_in_which_they_were_sent(database: Database) -> None:
    new, first = record(database)
    third, second = uuid.uuid4(), uuid.uuid4()
    with database.tenant("acme") as db:
        for number, attempt_id in ((3, third), (2, second)):
            attempts.add(db, "acme", attempt_id, generation_id=new.generation_id, number=number, request=ATTEMPT)
        sent = attempts.of_generation(db, "acme", new.generation_id)
    assert [attempt.attempt_id for attempt in sent] == [first, second, third]


def test_those_that_may_have_been_billed_are_found_from_an_instant_on(database: Database) -> None:
    (_, lost), (_, known) = record(database), record(database)
    with database.tenant("acme") as db:
        attempts.settle(db, "acme", lost, outcome=attempts.UNKNOWN)
        attempts.settle(db, "acme", known, outcome="refused")
        now = dt.datetime.now(dt.UTC)
        unknown = attempts.unknown(db, "acme", since=now - dt.timedelta(days=1))
        assert [attempt.attempt_id for attempt in unknown] == [lost]
        assert attempts.unknown(db, "acme", since=now + dt.timedelta(days=1)) == []


def test_another_team_neither_reads_nor_settles_it(database: Database) -> None:
    new, attempt_id = record(database)
    with database.tenant("rival") as db:
        for tenant_id in ("rival", "acme"):
            assert attempts.get(db, tenant_id, attempt_id) is None
            assert attempts.of_generation(db, tenant_id, new.generation_id) == []
            assert not attempts.settle(db, tenant_id, attempt_id, outcome="refused")
