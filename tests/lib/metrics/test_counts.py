"""Counting in threads of its own: nobody else's thread waits for it, and it ends with those who want it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lib.domain.errors import DatabaseAway, FiguresBeingCounted
from lib.domain.periods import Period
from lib.metrics import counts, service
from lib.metrics.figures import View
from lib.store.metrics import counting, every_team
from lib.store.metrics.every_team import EVERY_TEAM
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.patience import PATIENCE_S

NOVEMBER = View(Period(dt.date(2026, 11, 1), dt.date(2026, 11, 30)))
AT = dt.datetime(2026, 11, 3, 3, tzinfo=dt.UTC)


@pytest.fixture
def held(studio: Studio) -> Iterator[threading.Event]:
    """Another process is counting for acme until the event is set."""
    locked, released = threading.Event(), threading.Event()

    def hold() -> None:
        with studio.database.tenant("acme") as db:
            counting.acquire_lock(db, "acme")
            locked.set()
            released.wait(PATIENCE_S)

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(PATIENCE_S)
    yield released
    released.set()
    holder.join()


def test_who_cannot_wait_gets_the_last_figures_with_their_time(
    studio: Studio, insert_by_sql: InsertBySql, held: threading.Event
) -> None:
    with pytest.raises(FiguresBeingCounted):
        service.figures(studio, "acme", NOVEMBER, patience_s=0)
    held.set()
    before = service.figures(studio, "acme", NOVEMBER)
    assert before.total.rows == 0
    insert_by_sql(created_at=AT)
    with studio.database.tenant("acme") as db:
        counting.acquire_lock(db, "acme")
        last = service.figures(studio, "acme", NOVEMBER, patience_s=0.3)
        assert (last.total.rows, last.as_of) == (0, before.as_of)
        assert not asyncio.run(counts.start(studio, ["acme"]).wait_async(0.1))
        assert service.figures(studio, "other", NOVEMBER).total.rows == 0, "another tenant waits for nobody"
    assert service.figures(studio, "acme", NOVEMBER).total.rows == 1


def test_all_who_want_the_same_figures_share_one_count(studio: Studio, held: threading.Event) -> None:
    first, second = counts.start(studio, ["acme"]), counts.start(studio, ["acme"])
    assert first is second
    held.set()
    assert first.wait(PATIENCE_S)
    assert studio.counts == {}
    assert first.share == 0, "there was nothing to count"


def test_each_team_is_counted_before_the_days_of_all_are_added_up(studio: Studio, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(tenant_id="acme", created_at=AT)
    assert counts.start(studio, [EVERY_TEAM]).wait(PATIENCE_S)
    with studio.database.directory() as db:
        assert every_team.behind(db, everywhere=True) == []


def test_chunks_of_different_teams_are_counted_at_once(
    studio: Studio, insert_by_sql: InsertBySql, monkeypatch: pytest.MonkeyPatch
) -> None:
    for team in ("acme", "other"):
        insert_by_sql(tenant_id=team, created_at=AT)
        assert service.figures(studio, team, NOVEMBER).total.rows == 1
        for _ in range(2):
            insert_by_sql(tenant_id=team, created_at=AT)
    monkeypatch.setattr(counting, "MOST", 1)  # each team is a chunk of its own
    count, under_way, both = counting.count, list[Any](), threading.Event()

    def meet(db: Any, chunk: Any, *asked: Any) -> Any:
        under_way.append(chunk)
        if len(under_way) > 1:
            both.set()
        assert both.wait(PATIENCE_S), "one waits for the end of the other"
        return count(db, chunk, *asked)

    monkeypatch.setattr(counting, "count", meet)
    assert counts.start(studio, ["acme", "other"]).wait(PATIENCE_S)
    assert sorted(under_way[:2]) == [("acme",), ("other",)]
    assert [service.figures(studio, team, NOVEMBER).total.rows for team in ("acme", "other")] == [3, 3]


def test_a_count_stops_when_the_last_of_those_who_watch_it_has_left(studio: Studio, held: threading.Event) -> None:
    with counts.watched(studio, ["acme"]) as count, counts.watched(studio, ["acme"]) as same:
        assert same is count
    with pytest.raises(FiguresBeingCounted):
        count.wait(PATIENCE_S)


def test_a_chunk_that_takes_too_long_is_tried_with_fewer_rows(
    studio: Studio, insert_by_sql: InsertBySql, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        insert_by_sql(created_at=AT)
    count, tried = counting.count, []

    def slow(db: Any, tenants: Any, progress: Any, most: Any) -> Any:
        tried.append(most)
        if most > 1_000:
            db.exec_driver_sql("SET LOCAL statement_timeout = 1")
            db.exec_driver_sql("SELECT pg_sleep(10)")
        return count(db, tenants, progress, most)

    monkeypatch.setattr(counting, "count", slow)
    assert service.figures(studio, "acme", NOVEMBER).total.rows == 3
    assert tried[0] > tried[-1]


def test_a_database_that_is_away_is_told_to_those_who_wait(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "LEAST_ROWS", counting.MOST)
    studio.database.close()
    monkeypatch.setattr(studio.database, "tenants", _away)
    with pytest.raises(DatabaseAway):
        counts.start(studio, ["acme"]).wait(PATIENCE_S)


def _away(_tenants: Any) -> Any:
    raise DatabaseAway
