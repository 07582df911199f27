"""Nothing here breaks once row-level security stands between the tenants."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError

from lib.access import api_keys as access
from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import FeedNotFound, NotAuthenticated, Refused
from lib.domain.feed_filter import FeedFilter
from lib.feeds import deletion, editing, workflow
from lib.generation import generate, recovery
from lib.generation.job_links import PIPELINE
from lib.store import api_keys, attempt_listing, attempts, feed_listing, feed_versions, feeds, generations, tenants
from lib.store.database import Database
from lib.store.tables import Base
from lib.studio import Studio
from tests.conftest import InsertBySql, Postgres, RunSql, Urls
from tests.support import generating

TABLES = [table.name for table in Base.metadata.sorted_tables if table.name not in ("jobs", "overlay_layouts")]
BY_FUNCTIONS_ONLY = ["studio_feed_index"]
"""Those on which the app's role has no rights, and whose owner stays outside the walls: see their models."""
MINE = "tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), ''))"
DIRECTORY = "(SELECT current_setting('app.directory', true)) = 'on'"
BRIEF = Brief("acme", "", "따뜻하게", "밤 라떼", "", "짧게")


@pytest.fixture
def walled(database: Database, as_owner: RunSql, insert_by_sql: InsertBySql) -> Any:
    """The database behind walls, with one row of acme's and one of another tenant's."""
    for tenant in ("acme", "other"):
        insert_by_sql(tenant_id=tenant)
    for table in TABLES:
        as_owner(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        if table not in BY_FUNCTIONS_ONLY:
            as_owner(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        as_owner(f"CREATE POLICY mine ON {table} USING ({MINE}) WITH CHECK ({MINE})")
    for table in ("studio_tenants", "studio_api_keys"):
        as_owner(f"CREATE POLICY directory ON {table} FOR SELECT USING ({DIRECTORY})")
    return database


def test_the_store_works_as_before(walled: Database) -> None:
    feed_id = uuid.uuid4()
    with walled.tenant("acme") as db:
        tenants.remember(db, "acme")
        tenants.remember(db, "acme")
        added = feeds.add(db, "acme", feed_id, BRIEF.inputs(), instagram_ad_copy="글", hashtags="#글")
    with walled.tenant("acme") as db:
        assert feeds.get(db, "acme", feed_id) == added
        assert len(feeds.newest(db, "acme")) == feeds.latency_statistics(db, "acme").total_count == 2
        feeds.edit(db, "acme", feed_id, instagram_ad_copy="새 글", hashtags="", seen=added.updated_at)
        feeds.delete(db, "acme", feed_id)
    with walled.directory() as db:
        assert tenants.list_ids(db) == ["acme", "other"]


def test_a_generation_takes_its_whole_path_as_before(walled: Database, studio: Studio, demo: DemoModel) -> None:
    feed = generating.write(studio, BRIEF, GenerationOptions("demo"), source="test", idempotency_key="one")
    again = generating.write(studio, BRIEF, GenerationOptions("demo"), source="test", idempotency_key="one")
    assert again == feed
    assert len(demo.requests) == 1
    edited = editing.edit(studio, feed, "고친 글", "#고침")
    child = generating.write(
        studio, BRIEF, GenerationOptions("demo"), source="test", parent=edited, change="shorter", stream=True
    )
    demo.behaviours.append("refused")
    with pytest.raises(Refused):
        generating.write(studio, BRIEF, GenerationOptions("demo"), source="test")
    with walled.tenant("acme") as db:
        assert {feed.instagram_feed_id, child.instagram_feed_id} <= {
            one.instagram_feed_id for one in feeds.newest(db, "acme")
        }
        newest = generations.newest(db, "acme")
        assert newest is not None
        assert newest.outcome == "refused"
        assert [one.ended for one in attempt_listing.page(db, "acme", FeedFilter()).rows] == [
            "refused",
            "written",
            "written",
        ]
    with walled.tenant("other") as db:  # naming a tenant is not being it
        assert attempt_listing.count(db, "acme", FeedFilter()) == 0


def test_what_a_crash_left_is_stored_as_before(
    walled: Database, studio: Studio, demo: DemoModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = generating.recorded(studio, BRIEF)
    prepared.entry.release()  # its process died before it sent anything
    assert recovery.recover(studio) == 1
    recovery.write_off(studio)
    with walled.tenant("acme") as db:
        made = attempts.of_generation(db, "acme", prepared.generation.generation_id)
    assert [attempt.outcome for attempt in made] == ["not_sent"]


def test_a_key_is_made_recognised_and_revoked_as_before(walled: Database, studio: Studio) -> None:
    new = access.create_key(studio, "acme", "pipeline")
    assert access.authenticate(studio, new.text).key_id == new.key.key_id
    with walled.tenant("other") as db:
        assert api_keys.by_id(db, new.key.key_id) == []
    access.revoke_key(studio, "acme", new.key.key_id)
    with pytest.raises(NotAuthenticated):
        access.authenticate(studio, new.text)


def test_a_pipelines_step_takes_its_whole_path_as_before(walled: Database, studio: Studio, as_owner: RunSql) -> None:
    job_id = uuid.UUID(as_owner("INSERT INTO jobs (tenant_id) VALUES ('acme') RETURNING job_id")[0][0])
    options = GenerationOptions("demo", job_id=job_id)
    prepared = generating.recorded(studio, BRIEF, options, source=PIPELINE, idempotency_key="one")
    feed = generate.execute(studio, prepared)
    assert generating.write(studio, BRIEF, options, source=PIPELINE) == feed
    assert editing.relink(studio, feed, None, None).job_id is None


def test_without_a_where_there_are_only_the_tenants_own_rows(walled: Database) -> None:
    with walled.tenant("acme") as db:
        assert db.exec_driver_sql("SELECT DISTINCT tenant_id FROM instagram_feeds").scalars().all() == ["acme"]
    with walled.directory() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM instagram_feeds").scalar() == 0


def test_asking_for_another_tenant_finds_nothing(walled: Database) -> None:
    with walled.tenant("acme") as db:
        (feed,) = feeds.newest(db, "acme")
    with walled.tenant("other") as db:
        assert feeds.newest(db, "acme") == []
        for tenant_id in ("acme", "other"):
            with pytest.raises(FeedNotFound):
                feeds.get(db, tenant_id, feed.instagram_feed_id)


def test_a_row_for_another_tenant_cannot_be_written(walled: Database) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), walled.tenant("other") as db:
        feeds.add(db, "acme", uuid.uuid4(), BRIEF.inputs(), instagram_ad_copy="글", hashtags="")


def test_the_newest_schema_stays_the_newest(walled: Database) -> None:
    walled.migrate()


@pytest.fixture
def as_pipeline(server: Postgres, database_urls: Urls, sql_as: RunSql) -> Any:
    """Plain SQL by a role outside the walls, which names no tenant."""
    url = make_url(server.superuser_url).set(database=make_url(database_urls.owner).database)
    return lambda statement, *values: sql_as(url.render_as_string(hide_password=False), statement, *values)


def test_what_is_listed_changed_and_moved_is_so_as_before(
    walled: Database, studio: Studio, as_pipeline: RunSql
) -> None:
    feed_id = uuid.UUID(
        as_pipeline(
            "UPDATE instagram_feeds SET instagram_ad_copy = '연남동 통밀 식빵'"
            " WHERE tenant_id = 'acme' RETURNING instagram_feed_id"
        )[0][0]
    )
    with walled.tenant("acme") as db:
        feed = feeds.get(db, "acme", feed_id)
    editing.edit(studio, feed, "연남동 호밀 식빵", "#빵", person="지수")
    workflow.move(studio, "acme", [feed_id], "archived")
    workflow.set_favourite(studio, "acme", feed_id, favourite=True)
    as_pipeline("UPDATE instagram_feeds SET tone_style = '새 톤'")
    with walled.tenant("acme") as db:
        for wanted in (
            FeedFilter(text="호밀", status="archived"),
            FeedFilter(hashtag="빵", tone="새 톤", favourite=True),
        ):
            assert [one.feed_id for one in feed_listing.page(db, "acme", wanted).rows] == [feed_id]
            assert feed_listing.count(db, "acme", wanted) == 1
        assert feed_listing.page(db, "acme", FeedFilter(text="통밀")).rows == []
        assert [one.kind for one in feed_versions.of_feed(db, "acme", feed_id)] == ["edit", "outside", "original"]
    with walled.tenant("other") as db:
        assert len(feed_listing.page(db, "other", FeedFilter()).rows) == 1
        assert feed_listing.page(db, "acme", FeedFilter()).rows == []
        assert feed_versions.of_feed(db, "acme", feed_id) == []
    deletion.delete(studio, "acme", feed_id)
    as_pipeline("DELETE FROM instagram_feeds")
    for table in ("studio_feed_index", "studio_feed_versions", "studio_feed_moves", "studio_feed_states"):
        assert as_pipeline(f"SELECT count(*) FROM {table}") == [(0,)]


def test_nobody_else_may_run_what_runs_as_the_owner(as_owner: RunSql) -> None:
    """Whoever may could hang a trigger function on a table of their own, and so write into every tenant's."""
    ours = as_owner("SELECT proname, has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc WHERE prosecdef")
    assert {name for name, _ in ours} >= {"studio_find_feeds", "studio_keep_version", "studio_forget_metrics"}
    assert [name for name, by_anybody in ours if by_anybody] == []
