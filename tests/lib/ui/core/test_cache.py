"""What pages keep is true as soon as any program, in this process or another, has changed the tenant's data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import Connection

from lib import studio as studios
from lib.domain.feed_filter import FeedFilter
from lib.store import feed_states, tenant_changes
from lib.store.database import Database
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.settings import Price
from lib.studio import Studio
from lib.ui.core import cache
from tests.conftest import InsertBySql, Postgres, RunSql, Urls


@pytest.fixture(autouse=True)
def current(studio: Studio) -> Iterator[Any]:
    studios.use(studio)
    st.cache_data.clear()  # what another test's tenant of the same name had
    yield
    studios.use(None)


@pytest.fixture
def other_process(database_urls: Urls) -> Iterator[Any]:
    """The database as another process of the app has it: by an engine of its own."""
    database = Database(database_urls.app)
    yield database
    database.close()


def test_what_nobody_changed_is_read_once(
    server: Postgres, database_urls: Urls, insert_by_sql: InsertBySql, sql_as: RunSql
) -> None:
    insert_by_sql()
    assert cache.count("acme", FeedFilter()) == 1
    name = database_urls.owner.partition("?")[0].rpartition("/")[2]
    past_triggers = server.superuser_url.replace("/postgres?", f"/{name}?")
    sql_as(past_triggers, "SET session_replication_role = replica; DELETE FROM studio_feed_index")
    assert cache.count("acme", FeedFilter()) == 1


def test_a_row_that_another_program_writes_is_counted_at_once(insert_by_sql: InsertBySql, as_owner: RunSql) -> None:
    assert cache.count("acme", FeedFilter()) == 0
    insert_by_sql(gpt_model_name="a", tone_style="t")
    assert cache.count("acme", FeedFilter()) == 1
    assert cache.choices("acme").models == ["a"]
    as_owner("UPDATE instagram_feeds SET gpt_model_name = 'b'")
    assert cache.choices("acme").models == ["b"]
    as_owner("DELETE FROM instagram_feeds")
    assert cache.count("acme", FeedFilter()) == 0


def test_what_another_process_changes_holds_here_at_once(other_process: Any, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql()
    favourites = FeedFilter(favourite=True)
    assert cache.count("acme", favourites) == 0
    assert cache.own_prices("acme") == []
    with other_process.tenant("acme") as db:
        feed_states.set_favourite(db, "acme", feed_id, favourite=True)
        price = Price("own", dt.date(2026, 1, 1), Decimal(2), Decimal(1), Decimal(3))
        stored_settings.put_price(db, "acme", price)
    assert cache.count("acme", favourites) == 1
    assert [price.model for price in cache.own_prices("acme")] == ["own"]


def test_a_change_of_another_tenant_is_not_ours(insert_by_sql: InsertBySql) -> None:
    before = cache.version("acme")
    insert_by_sql(tenant_id="other")
    assert cache.version("acme") == before
    assert cache.count("other", FeedFilter()) == 1


def test_a_job_that_the_pipeline_adds_is_offered_at_once(as_owner: RunSql) -> None:
    assert cache.recent_jobs("acme") == []
    as_owner("INSERT INTO jobs (tenant_id, status) VALUES ('acme', 'running')")
    assert [job.status for job in cache.recent_jobs("acme")] == ["running"]


def test_a_page_run_reads_the_version_once_and_sees_what_others_wrote_since(
    monkeypatch: pytest.MonkeyPatch, insert_by_sql: InsertBySql, studio: Studio
) -> None:
    from tests.support.opened_page import Opened

    for number in range(25):
        insert_by_sql(instagram_ad_copy=f"글 {number}", created_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    reads: list[str] = []
    read = tenant_changes.version

    def counted(db: Connection, tenant_id: str) -> Any:
        reads.append(tenant_id)
        return read(db, tenant_id)

    monkeypatch.setattr(tenant_changes, "version", counted)
    page = Opened(studio, "history.py", tenant_id="acme")
    assert "25" in page.told("markdown") + page.told("caption")
    assert reads == ["acme"]
    insert_by_sql()
    page.run()
    assert "26" in page.told("markdown") + page.told("caption")
    assert reads == ["acme", "acme"]
