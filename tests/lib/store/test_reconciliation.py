"""Rows that were written while triggers were off are listed, found and counted once somebody has looked for them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from lib import cli
from lib.domain.feed_filter import FeedFilter
from lib.store import feed_listing, feed_states, reconciliation, tenant_changes, tenants
from lib.store.database import Database
from lib.store.reconciliation import Mended
from tests.conftest import InsertBySql, Postgres, RunSql, Urls

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
INSERT = """INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,
    store_information, gpt_prompt, instagram_ad_copy, hashtags, created_at)
    SELECT %s, '', 't', '', '', '', 'restored ' || n, '#a', '2026-11-01' FROM generate_series(1, %s) AS n"""


@pytest.fixture
def past_triggers(server: Postgres, database_urls: Urls, sql_as: RunSql) -> Any:
    """SQL on the database of the test, as a restore with --disable-triggers runs it."""
    name = database_urls.owner.partition("?")[0].rpartition("/")[2]
    url = server.superuser_url.replace("/postgres?", f"/{name}?")
    sql_as(url, "ALTER ROLE CURRENT_USER IN DATABASE " + name + " SET session_replication_role = replica")
    return lambda statement, *values: sql_as(url, statement, *values)


def texts(database: Database, tenant: str = "acme", **filters: Any) -> Any:
    with database.tenant(tenant) as db:
        return sorted(row.instagram_ad_copy for row in feed_listing.page(db, tenant, FeedFilter(**filters)).rows)


def test_inserted_rows_are_listed_found_and_counted(database: Database, past_triggers: RunSql) -> None:
    past_triggers(INSERT, "acme", 3)
    assert texts(database) == []
    assert reconciliation.reconcile(database) == {"acme": Mended(missing=3)}
    assert texts(database) == texts(database, text="restored") == ["restored 1", "restored 2", "restored 3"]
    assert past_triggers("SELECT count(*) FROM studio_metric_changes WHERE kind = 'feed'") == [(3,)]
    assert reconciliation.reconcile(database) == {}


def test_changed_rows_are_found_by_what_they_say_now(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    changed = insert_by_sql(instagram_ad_copy="before", created_at=START)
    insert_by_sql(instagram_ad_copy="same", created_at=START)
    past_triggers("UPDATE instagram_feeds SET instagram_ad_copy = 'after' WHERE instagram_feed_id = %s", changed)
    assert reconciliation.reconcile(database) == {"acme": Mended(outdated=1)}
    assert texts(database, text="after") == ["after"]
    assert texts(database, text="before") == []


def test_a_star_does_not_hide_that_a_row_was_changed(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    changed = insert_by_sql(instagram_ad_copy="before", created_at=START)
    past_triggers("TRUNCATE studio_metric_changes")
    past_triggers("UPDATE instagram_feeds SET instagram_ad_copy = 'after', created_at = '2026-11-09'")
    with database.tenant("acme") as db:
        feed_states.set_favourite(db, "acme", changed, favourite=True)
    reconciliation.reconcile(database)
    assert texts(database, text="after", favourite=True) == ["after"]
    assert texts(database, text="before") == []
    days = past_triggers("SELECT created_at::date FROM studio_metric_changes")
    assert {(dt.date(2026, 11, 1),), (dt.date(2026, 11, 9),)} <= set(days)


def test_a_changed_instant_moves_the_row_in_the_list_and_both_its_days_are_counted_again(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    moved = insert_by_sql(instagram_ad_copy="moved", created_at=START)
    insert_by_sql(instagram_ad_copy="newer", created_at=START + dt.timedelta(days=1))
    past_triggers("TRUNCATE studio_metric_changes")
    past_triggers("UPDATE instagram_feeds SET created_at = '2026-11-09' WHERE instagram_feed_id = %s", moved)
    assert reconciliation.reconcile(database) == {"acme": Mended(outdated=1)}
    with database.tenant("acme") as db:
        assert [row.instagram_ad_copy for row in feed_listing.page(db, "acme", FeedFilter()).rows] == ["moved", "newer"]
    days = past_triggers("SELECT DISTINCT created_at::date FROM studio_metric_changes ORDER BY 1")
    assert days == [(dt.date(2026, 11, 1),), (dt.date(2026, 11, 9),)]


def test_deleted_rows_are_listed_and_counted_no_more(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql()
    past_triggers("DELETE FROM instagram_feeds")
    assert reconciliation.reconcile(database) == {"acme": Mended(removed=1)}
    assert texts(database) == []
    with database.tenant("acme") as db:
        assert feed_listing.count(db, "acme", FeedFilter()) == 0


def test_a_usage_that_changed_is_counted_again_though_nobody_can_search_for_it(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(created_at=START)
    past_triggers("TRUNCATE studio_metric_changes")
    past_triggers("""UPDATE instagram_feeds SET token_usage = '{"prompt_tokens": 5}'""")
    assert reconciliation.reconcile(database) == {}
    assert past_triggers("SELECT count(*) FROM studio_metric_changes") == [(1,)]
    reconciliation.reconcile(database)
    assert past_triggers("SELECT count(*) FROM studio_metric_changes") == [(1,)]


def test_a_status_that_was_restored_without_triggers_is_filtered_by(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql(instagram_ad_copy="글")
    past_triggers(
        "INSERT INTO studio_feed_states (tenant_id, feed_id, status) VALUES ('acme', %s, 'approved')", feed_id
    )
    assert reconciliation.reconcile(database) == {"acme": Mended(outdated=1)}
    assert texts(database, status="approved") == ["글"]


def test_each_team_has_its_own_and_is_offered_though_only_sql_knows_it(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql()
    past_triggers(INSERT, "other", 2)
    assert reconciliation.reconcile(database) == {"other": Mended(missing=2)}
    with database.directory() as db:
        assert tenants.list_ids(db) == ["acme", "other"]
    assert len(texts(database, "other")) == 2
    assert len(texts(database)) == 1


def test_pages_notice_what_was_mended(database: Database, past_triggers: RunSql) -> None:
    past_triggers(INSERT, "acme", 1)
    with database.tenant("acme") as db:
        before = tenant_changes.version(db, "acme")
    reconciliation.reconcile(database)
    with database.tenant("acme") as db:
        assert tenant_changes.version(db, "acme") > before


def test_an_index_that_is_wrong_for_any_reason_is_made_anew(
    database: Database, past_triggers: RunSql, insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql(instagram_ad_copy="글", created_at=START)
    with database.tenant("acme") as db:
        feed_states.set_favourite(db, "acme", feed_id, favourite=True)
    past_triggers("UPDATE studio_feed_index SET body = 'wrong', facets = '{}'")
    assert reconciliation.reconcile(database) == {}
    assert reconciliation.rebuild(database, "acme") == Mended(outdated=1)
    assert texts(database, text="글") == texts(database, favourite=True) == ["글"]


def test_nobody_mends_another_tenants_index(database: Database, past_triggers: RunSql) -> None:
    past_triggers(INSERT, "other", 1)
    with database.tenant("acme") as db:
        assert not reconciliation._reconcile(db, "other", every_row=True)
    assert texts(database, "other") == []


def test_the_command_says_what_it_found(
    database: Database,
    database_urls: Urls,
    past_triggers: RunSql,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_urls.app)
    monkeypatch.setenv("DATABASE_OWNER_URL", database_urls.owner)
    monkeypatch.setenv("FEED_STUDIO_DATA", str(tmp_path))
    past_triggers(INSERT, "acme", 3)
    assert cli.main(["migrate"]) is None
    assert "'acme': 3 missing" in capsys.readouterr().out
    past_triggers(INSERT, "acme", 2)
    assert cli.main(["reconcile"]) is None
    assert "'acme': 2 missing" in capsys.readouterr().out
    assert cli.main(["reconcile"]) is None
    assert "Every feed is in lists" in capsys.readouterr().out
    assert cli.main(["reconcile", "--rebuild", "acme"]) is None
    assert "Every feed" in capsys.readouterr().out
