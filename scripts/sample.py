"""``python -m scripts.sample``: load sample captions into a tenant of their own, or take them away again.

Works on the database that the app would use, also while it runs. Benches call :func:`load` for millions of rows.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection
from sqlalchemy import make_url

from lib.demo.samples import MARK, TENANT, is_sample_tenant
from lib.demo.samples.rows import COLUMNS, CSV_OPTIONS, Rows
from lib.domain.errors import StudioError
from lib.i18n import words
from lib.settings import Settings

BATCH = 20_000
"""Rows that are committed together."""

_COPY = f"COPY {{}} ({', '.join(COLUMNS)}) FROM STDIN WITH ({CSV_OPTIONS})"

_OURS = """
    SELECT array_agg(attname::text ORDER BY attname::text) = %s::text[] FROM pg_attribute
    WHERE attrelid = to_regclass('jobs') AND attnum > 0 AND NOT attisdropped
"""
_JOB_COLUMNS = ["created_at", "current_step", "job_id", "status", "tenant_id", "updated_at"]
"""Those of the minimal table that we make ourselves: into a pipeline's own jobs nothing is put."""

_JOBS = """
    INSERT INTO jobs (job_id, tenant_id, status, current_step)
    SELECT job_id, %s, 'done', 'instagram_feed_gen' FROM unnest(%s::uuid[]) AS t (job_id)
"""
_OVERLAYS = """
    INSERT INTO overlay_layouts (overlay_id, layout)
    SELECT overlay_id, jsonb_build_object(%s::text, %s::text, 'align', 'center', 'color', '#ffffff')
    FROM unnest(%s::uuid[]) AS t (overlay_id)
"""

_GIN = """
    SELECT nspname, relname, pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_am AS a ON a.oid = relam
        JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE indrelid = to_regclass('studio_feed_index') AND a.amname = 'gin'
"""

_REMOVE = (
    """
    DELETE FROM instagram_feeds
    WHERE tenant_id = %(tenant)s AND gpt_response_raw @> jsonb_build_object(%(mark)s, true)
    """,
    """
    DELETE FROM jobs WHERE tenant_id = %(tenant)s
        AND NOT EXISTS (SELECT FROM instagram_feeds AS f WHERE f.job_id = jobs.job_id)
    """,
    """
    DELETE FROM overlay_layouts WHERE layout @> jsonb_build_object(%(mark)s, %(tenant)s::text)
        AND NOT EXISTS (SELECT FROM instagram_feeds AS f WHERE f.overlay_id = overlay_layouts.overlay_id)
    """,
    """
    DELETE FROM studio_tenants WHERE tenant_id = %(tenant)s
        AND NOT EXISTS (SELECT FROM instagram_feeds AS f WHERE f.tenant_id = %(tenant)s)
        AND NOT EXISTS (SELECT FROM studio_generations AS g WHERE g.tenant_id = %(tenant)s)
    """,
)


class AlreadyLoadedError(RuntimeError):
    """The tenant holds sample rows of this seed: take them away first, or load others with another seed."""


def load(
    url: str,
    tenant: str,
    count: int,
    *,
    seed: int = 1,
    workers: int = 1,
    until: dt.datetime | None = None,
    bulk: bool = False,
    rows_type: type[Rows] = Rows,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Load ``count`` rows into a migrated database; ``url`` is of the role that owns the tables.

    ``bulk`` takes the search indexes off meanwhile and makes them anew at the end, which is many times as fast for a
    million rows; only for a database that nobody else uses. ``progress`` is told how many rows are committed. What was
    committed stays when it fails half-way; the rows of one tenant, seed and ``until`` (aware; now when not given) are
    the same each time. Raises :class:`AlreadyLoadedError`, and ``ValueError`` for a tenant that may hold real captions.
    """
    _check(tenant)
    if count < 1:
        raise ValueError(f"there is no loading {count} rows")
    until = until or dt.datetime.now(dt.UTC)
    with _transaction(url, tenant) as db:
        linked = _prepare(db, rows_type(tenant, count, seed=seed, until=until))
    rows = rows_type(tenant, count, seed=seed, until=until, linked=linked)
    # Processes of their own, started afresh: psycopg2 refuses COPY where a Database has set its way of waiting.
    processes = multiprocessing.get_context("spawn")
    with (
        without_search_indexes(url, workers) if bulk else contextlib.nullcontext(),
        ProcessPoolExecutor(workers, processes, initializer=_begin_work, initargs=(url, rows)) as pool,
    ):
        batches = {pool.submit(_copy, start): min(BATCH, count - start) for start in range(0, count, BATCH)}
        done = 0
        for batch in as_completed(batches):
            batch.result()
            done += batches[batch]
            progress(done)


def remove(url: str, tenant: str) -> int:
    """Delete a tenant's sample rows with their jobs and overlays; how many rows there were.

    The tenant's name goes too where nothing else is left of it. Raises ``ValueError`` as :func:`load` does.
    """
    _check(tenant)
    with _transaction(url, tenant) as db, db.cursor() as cursor:
        deleted = []
        for statement in _REMOVE:
            cursor.execute(statement, {"tenant": tenant, "mark": MARK})
            deleted.append(cursor.rowcount)
        return deleted[0]


def main(told: list[str] | None = None) -> str | None:
    """Do what the command line says; the returned sentence is what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m scripts.sample", description="Sample captions, marked as such.")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--tenant", default=TENANT, help=f"{TENANT}, or a name that begins with {TENANT}-")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other captions")
    parser.add_argument("--workers", type=int, default=1, help="processes that load at once")
    parser.add_argument("--remove", action="store_true", help="take them away again")
    asked = parser.parse_args(told)
    try:
        _check(asked.tenant)
        with _owner_url() as url:
            if asked.remove:
                print(f"{remove(url, asked.tenant):,} sample captions of {asked.tenant} removed.")
                return None
            print(f"Loading {asked.rows:,} sample captions into the tenant {asked.tenant} ...", flush=True)
            begun = time.monotonic()

            def told_so_far(done: int) -> None:
                print(f"{done:,} ({done / (time.monotonic() - begun):,.0f} a second)", flush=True)

            load(url, asked.tenant, asked.rows, seed=asked.seed, workers=max(1, asked.workers), progress=told_so_far)
    except StudioError as error:
        return words.error("en", error)
    except (AlreadyLoadedError, ValueError) as error:
        return str(error)
    print(f"They are marked as samples. Look at them with ?tenant_id={asked.tenant} in the app's address.")
    return None


def _check(tenant: str) -> None:
    if not is_sample_tenant(tenant):
        raise ValueError(f"{tenant} may hold real captions; a tenant of samples is called {TENANT} or {TENANT}-...")


# -- where to -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _owner_url() -> Iterator[str]:
    """The role that owns the tables of the app's database, which is running and migrated meanwhile."""
    from lib import studio  # not above: the processes that only load would wait for all that it imports

    settings = Settings.from_environment()
    with contextlib.closing(studio.build(settings)) as here:
        yield here.embedded.owner_url if here.embedded else settings.database_owner_url or settings.database_url or ""


@contextlib.contextmanager
def _transaction(url: str, tenant: str) -> Iterator[connection]:
    with contextlib.closing(connect(url)) as db, db:
        _name_the_tenant(db, tenant)
        yield db


def connect(url: str) -> connection:
    parsed = make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql")
    return psycopg2.connect(parsed.render_as_string(hide_password=False), client_encoding="utf8")


def _name_the_tenant(db: connection, tenant: str) -> None:
    with db.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (tenant,))


def _prepare(db: connection, rows: Rows) -> bool:
    """The tenant's name, and jobs and overlays to refer to; whether there are any."""
    with db.cursor() as cursor:
        first = next(rows.rows())["instagram_feed_id"]
        cursor.execute("SELECT 1 FROM instagram_feeds WHERE instagram_feed_id = %s", (str(first),))
        if cursor.fetchone():
            raise AlreadyLoadedError(AlreadyLoadedError.__doc__)
        cursor.execute("INSERT INTO studio_tenants (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING", (rows.tenant_id,))
        cursor.execute(_OURS, (_JOB_COLUMNS,))
        if cursor.fetchone() != (True,):
            return False
        cursor.execute(_JOBS, (rows.tenant_id, [str(rows.job_id(at)) for at in range(rows.jobs)]))
        overlays = [str(rows.overlay_id(at)) for at in range(rows.jobs)]
        cursor.execute(_OVERLAYS, (MARK, rows.tenant_id, overlays))
        return True


@contextlib.contextmanager
def without_search_indexes(url: str, workers: int) -> Iterator[None]:
    """The GIN indexes are gone while inside: kept row by row, they take most of the time that loading takes."""
    with contextlib.closing(connect(url)) as db:
        db.autocommit = True
        with db.cursor() as cursor:
            cursor.execute(_GIN)
            indexes = cursor.fetchall()
            for schema, name, _ in indexes:
                cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(schema, name)))
            try:
                yield
            finally:
                cursor.execute("SET maintenance_work_mem = '1GB'")
                cursor.execute("SELECT set_config('max_parallel_maintenance_workers', %s, false)", (str(workers),))
                for *_, definition in indexes:
                    cursor.execute(definition)


# -- in a process of its own ----------------------------------------------------------------------------------------

_work: tuple[connection, Rows] | None = None


def _begin_work(url: str, rows: Rows) -> None:
    global _work  # noqa: PLW0603 - what a pool's process works with is the process's
    _work = connect(url), rows


def _copy(start: int) -> None:
    """One batch of rows, committed."""
    if _work is None:
        raise RuntimeError("this process was not started for loading")
    db, rows = _work
    with db, db.cursor() as cursor:
        _name_the_tenant(db, rows.tenant_id)
        cursor.execute("SELECT row_security_active('instagram_feeds')")
        if cursor.fetchone() == (False,):
            cursor.copy_expert(_COPY.format("instagram_feeds"), _Lines(rows.csv(start, start + BATCH)))
            return
        # PostgreSQL copies into no table whose rows are guarded.
        columns = ", ".join(COLUMNS)
        cursor.execute(
            f"CREATE TEMPORARY TABLE sample_rows ON COMMIT DROP AS SELECT {columns} FROM instagram_feeds WITH NO DATA"
        )
        cursor.copy_expert(_COPY.format("sample_rows"), _Lines(rows.csv(start, start + BATCH)))
        cursor.execute(f"INSERT INTO instagram_feeds ({columns}) SELECT {columns} FROM sample_rows")


class _Lines(io.RawIOBase):
    """What psycopg2 reads from: a row at a time, each about as long as the piece that it asks for."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        super().__init__()
        self._lines = lines

    def read(self, _size: int = -1) -> bytes:
        return next(self._lines, b"")


if __name__ == "__main__":
    sys.exit(main())
