"""Every commit that changes a tenant's data changes its version, whoever commits."""

from __future__ import annotations

import concurrent.futures
import threading
import uuid
from typing import Any

import psycopg2
import pytest
from sqlalchemy import create_engine, text

from lib.store import feed_states, tenant_changes
from lib.store.database import Database
from tests.conftest import InsertBySql, RunSql, Urls


@pytest.fixture
def version(database: Database) -> Any:
    """The version of acme's data, or of another tenant's, as a new transaction reads it."""

    def read(tenant_id: str = "acme") -> Any:
        with database.tenant(tenant_id) as db:
            return tenant_changes.version(db, tenant_id)

    return read


@pytest.fixture
def rows(as_owner: RunSql) -> Any:
    return lambda: as_owner("SELECT count(*) FROM studio_tenant_changes")[0][0]


def test_a_tenant_that_nobody_wrote_to_has_version_0(version: Any) -> None:
    assert version() == 0


def test_each_statement_of_another_program_changes_the_version_of_its_tenant_alone(
    version: Any, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql()
    inserted = version()
    as_owner("UPDATE instagram_feeds SET hashtags = '#새' WHERE tenant_id = 'acme'")
    updated = version()
    as_owner("UPDATE instagram_feeds SET tenant_id = 'moved'")
    moved = version()
    as_owner("DELETE FROM instagram_feeds")
    assert 0 < inserted < updated < moved
    assert version() == moved
    assert version("moved") == 2
    assert version("other") == 0


def test_a_statement_that_changes_no_row_changes_no_version(
    version: Any, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql()
    before = version()
    as_owner("UPDATE instagram_feeds SET hashtags = '' WHERE tenant_id = 'nobody'")
    assert version() == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO studio_feed_states (tenant_id, feed_id) VALUES ('acme', gen_random_uuid())",
        "INSERT INTO studio_prices VALUES ('acme', 'm', '2026-01-01', 1, 1, 1)",
        "INSERT INTO studio_tenant_settings (tenant_id) VALUES ('acme')",
        "INSERT INTO studio_saved_views (tenant_id, name, query) VALUES ('acme', 'n', '{}')",
        "INSERT INTO studio_api_keys (tenant_id, key_id, name, scopes, secret_hash) VALUES ('acme', 'k', '', '{}', '')",
        "INSERT INTO jobs (tenant_id) VALUES ('acme')",
        "INSERT INTO studio_generations (tenant_id, generation_id, run_id, variant, source, fingerprint, brief,"
        " options, prompt_version) VALUES ('acme', gen_random_uuid(), gen_random_uuid(), 1, '', '', '{}', '{}', '')",
    ],
    ids=lambda statement: statement.split()[2],
)
def test_whatever_a_page_shows_of_a_tenant_has_a_part_in_its_version(
    version: Any, as_owner: RunSql, statement: Any
) -> None:
    as_owner(statement)
    assert version() == 1


def test_truncating_the_feeds_changes_the_version_of_every_tenant_that_had_some(
    version: Any, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    for tenant in ("acme", "other", "third"):
        insert_by_sql(tenant_id=tenant)
    as_owner("TRUNCATE instagram_feeds")
    assert {version(tenant) for tenant in ("acme", "other", "third")} == {2}
    assert version("nobody") == 0


def test_a_transaction_of_many_statements_adds_one_row(database_urls: Urls, version: Any, rows: Any) -> None:
    engine = create_engine(database_urls.owner)
    with engine.begin() as db:
        for number in range(20):
            db.execute(text("INSERT INTO jobs (tenant_id, status) VALUES ('acme', :n)"), {"n": str(number)})
    engine.dispose()
    assert version() == rows() == 1


def test_a_change_that_was_undone_to_a_savepoint_does_not_hide_the_next_one(database_urls: Urls, version: Any) -> None:
    engine = create_engine(database_urls.owner)
    with engine.begin() as db:
        inner = db.begin_nested()
        db.exec_driver_sql("INSERT INTO jobs (tenant_id) VALUES ('acme')")
        inner.rollback()
        db.exec_driver_sql("INSERT INTO jobs (tenant_id) VALUES ('acme')")
    engine.dispose()
    assert version() == 1


def test_a_transaction_that_began_first_and_commits_last_changes_the_version(
    database: Database, version: Any, as_owner: RunSql
) -> None:
    with database.tenant("acme") as db:
        db.exec_driver_sql("INSERT INTO studio_feed_states (tenant_id, feed_id) VALUES ('acme', gen_random_uuid())")
        as_owner("INSERT INTO jobs (tenant_id) VALUES ('acme')")
        before = version()
    assert version() > before


def test_writers_of_one_tenant_do_not_wait_for_each_other(database: Database, database_urls: Urls) -> None:
    with database.tenant("acme") as db, psycopg2.connect(database_urls.owner.replace("+psycopg2", "")) as other:
        db.exec_driver_sql("INSERT INTO studio_feed_states (tenant_id, feed_id) VALUES ('acme', gen_random_uuid())")
        with other.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
            cursor.execute("INSERT INTO studio_tenant_settings (tenant_id) VALUES ('acme')")
            other.commit()
    other.close()


def test_many_rows_are_added_up_by_a_reader_while_others_write(
    database: Database, version: Any, rows: Any, as_owner: RunSql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant_changes, "MOST_ROWS", 5)
    over = threading.Event()

    def write() -> None:
        for _ in range(50):
            as_owner("INSERT INTO jobs (tenant_id) VALUES ('acme')")

    def read() -> Any:
        seen = []
        while not over.is_set():
            seen.append(version())
        return seen

    with concurrent.futures.ThreadPoolExecutor() as threads:
        readers = [threads.submit(read) for _ in range(2)]
        writers = [threads.submit(write) for _ in range(2)]
        concurrent.futures.wait(writers)
        over.set()
        for reader in readers:
            assert reader.result() == sorted(reader.result())
    assert version() == 100
    version()
    assert rows() <= 6


def test_two_processes_see_the_same_version(database: Database, database_urls: Urls, version: Any) -> None:
    another = Database(database_urls.app)
    with another.tenant("acme") as db:
        feed_states.set_favourite(db, "acme", uuid.UUID(int=1), favourite=True)
    another.close()
    assert version() == 1


def test_a_pipeline_may_change_its_table_of_jobs_as_it_likes(as_owner: RunSql, version: Any) -> None:
    as_owner("ALTER TABLE jobs ALTER COLUMN tenant_id TYPE text")
    as_owner("INSERT INTO jobs (tenant_id) VALUES (repeat('x', 300))")
    as_owner("ALTER TABLE jobs DROP COLUMN tenant_id")
    as_owner("INSERT INTO jobs (status) VALUES ('queued')")
    as_owner("UPDATE jobs SET status = 'done'")
    assert version() == 0
