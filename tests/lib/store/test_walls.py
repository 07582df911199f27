"""The walls between tenants, as the product itself raises them: what they stop, and what goes on as before."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2.errors
import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ProgrammingError

from lib.access import api_keys as access
from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import FeedNotFound, NotAuthenticated, Refused
from lib.domain.feed_filter import FeedFilter
from lib.feeds import deletion, editing, workflow
from lib.generation import generate, recovery
from lib.generation.job_links import PIPELINE
from lib.store import (
    api_keys,
    attempt_listing,
    attempts,
    feed_listing,
    feed_versions,
    feeds,
    generations,
    migrations,
    tenants,
)
from lib.store.database import Database
from lib.store.tables import Base
from lib.store.walls import APP_ROLE, Seen
from lib.studio import Studio
from tests.conftest import InsertBySql, Postgres, RunSql, Urls
from tests.support import generating
from tests.support.programs import run_program

OF_NOBODY = ("jobs", "overlay_layouts", "studio_processes")
TABLES = [table.name for table in Base.metadata.sorted_tables if table.name not in OF_NOBODY]
BRIEF = Brief("acme", "", "따뜻하게", "밤 라떼", "", "짧게")


@pytest.fixture
def walled(database: Database, as_owner: RunSql, insert_by_sql: InsertBySql) -> Any:
    """The database behind walls, with one row of acme's and one of another tenant's."""
    for tenant in ("acme", "other"):
        insert_by_sql(tenant_id=tenant)
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


# -- what a role sees -------------------------------------------------------------------------------------------------


def test_the_app_sees_and_writes_nothing_without_a_tenant(
    walled: Database, database_urls: Urls, sql_as: RunSql
) -> None:
    for named in ("RESET app.tenant_id", "SET app.tenant_id = ''", "SET app.tenant_id = 'nobody'"):
        for table in TABLES:
            if table != "studio_feed_index":  # on which the app's role has no right at all
                assert sql_as(database_urls.app, f"{named}; SELECT count(*) FROM {table}") == [(0,)], (named, table)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="row-level security"):
            sql_as(database_urls.app, f"{named}; INSERT INTO studio_tenants (tenant_id) VALUES ('acme2')")


def test_the_owner_sees_every_row(walled: Database, as_owner: RunSql) -> None:
    assert as_owner("SELECT count(DISTINCT tenant_id) FROM instagram_feeds") == [(2,)]
    assert as_owner("SELECT count(DISTINCT tenant_id) FROM studio_feed_index") == [(2,)]


@pytest.fixture
def pipeline(server: Postgres, sql_as: RunSql) -> Iterator[str]:
    """A role of the customer's, which logs in; it is gone afterwards."""
    name = f"pipeline_{uuid.uuid4().hex[:12]}"
    sql_as(server.superuser_url, f"CREATE ROLE {name} LOGIN PASSWORD 'p'")
    yield name
    sql_as(server.superuser_url, f"DROP ROLE {name}")


@pytest.fixture
def as_role(walled: Database, server: Postgres, database_urls: Urls, sql_as: RunSql, pipeline: str) -> Iterator[Any]:
    """Plain SQL as the customer's role, which loses its rights on the database of the test afterwards."""
    url = make_url(server.superuser_url).set(database=make_url(database_urls.owner).database)
    superuser = url.render_as_string(hide_password=False)

    def run(statement: str) -> Any:
        return sql_as(superuser, f"SET ROLE {pipeline}; {statement}")

    yield run
    sql_as(superuser, f"DROP OWNED BY {pipeline}")


ROWS = "SELECT count(DISTINCT tenant_id) FROM instagram_feeds"


def test_a_role_that_gets_rights_later_sees_every_row_from_the_next_start_on(
    walled: Database, as_owner: RunSql, as_role: Any, pipeline: str
) -> None:
    as_owner(f"GRANT SELECT, INSERT, UPDATE ON instagram_feeds, jobs TO {pipeline}")
    assert as_role(ROWS) == [(0,)]
    walled.migrate()
    assert as_role(ROWS) == [(2,)]
    as_role("UPDATE instagram_feeds SET tone_style = 'changed by the pipeline'")
    as_role("INSERT INTO jobs (tenant_id) VALUES ('anybody')")
    assert as_owner("SELECT count(*) FROM instagram_feeds WHERE tone_style = 'changed by the pipeline'") == [(2,)]
    assert Seen("instagram_feeds", pipeline, "all rows") in walled.walls.seen
    with walled.tenant("acme") as db:
        assert db.exec_driver_sql(ROWS).scalar() == 1


def test_a_role_with_rights_on_one_column_sees_every_row(
    walled: Database, as_owner: RunSql, as_role: Any, pipeline: str
) -> None:
    as_owner(f"GRANT SELECT (tenant_id) ON instagram_feeds TO {pipeline}")
    walled.migrate()
    assert as_role(ROWS) == [(2,)]


def test_where_everybody_may_read_the_app_still_sees_its_tenant_only(
    walled: Database, as_owner: RunSql, as_role: Any
) -> None:
    as_owner("GRANT SELECT ON instagram_feeds TO PUBLIC")
    walled.migrate()
    assert as_role(ROWS) == [(2,)]
    with walled.tenant("acme") as db:
        assert db.exec_driver_sql(ROWS).scalar() == 1
    with walled.directory() as db:
        assert db.exec_driver_sql(ROWS).scalar() == 0


def test_no_wall_is_raised_where_a_role_would_lose_its_rows(
    walled: Database, as_owner: RunSql, server: Postgres, sql_as: RunSql, pipeline: str, database_urls: Urls
) -> None:
    app = make_url(database_urls.app).username
    for table in ("instagram_feeds", "jobs"):
        as_owner(f"DROP POLICY studio_wall ON {table}")
        as_owner(f"DROP POLICY studio_app ON {table}")
        as_owner(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    sql_as(server.superuser_url, f"GRANT {app} TO {pipeline}")
    walled.migrate()
    assert f"{pipeline} is a member of the app's role" in walled.walls.open_because
    assert as_owner("SELECT relrowsecurity FROM pg_class WHERE oid = 'instagram_feeds'::regclass") == [(False,)]
    sql_as(server.superuser_url, f"REVOKE {app} FROM {pipeline}")
    walled.migrate()
    assert walled.walls.open_because == ""
    assert as_owner("SELECT relrowsecurity FROM pg_class WHERE oid = 'instagram_feeds'::regclass") == [(True,)]


def test_the_customers_own_policies_go_on_ruling_their_roles(
    empty_database_urls: Urls, server: Postgres, sql_as: RunSql, pipeline: str
) -> None:
    owner = empty_database_urls.owner
    engine = create_engine(owner)
    with engine.begin() as db:
        migrations.upgrade(db, "0001")  # the tables of the specification, before this app comes
    engine.dispose()
    database = Database(empty_database_urls.app, owner)
    sql_as(owner, "ALTER TABLE instagram_feeds ENABLE ROW LEVEL SECURITY")
    sql_as(owner, f"GRANT SELECT ON instagram_feeds TO {pipeline}")
    sql_as(owner, f"CREATE POLICY theirs ON instagram_feeds TO {pipeline} USING (tenant_id = 'acme')")
    database.migrate()
    policies: dict[str, str] = dict(
        sql_as(owner, "SELECT policyname, roles::text FROM pg_policies WHERE tablename = 'instagram_feeds'")
    )
    assert "studio_others" not in policies, "it would let the role past its own policy"
    assert policies["theirs"] == f"{{{pipeline}}}"
    database.close()
    superuser = make_url(server.superuser_url).set(database=make_url(owner).database)
    sql_as(superuser.render_as_string(hide_password=False), f"DROP OWNED BY {pipeline}")


def test_a_dump_by_the_owner_holds_every_row_and_restores_with_the_walls(
    walled: Database, database_urls: Urls, empty_database_urls: Urls, as_owner: RunSql, sql_as: RunSql, tmp_path: Path
) -> None:
    with walled.tenant("acme") as db:
        tenants.remember(db, "acme")
    file = tmp_path / "dump"
    run_program("pg_dump", database_urls.owner, "--enable-row-security", "--format=custom", "--file", str(file))
    run_program("pg_restore", empty_database_urls.owner, "--no-comments", "--clean", "--if-exists", str(file))
    restored = Database(empty_database_urls.app, empty_database_urls.owner)
    restored.migrate()
    assert restored.walls.open_because == ""
    assert sql_as(empty_database_urls.owner, ROWS) == [(2,)]
    with restored.tenant("acme") as db:
        assert db.exec_driver_sql(ROWS).scalar() == 1
        assert tenants.list_ids(db) == []
    with restored.directory() as db:
        assert tenants.list_ids(db) == ["acme", "other"]
    restored.close()


# -- one role for everything -----------------------------------------------------------------------------------------


def test_a_login_that_may_make_roles_works_below_the_walls(
    empty_database_urls: Urls, server: Postgres, sql_as: RunSql
) -> None:
    """One URL, of a superuser: what it works as is a role of its own, which sees the named tenant's rows."""
    url = make_url(server.superuser_url).set(database=make_url(empty_database_urls.owner).database)
    database = Database(url.render_as_string(hide_password=False))
    database.migrate()
    for tenant in ("acme", "other"):
        with database.tenant(tenant) as db:
            feeds.add(db, tenant, uuid.uuid4(), BRIEF.inputs(), instagram_ad_copy="글", hashtags="")
    with database.tenant("acme") as db:
        assert db.exec_driver_sql("SELECT current_user").scalar() == APP_ROLE
        assert db.exec_driver_sql(ROWS).scalar() == 1
    assert database.walls.open_because == ""
    database.close()


def test_a_login_that_may_make_none_works_and_the_operator_is_told(
    empty_database_urls: Urls, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(empty_database_urls.owner)
    database.migrate()
    with database.tenant("acme") as db:
        feeds.add(db, "acme", uuid.uuid4(), BRIEF.inputs(), instagram_ad_copy="글", hashtags="")
    assert "CREATE ROLE feed_studio_app NOLOGIN" in database.walls.open_because
    assert "The walls between tenants are open" in caplog.text
    database.close()


def test_an_app_that_does_not_own_the_tables_tells_whether_the_walls_stand(
    walled: Database, database_urls: Urls, as_owner: RunSql
) -> None:
    alone = Database(database_urls.app)
    alone.migrate()
    assert alone.walls.open_because == ""
    as_owner("DROP POLICY studio_wall ON instagram_feeds")
    alone.migrate()
    assert "DATABASE_OWNER_URL" in alone.walls.open_because
    alone.close()
