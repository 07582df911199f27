"""The database: one engine for the app role, one kind of transaction per tenant, and the way to the newest schema."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg2
from psycopg2 import extensions
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool, QueuePool

from lib.domain.errors import DatabaseAway, DatabaseBusy, DatabaseUnusable
from lib.store import database_url
from lib.store.walls import Walls

T = TypeVar("T")

CONNECT_TIMEOUT_S = 10
POOL_TIMEOUT_S = 10
LOCK_TIMEOUT_S = 10
"""How long a migration waits for a table that others use. While it waits, everybody else waits behind it."""
GRACE_S = 2
"""How much longer than the server's own statement timeout its answer may take before it counts as silent."""

_AWAY_CLASSES = ("08", "53", "57", "58")
"""SQLSTATE classes: connection, resources, operator intervention (shutdown, timeouts), system error.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""


LOCK_NOT_AVAILABLE = "55P03"
_NOT_ALLOWED = "42501"
_READ_ONLY = "25006"
"""A standby, or a database that its operator or its full disk made read-only: it answers, but takes no writing."""
_PASSING = re.compile(r"starting up|shutting down|recovery|too many (clients|connections)|remaining connection slots")
"""What a server says that will answer again by itself."""

_READABLY = "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true)"
_SETTINGS = f"""{_READABLY}, set_config('statement_timeout', %(studio_timeout)s, true),
    set_config('idle_in_transaction_session_timeout', '60000', true),
    set_config('app.tenant_id', %(studio_tenant)s, true)"""
_SEVERAL = ", set_config('app.tenant_ids', CAST(CAST(%(studio_tenants)s AS text[]) AS text), true)"


class TenantMissingError(RuntimeError):
    """A transaction was begun without naming its tenant: use ``Database.tenant(...)``."""


class Database:
    """PostgreSQL as the app sees it.

    ``app_url`` is of the role that works, ``owner_url`` of the role that owns the tables and migrates (None: one role
    does both). Both may be written in any of the usual ways (``postgres://``, ``postgresql://``, ...). Nothing
    connects before the first transaction.
    """

    def __init__(
        self, app_url: str, owner_url: str | None = None, *, statement_timeout_s: float = 30, pool_size: int = 30
    ) -> None:
        extensions.set_wait_callback(_wait)
        self._owner_url = owner_url or app_url
        self._engine = _engine(
            app_url,
            statement_timeout_s,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=0,  # what overflows is closed when given back: under load a new backend for each transaction
            pool_timeout=POOL_TIMEOUT_S,
            pool_use_lifo=True,
            isolation_level="AUTOCOMMIT",  # psycopg2 begins nothing by itself: see _name_the_tenant
        )
        event.listen(self._engine, "checkout", _check)
        event.listen(self._engine, "begin", self._name_the_tenant)
        event.listen(self._engine, "before_cursor_execute", self._send_at_once, retval=True)
        self._timeout_ms = f"{statement_timeout_s * 1000:.0f}"
        self.walls = Walls(None, "")
        """How tenants are kept apart, as :meth:`migrate` found it or made it."""

    @contextmanager
    def tenant(self, tenant_id: str) -> Iterator[Connection]:
        """One transaction that belongs to a tenant: committed at the end, rolled back by any exception.

        Raises ``DatabaseAway`` when the server cannot be reached, goes away meanwhile, or does not
        answer in time; :class:`TenantMissingError` for an empty tenant. Every other error passes through as it is.
        """
        if not tenant_id:
            raise TenantMissingError(TenantMissingError.__doc__)
        with self._transaction(tenant_id=tenant_id) as db:
            yield db

    @contextmanager
    def tenants(self, tenant_ids: Sequence[str], *, every: bool = False) -> Iterator[Connection]:
        """One transaction that belongs to several tenants, and sees and writes the rows of each of them.

        With ``every``, it also sees what was added up over all tenants, which is stored under the empty name. Raises as
        :meth:`tenant` does.
        """
        if not (tenant_ids or every) or not all(tenant_ids):
            raise TenantMissingError(TenantMissingError.__doc__)
        with self._transaction(tenant_id="", tenant_ids=[*tenant_ids, *([""] if every else [])]) as db:
            yield db

    def ask(self, tenant_id: str, read: Callable[[Connection], T]) -> T:
        """What ``read`` reads. Each of its statements is a transaction of its own, which belongs to the tenant.

        Statement and transaction travel in one message, where :meth:`tenant` needs two: for what programs ask often.
        The empty tenant sees what :meth:`directory` does. Raises ``DatabaseAway``.
        """
        with _away(), self._engine.connect().execution_options(tenant_id=tenant_id, is_at_once=True) as db:
            return read(db)

    @contextmanager
    def directory(self) -> Iterator[Connection]:
        """A transaction that belongs to no tenant and sees no tenant's rows.

        What works over all tenants goes through functions of the database, each of which says why. Raises
        ``DatabaseAway``.
        """
        with self._transaction(tenant_id="") as db:
            yield db

    def migrate(self) -> None:
        """Bring the schema to the newest revision; harmless to repeat, and when several processes do it at once.

        Everything happens in one transaction of the owner role, or not at all. Raises
        ``DatabaseRefused``, before anything was changed, when existing tables cannot be adopted,
        ``DatabaseBusy`` when another program holds them, ``DatabaseUnusable`` when the role may not do it, and
        ``DatabaseAway`` when the server cannot be reached.
        """
        from lib.store import adoption, grants, migrations, walls

        with self.directory() as db:
            login = str(db.exec_driver_sql("SELECT session_user").scalar_one())
        owner = _engine(self._owner_url, statement_timeout_s=None, poolclass=NullPool)
        event.listen(owner, "begin", _set_how_values_look)
        try:
            with _away(), owner.begin() as db:
                migrations.acquire_lock(db)
                db.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
                adoption.check(db)
                migrations.upgrade(db)
                role = walls.working_role(db, login)
                grants.give(db, role or login)
                self.walls = walls.build(db, login, role)
        except ProgrammingError as error:
            if getattr(error.orig, "pgcode", None) != _NOT_ALLOWED:
                raise
            raise DatabaseUnusable(detail=str(error.orig).strip().splitlines()[0]) from error
        walls.tell(self.walls)

    def answers(self) -> bool:
        """Whether a statement gets an answer now."""
        try:
            with self.directory() as db:
                db.exec_driver_sql("SELECT 1")
        except DatabaseAway:
            return False
        return True

    def is_newest(self) -> bool:
        """Whether the database answers and has the newest schema that this code knows."""
        from lib.store import migrations

        try:
            with self.directory() as db:
                return migrations.revision(db) == migrations.newest()
        except (DatabaseAway, ProgrammingError):
            return False

    def close(self) -> None:
        """Close the connections that nobody is using; the others when they are given back."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, **options: Any) -> Iterator[Connection]:
        with _away(), self._engine.connect().execution_options(**options) as db, db.begin():
            yield db

    def _name_the_tenant(self, db: Connection) -> None:
        """Begin with the server's own settings, whatever the connection's last user left behind, then ours.

        Ours end with the transaction, the tenant's name among them: a pooler in transaction mode keeps no session and
        takes no options as a connection starts. They travel with the first statement, where psycopg2 would make a round
        trip for BEGIN alone.
        """
        options = db.get_execution_options()
        if "tenant_id" not in options:
            raise TenantMissingError(TenantMissingError.__doc__)
        several = {"studio_tenants": options["tenant_ids"]} if options.get("tenant_ids") else {}
        opening = f"BEGIN; {self._settings}{_SEVERAL if several else ''}"
        connection: Any = db.connection.driver_connection
        connection.opening = (opening, self._values(options) | several)

    def _send_at_once(
        self, db: Connection, cursor: Any, statement: str, parameters: Any, _context: object, executemany: bool
    ) -> tuple[str, Any]:
        """Put what begins the transaction before its first statement, in one message.

        A message of :meth:`ask` is a transaction without it, of several statements, and begins with the settings alone.
        """
        options = db.get_execution_options()
        opening, cursor.connection.opening = cursor.connection.opening, None
        if options.get("is_at_once"):
            opening = (self._settings, self._values(options))
        if opening is None:
            return statement, parameters
        first = cursor.mogrify(*opening).decode()
        if executemany:  # it is sent once, not before each
            cursor.execute(first)
            return statement, parameters
        return f"{first.replace('%', '%%')}; {statement}", parameters

    @property
    def _settings(self) -> str:
        role = f"SET LOCAL ROLE {self.walls.role}; " if self.walls.role else ""
        return f"RESET ALL; {role}{_SETTINGS}"

    def _values(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"studio_timeout": self._timeout_ms, "studio_tenant": options["tenant_id"]}


@contextmanager
def statement_timeout(db: Connection, seconds: float) -> Iterator[None]:
    """Let the statements within take this long, here and on the server: what is known to take long is not silence."""
    connection: Any = db.connection.driver_connection
    usual = connection.patience_s
    db.exec_driver_sql("SELECT set_config('statement_timeout', %s, true)", (f"{seconds * 1000:.0f}",))
    connection.patience_s = seconds + GRACE_S
    try:
        yield
    finally:
        connection.patience_s = usual


def use_memory(db: Connection) -> None:
    """Let the statements of this transaction add up some 100,000 sums in memory: as it is set, files are used."""
    db.exec_driver_sql("SELECT set_config('work_mem', '64MB', true)")


def at_commit(db: Connection, statement: str, *values: Any) -> None:
    """Send a statement together with the transaction's commit, in one message, where many write to the same row.

    So the row is locked while the server commits, and not while the message goes back and forth. Where the statement
    fails, nothing is committed. The transaction does not see what it does, and a savepoint does not take it back.
    """
    connection: Any = db.connection.driver_connection
    with connection.cursor() as cursor:
        connection.at_commit = (*connection.at_commit, cursor.mogrify(statement, values))


def _engine(url: str, statement_timeout_s: float | None, **options: Any) -> Engine:
    engine = create_engine(
        database_url.read(url),
        json_deserializer=read_json,
        connect_args={
            "connection_factory": _Connection,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "client_encoding": "utf8",
            "application_name": "feed-studio",
            "keepalives": 1,
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 4,
            "tcp_user_timeout": 15_000,
        },
        json_serializer=_json,
        **options,
    )
    patience_s = None if statement_timeout_s is None else statement_timeout_s + GRACE_S

    @event.listens_for(engine, "connect")
    def connected(connection: _Connection, _record: object) -> None:
        connection.patience_s = patience_s
        extensions.register_type(_INSTANT, connection)

    return engine


def _instant(text: str | bytes | None, cursor: Any) -> dt.datetime | None:
    """An instant, None for one that no calendar of Python's holds: another program may have stored anything."""
    try:
        moment: dt.datetime | None = extensions.PYDATETIMETZ(text, cursor)
    except (ValueError, OverflowError):
        return None
    return moment if moment and _FIRST_YEAR <= moment.year < _LAST_YEAR else None


_FIRST_YEAR, _LAST_YEAR = 1000, 9000
_INSTANT = extensions.new_type((1184,), "INSTANT", _instant)  # the type's number in every PostgreSQL


DEEPEST_JSON = 100
"""Levels of a document that are read as objects and lists. Python's own limit depends on who reads and who writes."""
_NO_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[^\[\]{}"]+')
_ONE_KIND = str.maketrans("{}", "[]")


def read_json(text: str) -> Any:
    """The document as Python values, or the text itself where no Python program could hold or write it again.

    Other programs may store documents that are nested thousands of levels deep, and numbers of thousands of digits.
    """
    if text.count("[") + text.count("{") > DEEPEST_JSON and _is_deeper(text, DEEPEST_JSON):
        return text
    try:
        return json.loads(text, parse_float=_finite)
    except ValueError:  # an integer of more digits than Python reads
        return text


def _is_deeper(text: str, levels: int) -> bool:
    """Whether brackets stay after the innermost pairs were taken out so many times: no loop over a document's signs."""
    brackets = _NO_BRACKETS.sub("", text).translate(_ONE_KIND)
    for _ in range(levels):
        if not brackets:
            return False
        brackets = brackets.replace("[]", "")
    return bool(brackets)


def _finite(text: str) -> float | str:
    """The number, or its digits where it is too large for a double: JSON knows no infinity."""
    number = float(text)
    return number if math.isfinite(number) else text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _set_how_values_look(db: Connection) -> None:
    db.exec_driver_sql(_READABLY)


# -- a server that is away ------------------------------------------------------------------------------------------


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if detail := _refusal(error):
            raise DatabaseUnusable(detail=detail) from error
        if _is_away(error):
            raise DatabaseAway from error
        if isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) == LOCK_NOT_AVAILABLE:
            raise DatabaseBusy from error
        raise


def _is_away(error: DBAPIError | PoolTimeout) -> bool:
    if isinstance(error, PoolTimeout) or error.connection_invalidated:
        return True
    sqlstate: str | None = getattr(error.orig, "pgcode", None)
    # Without an SQLSTATE it is libpq that speaks: it could not connect.
    return isinstance(error, OperationalError) and (sqlstate is None or sqlstate[:2] in _AWAY_CLASSES)


def _refusal(error: DBAPIError | PoolTimeout) -> str:
    """What the server, or the way to it, says against our coming in; empty where it says nothing for good.

    libpq tells no SQLSTATE of a connection that it could not make, only sentences.
    """
    sqlstate = getattr(error.orig, "pgcode", None) if isinstance(error, DBAPIError) else None
    if sqlstate == _READ_ONLY:
        return str(error.orig).strip().splitlines()[0] if isinstance(error, DBAPIError) else ""
    if not isinstance(error, OperationalError) or sqlstate:
        return ""
    said = str(error.orig).strip()
    final = re.search(
        r"FATAL:\s+(.*)|(no password supplied|server does not support SSL.*|could not translate host name.*)", said
    )
    return "" if final is None or _PASSING.search(said) else (final.group(1) or final.group(2))[:300]


class _Connection(extensions.connection):
    """A connection that knows how many seconds of silence it puts up with; None: any."""

    patience_s: float | None = CONNECT_TIMEOUT_S  # while it connects: libpq's own timeout does not apply then
    at_commit: tuple[bytes, ...] = ()
    """Statements of the transaction that are sent with its commit."""
    opening: tuple[str, dict[str, Any]] | None = None
    """What begins the transaction, until it is sent with the first statement."""

    def commit(self) -> None:
        statements, self.at_commit = self.at_commit, ()
        opening, self.opening = self.opening, None
        if opening and statements:
            with self.cursor() as cursor:
                cursor.execute(*opening)
        self._end(b"; ".join((*statements, b"COMMIT")), super().commit)

    def rollback(self) -> None:
        self.at_commit, self.opening = (), None
        self._end(b"ROLLBACK", super().rollback)

    def _end(self, how: bytes, otherwise: Callable[[], None]) -> None:
        """End the transaction that was begun by a statement of ours, of which psycopg2 knows nothing."""
        if not self.autocommit:
            otherwise()
        elif self.info.transaction_status != extensions.TRANSACTION_STATUS_IDLE:
            with self.cursor() as cursor:
                cursor.execute(how)


def _check(connection: _Connection, *_: object) -> None:
    """Take another connection where the server has closed this one of the pool, or says something unasked.

    Nothing is sent, so it costs no round trip. Raises ``DisconnectionError``, which the pool understands.
    """
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    if poller.poll(0):
        raise DisconnectionError


def _wait(connection: extensions.connection) -> None:
    """Wait for the server, but not for ever: psycopg2 by itself never gives up on a network that went silent.

    psycopg2 knows one such function per process, so it serves every connection of this process; those of others
    (``psycopg2.connect`` elsewhere) wait without limit, as they would have.
    """
    patience_s = getattr(connection, "patience_s", None)
    while (state := connection.poll()) != extensions.POLL_OK:
        # Made anew each time: while connecting, libpq may go on to another address and so to another descriptor.
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not poller.poll(None if patience_s is None else patience_s * 1000):
            raise psycopg2.OperationalError(f"the server was silent for {patience_s} seconds")
