"""A process that was silent itself judges nobody, and what was settled meanwhile it does not send."""

from __future__ import annotations

import time

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import Brief
from lib.domain.completion import Outcome
from lib.domain.errors import Interrupted
from lib.generation.generate import execute
from lib.generation.presence import Presence, presence
from lib.generation.recovery import write_off
from lib.store import attempts, generations
from lib.store.traffic import processes
from lib.store.traffic.processes import SILENT_AFTER_S
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.generating import recorded


def test_requests_bear_the_name_of_their_process(studio: Studio, brief: Brief, as_owner: RunSql) -> None:
    with presence(studio, "app") as own:
        prepared = recorded(studio, brief)
        assert as_owner("SELECT process_id FROM studio_attempts") == [(str(own.process_id),)]
        with studio.database.directory() as db:
            assert processes.workers(db).alive == 0, "an app is none"
    prepared.entry.discard()


def test_a_process_judges_others_only_after_it_was_heard_for_as_long_itself(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    own = Presence("app")
    for _ in range(7):
        own.say(studio)
        assert not own.may_judge or now > SILENT_AFTER_S
        now += 5
    own.say(studio)
    assert own.may_judge
    now += 40  # the database was away, or this process stopped
    assert not own.is_sure
    assert not own.may_judge
    own.say(studio)
    assert own.is_sure
    assert not own.may_judge


def test_what_a_silent_process_may_have_sent_is_settled_by_another_and_not_sent_by_it_any_more(
    studio: Studio, brief: Brief, demo: DemoModel, as_owner: RunSql
) -> None:
    own = studio.presence = Presence("worker")
    own.say(studio)
    prepared = recorded(studio, brief, idempotency_key="k")
    as_owner("UPDATE studio_processes SET seen_at = now() - interval '31 seconds'")
    studio.presence = None
    assert write_off(studio) == 1
    tenant_id, generation_id = "acme", prepared.generation.generation_id
    with studio.database.tenant(tenant_id) as db:
        (attempt,) = attempts.of_generation(db, tenant_id, generation_id)
    assert (attempt.outcome, attempt.error_class) == (Outcome.UNKNOWN, "Lost")
    assert attempt.estimated_cost_usd is not None

    studio.presence = own
    own._said_at -= 60  # it wakes up
    with pytest.raises(Interrupted):
        execute(studio, prepared)
    assert len(demo.requests) == 0
    with studio.database.tenant(tenant_id) as db:
        (attempt,) = attempts.of_generation(db, tenant_id, generation_id)
        generation = generations.get(db, tenant_id, generation_id)
    assert attempt.outcome == Outcome.NOT_SENT, "which costs nothing, as is known now"
    assert generation
    assert generation.outcome == Outcome.NOT_SENT
