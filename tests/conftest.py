"""A real PostgreSQL for every test that asks for one: one server a run, a fresh database a test."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection
from psycopg2.extras import Json
from sqlalchemy import make_url

from lib.demo.model import DemoModel
from lib.domain.brief import Brief
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.generation import generate
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store.database import Database
from lib.studio import Studio
from scripts.postgres import KEPT_IN, KEPT_ROWS, NAMED_BY, Server
from tests.support.clusters import prepared, remove_prototype, scratch_folder

Postgres = EmbeddedPostgres | Server

LONG = ("test_killed.py", "test_walk.py", "crash", "specification", "browser", "walls", "pages")
"""Files, and folders of files, that take long, the longest first."""

ROOM_BYTES = 2 * 1024**3
"""What the tests of four processes and their browsers have on the disk at once is less than half of this."""

RunSql = Callable[..., list[tuple[Any, ...]]]
"""Runs one statement, committed at once; returns its rows, if it has any."""


class Urls(NamedTuple):
    """How the two roles reach a database of their own."""

    owner: str
    app: str


def pytest_configure() -> None:
    """Put what tests write into memory, where there is room: each database is a thousand small files.

    Keep what Python compiles even where the environment forbids it: else each of a hundred processes compiles all anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    memory = Path("/dev/shm")
    if "TMPDIR" not in os.environ and memory.is_dir() and shutil.disk_usage(memory).free >= ROOM_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


def pytest_xdist_auto_num_workers() -> int:
    """A process more than there are cores, because tests of processes and browsers wait most of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_sessionfinish() -> None:
    """Leave nothing behind in memory; not by ``atexit``, which a process of pytest-xdist does not get to."""
    remove_prototype()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, so that no process is left with one of them in the end.

    On another PostgreSQL only the tests of what runs on it: not those that start, stop or kill a server.
    """
    items.sort(key=lambda item: _place(item.path.parts))
    if not os.environ.get(NAMED_BY):
        return
    chosen = [item for item in items if "server" in getattr(item, "fixturenames", ()) and not _is_embedded(item.path)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def _place(parts: tuple[str, ...]) -> int:
    """Where a file comes: those of the domain are the last, because they take the least."""
    usual = len(LONG) + ("domain" in parts)
    return next((at for at, name in enumerate(LONG) if name in parts), usual)


def _is_embedded(path: Path) -> bool:
    return bool({"crash", "browser", "embedded_postgres"} & set(path.parts))


class InsertBySql(Protocol):
    """Inserts a row of ``instagram_feeds`` as the pipeline would; what is not given is filled in."""

    def __call__(self, **columns: Any) -> uuid.UUID: ...


@pytest.fixture(autouse=True)
def main_module_stays() -> Iterator[None]:
    """Streamlit's AppTest puts a page in the place of the main module, which every spawned process would then run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """The embedded PostgreSQL, or the one that the environment names, empty but for its roles."""
    folder = scratch_folder()
    programs, kept = os.environ.get(NAMED_BY), os.environ.get(KEPT_IN)
    place = Path(kept) if kept else folder / "postgres"
    postgres: Postgres = (
        Server(Path(programs), place) if programs else EmbeddedPostgres(place if kept else prepared(place))
    )
    postgres.start()
    for setting in ("fsync", "full_page_writes"):  # no test pulls the plug of the machine
        run_sql(postgres.superuser_url, f"ALTER SYSTEM SET {setting} = off")
    run_sql(postgres.superuser_url, "SELECT pg_reload_conf()")
    yield postgres
    _superuser(postgres.superuser_url).close()
    postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_database_urls(server: Postgres) -> Iterator[Urls]:
    """A database that nobody has migrated."""
    with new_database(server, "template1") as urls:
        yield urls


@pytest.fixture(scope="session")
def migrated(server: Postgres) -> Iterator[str]:
    """The name of a migrated database, to copy from."""

    def migrate(urls: Urls) -> None:
        database = Database(urls.app, urls.owner)
        database.migrate()
        database.close()

    with filled_database(server, "template1", "migrated", migrate) as name:
        yield name


@pytest.fixture
def database_urls(server: Postgres, migrated: str) -> Iterator[Urls]:
    """A migrated database without rows."""
    with new_database(server, migrated) as urls:
        yield urls


@pytest.fixture
def database(database_urls: Urls) -> Iterator[Database]:
    """A migrated database without rows, as the app uses it."""
    database = Database(database_urls.app, database_urls.owner)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sql_as() -> RunSql:
    """Plain SQL by the role of a URL: ``sql_as(url, statement, *values)`` commits at once and gives the rows."""
    return run_sql


@pytest.fixture
def of_owner(database_urls: Urls) -> Iterator[Connections]:
    """The connections of ``as_owner``."""
    connections = Connections(database_urls.owner)
    yield connections
    connections.close()


@pytest.fixture
def as_owner(of_owner: Connections) -> RunSql:
    """Plain SQL by the owner role on the database of the test, committed at once; its rows, if it has any."""
    return of_owner.run


@pytest.fixture
def insert_by_sql(as_owner: RunSql) -> InsertBySql:
    """Rows of ``instagram_feeds`` that this app has not written."""

    def insert(**columns: Any) -> uuid.UUID:
        texts = ("refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt")
        row = {name: f"{name} of the pipeline" for name in (*texts, "instagram_ad_copy")}
        row |= {"tenant_id": "acme", "hashtags": "#카페 #서울"} | columns
        statement = sql.SQL("INSERT INTO instagram_feeds ({}) VALUES ({}) RETURNING instagram_feed_id").format(
            sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join([sql.Placeholder()] * len(row))
        )
        values = (Json(value) if isinstance(value, dict | list) else value for value in row.values())
        return uuid.UUID(as_owner(statement, *values)[0][0])

    return insert


@pytest.fixture
def demo() -> DemoModel:
    """The model behind ``studio``, answering at once: queue behaviours in it, and read what it was asked."""
    return DemoModel(pace=0)


@pytest.fixture
def studio(database: Database, demo: DemoModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """Everything a use case needs, on a database of its own; nobody waits between two requests."""
    monkeypatch.setattr(generate, "RETRY_DELAYS_S", (0.0, 0.0))
    settings = Settings(data_dir=tmp_path)
    studio = Studio(settings, database, Writer(settings, demo), Spool(settings.spool_dir))
    yield studio
    studio.close()


@pytest.fixture
def brief() -> Brief:
    """What a Korean team of the tenant ``acme`` would write."""
    return Brief(
        tenant_id="acme",
        refined_ad_copy_eng="Slow mornings, warm bread.",
        tone_style="따뜻하고 친근하게",
        product_description="저온에서 하루 숙성한 통밀 식빵. 속이 편하고 고소해요.",
        store_information="연남동 골목의 작은 빵집 '온기'",
        gpt_prompt="첫 줄에서 눈길을 끌고, 짧은 문장으로 줄을 나눠 써 주세요.",
    )


class Connections:
    """Connections to one database, kept from statement to statement: a new one reads the catalog and plans anew.

    Each runs one statement at a time, so that statements of several threads do not wait for each other.
    """

    def __init__(self, url: str) -> None:
        self._dsn, self._idle = dsn(url), deque[connection]()

    def run(self, statement: str | sql.Composable, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement outside any transaction block, and return its rows."""
        try:
            db, is_new = self._idle.pop(), False
        except IndexError:
            db, is_new = psycopg2.connect(self._dsn), True
            db.autocommit = True
        told = tuple(str(value) if isinstance(value, uuid.UUID) else value for value in values)
        try:
            with db.cursor() as cursor:
                cursor.execute(statement, told or None)
                return cursor.fetchall() if cursor.description else []
        except psycopg2.Error:
            if is_new or not db.closed:
                raise
            return self.run(statement, *values)  # the server has ended it meanwhile
        finally:
            if not db.closed:
                self._idle.append(db)

    def close(self) -> None:
        """End every connection; the next statement makes a new one."""
        while self._idle:
            self._idle.pop().close()


def run_sql(url: str, statement: str | sql.Composable, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement outside any transaction block on a connection of its own, and return its rows."""
    with contextlib.closing(Connections(url)) as connections:
        return connections.run(statement, *values)


@contextlib.contextmanager
def new_database(server: Postgres, template: str) -> Iterator[Urls]:
    """A database of its own, copied from a template to which nobody is connected; it is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    yield _create(server, template, name)
    _superuser(server.superuser_url).run(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def filled_database(server: Postgres, template: str, name: str, fill: Callable[[Urls], None]) -> Iterator[str]:
    """The name of a database to copy from: filled for this run, or once for all runs that share their rows."""
    if not os.environ.get(KEPT_ROWS):
        with new_database(server, template) as urls:
            fill(urls)
            yield make_url(urls.owner).database or ""
        return
    if not run_sql(server.superuser_url, "SELECT 1 FROM pg_database WHERE datname = %s", name):
        fill(_create(server, template, name))
    yield name


def _create(server: Postgres, template: str, name: str) -> Urls:
    owner = make_url(server.owner_url)
    strategy = "STRATEGY FILE_COPY" if _has_strategies(server.superuser_url) else ""  # half the time of the default
    _superuser(server.superuser_url).run(
        f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner.username} {strategy}"
    )
    return Urls(*(_renamed(url, name) for url in (server.owner_url, server.app_url)))


@cache
def _superuser(url: str) -> Connections:
    return Connections(url)


@cache
def _has_strategies(url: str) -> bool:
    return int(run_sql(url, "SHOW server_version_num")[0][0]) >= 150000


def _renamed(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def dsn(url: str) -> str:
    """The URL as psycopg2 reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
