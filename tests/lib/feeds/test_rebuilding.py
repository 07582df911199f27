"""A team's search index and figures are made anew, once at a time, for that team alone."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from lib.domain.errors import DatabaseAway, DatabaseUnusable
from lib.domain.feed_filter import FeedFilter
from lib.feeds import rebuilding
from lib.i18n import words
from lib.store import feed_listing
from lib.store.database import Database
from lib.store.reconciliation import Mended
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql, Urls, dsn


def listed(studio: Studio, tenant_id: str) -> int:
    with studio.database.tenant(tenant_id) as db:
        return len(feed_listing.page(db, tenant_id, FeedFilter()).rows)


@pytest.fixture
def behind(studio: Studio, insert_by_sql: InsertBySql, as_owner: RunSql) -> None:
    """Two teams with a row each that no trigger has seen."""
    as_owner("ALTER TABLE instagram_feeds DISABLE TRIGGER USER")
    for tenant_id in ("acme", "rival"):
        insert_by_sql(tenant_id=tenant_id)
    as_owner("ALTER TABLE instagram_feeds ENABLE TRIGGER USER")


@pytest.mark.usefixtures("behind")
def test_the_rows_of_one_team_are_back_and_the_other_teams_are_left_alone(studio: Studio) -> None:
    rebuild = rebuilding.start(studio, "acme")
    assert rebuild.finished.wait(60)
    assert (rebuild.mended, rebuild.error) == (Mended(missing=1), None)
    assert rebuilding.latest("acme") is rebuild
    assert (listed(studio, "acme"), listed(studio, "rival")) == (1, 0)


def test_where_the_database_is_away_the_rebuild_says_so(studio: Studio, tmp_path: Path) -> None:
    away = Database(f"postgresql://nobody@/none?host={tmp_path}")
    rebuild = rebuilding.start(replace(studio, database=away), "away")
    assert rebuild.finished.wait(60)
    assert isinstance(rebuild.error, DatabaseAway)


@pytest.mark.usefixtures("behind")
def test_a_database_that_takes_no_writing_says_so_in_its_own_words(studio: Studio, database_urls: Urls) -> None:
    read_only = Database(f"{database_urls.app}&options=-c%20default_transaction_read_only%3Don")
    rebuild = rebuilding.start(replace(studio, database=read_only), "acme")
    assert rebuild.finished.wait(60)
    assert isinstance(rebuild.error, DatabaseUnusable)
    assert "read-only" in words.error("en", rebuild.error)
    read_only.close()


def test_a_second_press_waits_for_the_first(studio: Studio, database_urls: Urls, insert_by_sql: InsertBySql) -> None:
    insert_by_sql()
    with contextlib.closing(psycopg2.connect(dsn(database_urls.owner))) as db, db.cursor() as cursor:
        cursor.execute("SELECT FROM instagram_feeds FOR UPDATE")
        first, second = rebuilding.start(studio, "acme"), rebuilding.start(studio, "acme")
        assert first is second
        assert not first.finished.is_set()
    assert first.finished.wait(60)
    again = rebuilding.start(studio, "acme")
    assert again is not first
    assert again.finished.wait(60)
