"""One engine, transactions that belong to a tenant, and a server that is away."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

import lib.store.database
from lib.domain.errors import DatabaseAway, DatabaseUnusable
from lib.store.database import Database, TenantMissingError, at_commit, read_json
from tests.conftest import Postgres, RunSql, Urls


def value(db: Any, statement: Any, *values: Any) -> Any:
    return db.exec_driver_sql(statement, values).scalar()


@pytest.fixture
def one_connection(database_urls: Urls) -> Iterator[Any]:
    database = Database(database_urls.app, database_urls.owner, pool_size=1)
    yield database
    database.close()


@pytest.fixture
def nowhere(tmp_path: Path) -> Any:
    return Database(f"postgresql://nobody@/nothing?host={tmp_path}")


# -- a transaction and its tenant -----------------------------------------------------------------------------------


def test_a_transaction_carries_its_tenant(database: Database) -> None:
    with database.tenant("카페 'acme' %s") as db:
        assert value(db, "SELECT current_setting('app.tenant_id')") == "카페 'acme' %s"


def test_what_a_transaction_did_is_kept(database: Database) -> None:
    with database.tenant("acme") as db:
        value(db, "INSERT INTO studio_tenants (tenant_id) VALUES ('acme') RETURNING 1")
    with database.tenant("acme") as db:
        assert value(db, "SELECT count(*) FROM studio_tenants") == 1


NEW = "INSERT INTO studio_tenant_settings (tenant_id) VALUES ('acme') RETURNING 1"
ZONE = "UPDATE studio_tenant_settings SET time_zone = %s WHERE tenant_id = 'acme'"


def test_what_is_sent_with_the_commit_is_committed_with_all_else_or_fails_with_it(one_connection: Database) -> None:
    def insert_and(statement: str, *values: Any, error: BaseException | None = None) -> None:
        with one_connection.tenant("acme") as db:
            value(db, NEW)
            at_commit(db, statement, *values)
            if error:
                raise error

    with pytest.raises(DataError):
        insert_and("SELECT 1 / %s", 0)
    with pytest.raises(KeyboardInterrupt):
        insert_and(ZONE, "never", error=KeyboardInterrupt())
    insert_and(ZONE, "100 % 'kept'")
    with one_connection.tenant("acme") as db:
        assert value(db, "SELECT time_zone FROM studio_tenant_settings") == "100 % 'kept'"


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_exception_rolls_everything_back(database: Database, error: Any) -> None:
    def insert_and_fail() -> None:
        with database.tenant("acme") as db:
            value(db, "INSERT INTO studio_tenants (tenant_id) VALUES ('acme') RETURNING 1")
            raise error

    with pytest.raises(error):
        insert_and_fail()
    with database.tenant("acme") as db:
        assert value(db, "SELECT count(*) FROM studio_tenants") == 0


def test_an_error_that_is_no_outage_passes_through_as_it_is(database: Database) -> None:
    with pytest.raises(IntegrityError), database.tenant("acme") as db:
        value(db, "INSERT INTO studio_tenants (tenant_id) VALUES ('acme'), ('acme') RETURNING 1")


def test_a_transaction_without_a_tenant_is_refused(database: Database) -> None:
    with pytest.raises(TenantMissingError), database.tenant(""):
        pass
    with pytest.raises(TenantMissingError), database._engine.begin():
        pass
    assert database._engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_the_tenant_of_one_transaction_is_not_there_in_the_next(one_connection: Database) -> None:
    with one_connection.tenant("acme") as db:
        before = value(db, "SELECT pg_backend_pid()")
    with one_connection.directory() as db:
        assert value(db, "SELECT pg_backend_pid()") == before
        assert not value(db, "SELECT current_setting('app.tenant_id', true)")
    with one_connection.tenant("acme") as db:
        assert not value(db, "SELECT current_setting('app.directory', true)")


def test_a_setting_that_was_made_for_the_whole_session_does_not_outlive_its_transaction(
    one_connection: Database,
) -> None:
    with one_connection.tenant("acme") as db:
        before = value(db, "SELECT pg_backend_pid()")
        db.exec_driver_sql("SET app.tenant_id = 'acme'")
        db.exec_driver_sql("SET timezone = 'Asia/Seoul'")
        db.exec_driver_sql("SET statement_timeout = 0")
    with one_connection.directory() as db:
        assert value(db, "SELECT pg_backend_pid()") == before
        assert not value(db, "SELECT current_setting('app.tenant_id', true)")
        assert value(db, "SHOW timezone") == "UTC"
        assert value(db, "SHOW statement_timeout") == "30s"


def test_what_is_asked_at_once_belongs_to_its_tenant_and_leaves_no_transaction(one_connection: Database) -> None:
    with one_connection.tenant("acme") as db:
        before = value(db, "SELECT pg_backend_pid()")
        value(db, "INSERT INTO studio_tenants (tenant_id) VALUES ('acme') RETURNING 1")
        db.exec_driver_sql("SET app.tenant_id = 'acme'")
        db.exec_driver_sql("SET statement_timeout = 0")
    mine = text("""
        SELECT current_setting('app.tenant_id'), current_setting('statement_timeout'), current_setting('timezone'),
            (SELECT count(*) FROM studio_tenants), pg_backend_pid(), CAST(:percent AS text)
    """)

    def read(db: Any) -> Any:
        return tuple(db.execute(mine, {"percent": "100 %s"}).one())

    assert one_connection.ask("acme", read) == ("acme", "30s", "UTC", 1, before, "100 %s")
    assert one_connection.ask("%(other)s", read)[:4] == ("%(other)s", "30s", "UTC", 0)
    assert one_connection.ask("", read)[3] == 0
    with pytest.raises(DataError):
        one_connection.ask("acme", lambda db: db.execute(text("SELECT 1 / 0")))
    assert one_connection.ask("acme", read)[4] == before


# -- the roles ------------------------------------------------------------------------------------------------------


def test_the_app_role_neither_owns_nor_alters_anything(
    database: Database, database_urls: Urls, server: Postgres, sql_as: RunSql
) -> None:
    no_tables_of_anybody(database_urls, server, sql_as)
    with database.directory() as db:
        assert not value(db, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert value(db, "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0
    for statement in (
        "CREATE TABLE mine (one int)",
        "ALTER TABLE instagram_feeds ADD COLUMN mine int",
        "DROP TABLE studio_tenants",
        "ALTER TABLE instagram_feeds DISABLE TRIGGER studio_touch_updated_at",
        "DELETE FROM jobs",
    ):
        with pytest.raises(ProgrammingError), database.tenant("acme") as db:
            db.exec_driver_sql(statement)


def no_tables_of_anybody(urls: Urls, server: Postgres, sql_as: RunSql) -> None:
    """As it is from PostgreSQL 15 on: before, everybody may make tables in the schema ``public``."""
    name = make_url(urls.owner).database
    superuser = make_url(server.superuser_url).set(database=name).render_as_string(hide_password=False)
    sql_as(superuser, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def test_one_role_may_do_both(empty_database_urls: Urls) -> None:
    database = Database(empty_database_urls.owner)
    database.migrate()
    with database.tenant("acme") as db:
        assert value(db, "SELECT count(*) FROM instagram_feeds") == 0
    database.close()


# -- what a URL may look like ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_any_usual_way_to_write_the_url_is_understood(database_urls: Urls, scheme: Any) -> None:
    rest = database_urls.app.partition("://")[2]
    database = Database(f"{scheme}://{rest}")
    assert database.answers()
    database.close()


def test_options_of_the_url_are_kept_beside_ours(database_urls: Urls) -> None:
    url = make_url(database_urls.app).update_query_dict({"options": "-c search_path=elsewhere"})
    database = Database(url.render_as_string(hide_password=False))
    with database.directory() as db:
        assert value(db, "SHOW search_path") == "elsewhere"
        assert value(db, "SHOW timezone") == "UTC"
    database.close()


def test_a_server_that_refuses_is_told_from_one_that_is_away(database_urls: Urls) -> None:
    url = make_url(database_urls.app).set(database="nosuch")
    database = Database(url.render_as_string(hide_password=False))
    with pytest.raises(DatabaseUnusable, match="nosuch") as raised, database.directory():
        pass
    assert isinstance(raised.value, DatabaseAway), "who waits for a database waits for this one too"
    database.close()


def test_a_role_that_may_not_make_tables_is_told_so(
    empty_database_urls: Urls, server: Postgres, sql_as: RunSql
) -> None:
    no_tables_of_anybody(empty_database_urls, server, sql_as)
    database = Database(empty_database_urls.app)
    with pytest.raises(DatabaseUnusable, match="permission denied"):
        database.migrate()
    database.close()


# -- a server that is away ------------------------------------------------------------------------------------------


def test_a_server_that_cannot_be_reached_is_away(nowhere: Any) -> None:
    with pytest.raises(DatabaseAway) as raised, nowhere.tenant("acme"):
        pass
    assert raised.value.__cause__ is not None
    with pytest.raises(DatabaseAway):
        nowhere.migrate()
    assert not nowhere.answers()


def test_a_connection_lost_in_the_middle_is_away_and_the_next_one_is_not(
    database: Database, server: Postgres, sql_as: RunSql
) -> None:
    def lose_the_connection() -> None:
        with database.tenant("acme") as db:
            pid = value(db, "SELECT pg_backend_pid()")
            sql_as(server.superuser_url, "SELECT pg_terminate_backend(%s, 10000)", pid)
            value(db, "SELECT 1")

    with pytest.raises(DatabaseAway):
        lose_the_connection()
    assert database.answers()


def test_a_restart_of_the_server_between_two_transactions_goes_unnoticed(
    database: Database, server: Postgres, sql_as: RunSql
) -> None:
    with database.tenant("acme") as one, database.tenant("acme") as two:
        pids = [value(db, "SELECT pg_backend_pid()") for db in (one, two)]
    for pid in pids:
        sql_as(server.superuser_url, "SELECT pg_terminate_backend(%s, 10000)", pid)
    with database.tenant("acme") as one, database.tenant("acme") as two:
        assert not {value(db, "SELECT pg_backend_pid()") for db in (one, two)} & set(pids)
        pids = [value(db, "SELECT pg_backend_pid()") for db in (one, two)]
    for pid in pids:
        sql_as(server.superuser_url, "SELECT pg_terminate_backend(%s, 10000)", pid)
    assert database.ask("acme", lambda db: db.scalar(text("SELECT pg_backend_pid()"))) not in pids


def test_a_statement_that_takes_too_long_is_away(database_urls: Urls) -> None:
    database = Database(database_urls.app, statement_timeout_s=0.2)
    with pytest.raises(DatabaseAway), database.tenant("acme") as db:
        value(db, "SELECT pg_sleep(600)")
    with pytest.raises(DatabaseAway):
        database.ask("acme", lambda db: db.execute(text("SELECT pg_sleep(600)")))
    database.close()


def test_no_connection_to_be_had_in_time_is_away(database_urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lib.store.database, "POOL_TIMEOUT_S", 0.1)
    database = Database(database_urls.app, pool_size=1)
    with database.tenant("acme"):
        assert not database.answers()
    assert database.answers()
    database.close()


@contextlib.contextmanager
def gateway(folder: Any, server_socket: Any) -> Iterator[Any]:
    """A way to the server's socket that can fall silent: yields the URL's host and the event that silences it."""
    silent, closing = threading.Event(), threading.Event()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / ".s.PGSQL.5432"))
    listener.listen()

    def carry(client: Any, server: Any) -> None:
        with client, server:
            while not closing.is_set():
                for one in select.select([client, server], [], [], 0.05)[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    if not silent.is_set():
                        (server if one is client else client).sendall(data)

    def accept() -> None:
        with listener, ThreadPoolExecutor() as carriers:
            while not closing.is_set():
                if select.select([listener], [], [], 0.05)[0]:
                    server = socket.socket(socket.AF_UNIX)
                    server.connect(str(server_socket))
                    carriers.submit(carry, listener.accept()[0], server)

    thread = threading.Thread(target=accept)
    thread.start()
    yield folder, silent
    closing.set()
    thread.join()


def test_a_network_that_falls_silent_is_away(database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> None:
    url = make_url(database_urls.app)
    server_socket = Path(str(url.query["host"])) / ".s.PGSQL.5432"
    with gateway(tmp_path_factory.mktemp("g"), server_socket) as (host, silent):
        through = url.update_query_dict({"host": str(host)}).render_as_string(hide_password=False)
        database = Database(through, statement_timeout_s=0.1)

        def listen_to_silence() -> None:
            with database.tenant("acme") as db:
                assert value(db, "SELECT 1") == 1
                silent.set()
                value(db, "SELECT 1")

        with pytest.raises(DatabaseAway):
            listen_to_silence()
        database.close()


# -- documents of any shape -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [101, 400, 3_000, 100_000])
def test_a_document_that_is_too_deep_is_read_as_its_text(database: Database, depth: int) -> None:
    text = '{"a": ' * depth + "1" + "}" * depth
    assert read_json(text) == text
    with database.tenant("acme") as db:
        stored = value(db, "SELECT CAST(%s AS jsonb)", '{"a": ' * 3_000 + "1" + "}" * 3_000)
    assert isinstance(stored, str)
    assert stored.startswith('{"a": ')


def test_a_document_of_usual_depth_is_read_whatever_brackets_its_texts_hold(database: Database) -> None:
    document = {"text": "[{" * 500, 'quoted "[': ["\\", {"b": [1, 2.5, None, True]}] * 60}
    assert read_json(json.dumps(document)) == document
    with database.tenant("acme") as db:
        assert value(db, "SELECT CAST(%s AS jsonb)", json.dumps(document)) == document


def test_numbers_beyond_those_of_other_programs_can_be_written_again() -> None:
    assert read_json('{"a": 1e400, "b": -1e400, "c": 1.5}') == {"a": "1e400", "b": "-1e400", "c": 1.5}
    digits = "9" * 5_000
    assert read_json(f'{{"a": {digits}}}') == f'{{"a": {digits}}}'
