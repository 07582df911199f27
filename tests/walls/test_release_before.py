"""A database of the release before, with rows of three teams, restored and started: everything reads as it did.

``release_before/0.1.0.sql.gz`` is a dump that the code of that release wrote on PostgreSQL 15, and ``0.1.0.json`` what
that code read from it: counts, searches and figures by team.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from lib.demo.model import DemoModel
from lib.domain.feed_filter import FeedFilter
from lib.domain.periods import Period
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.metrics import service, settings
from lib.metrics.figures import View
from lib.settings import Settings
from lib.store import api_keys, feed_listing, feed_states, feed_versions, generations
from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import RunSql, Urls, dsn

FOLDER = Path(__file__).parent / "release_before"
RELEASE = "0.1.0"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / f"{RELEASE}.json").read_text("utf-8"))
WITHOUT_EXTENSION = (
    'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;',
    "CREATE FUNCTION public.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';",
)
NOVEMBER = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
FILTERS = {
    "count": FeedFilter(),
    "approved": FeedFilter(status="approved"),
    "favourites": FeedFilter(favourite=True),
    "of gpt-4o-mini": FeedFilter(model="gpt-4o-mini"),
}


@pytest.fixture
def restored(empty_database_urls: Urls, tmp_path: Path) -> Iterator[Studio]:
    """The dump, restored by the owner, and the app of now started on it."""
    dump = gzip.decompress((FOLDER / f"{RELEASE}.sql.gz").read_bytes()).decode()
    db = psycopg2.connect(dsn(empty_database_urls.owner))
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp')")
        if cursor.fetchone() == (False,):  # as on the embedded one, where the first revision makes the function
            dump = dump.replace(*WITHOUT_EXTENSION)
        cursor.execute(dump)
    db.close()
    database = Database(empty_database_urls.app, empty_database_urls.owner)
    database.migrate()
    own = Settings(data_dir=tmp_path)
    studio = Studio(own, database, Writer(own, DemoModel(pace=0)), Spool(own.spool_dir))
    yield studio
    studio.close()


def test_every_figure_count_and_search_is_what_it_was(restored: Studio) -> None:
    for team, expected in EXPECTED.items():
        with restored.database.tenant(team) as db:
            for name, filters in FILTERS.items():
                assert feed_listing.count(db, team, filters) == expected[name], (team, name)
            for words, ids in expected["searches"].items():
                rows = feed_listing.page(db, team, FeedFilter(text=words)).rows
                assert sorted(str(row.feed_id) for row in rows) == ids, (team, words)
        total = dataclasses.asdict(service.figures(restored, team, View(NOVEMBER), patience_s=60).total)
        for name, value in expected["total"].items():
            counted = total[name]
            assert (counted == Decimal(value)) if isinstance(counted, Decimal) else (counted == value), (team, name)


def test_what_people_have_done_is_still_there(restored: Studio) -> None:
    for place, team in enumerate(EXPECTED):
        with restored.database.tenant(team) as db:
            (feed,) = feed_listing.page(db, team, FeedFilter(status="approved")).rows
            assert [version.kind for version in feed_versions.of_feed(db, team, feed.feed_id)] == ["edit", "original"]
            assert [move.note for move in feed_states.moves(db, team, feed.feed_id)] == ["좋아요"]
            by_key = generations.by_key(db, team, "one")
            assert by_key is not None
            assert by_key.instagram_feed_id == feed.feed_id
            assert [key.name for key in api_keys.of_tenant(db, team)] == ["pipeline"]
        assert settings.settings_of(restored, team)[0].budget_usd == 100 + place
        assert [view.name for view in settings.settings_of(restored, team)[2]] == ["이번 달"]


def test_the_walls_stand_after_the_first_start(restored: Studio, empty_database_urls: Urls, sql_as: RunSql) -> None:
    assert restored.database.walls.open_because == ""
    rows = sum(expected["count"] for expected in EXPECTED.values())
    counted = "SELECT count(*) FROM instagram_feeds"
    assert sql_as(empty_database_urls.owner, counted) == [(rows,)]
    assert sql_as(empty_database_urls.app, counted) == [(0,)]
