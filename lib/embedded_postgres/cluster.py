"""One cluster on disk and its server processes: created, launched, asked, cleared away, shut down.

The folder holds ``data`` (the cluster), ``socket`` (the only way in) and ``server.log``. A process id in a file may be
a zombie's or another program's by now, so only an answered ``SELECT 1`` counts as a running server.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
import logging
import os
import re
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import extensions

from lib.domain.errors import DatabaseNotStarted
from lib.embedded_postgres.account import Account

DATABASE = "feed_studio"
SUPERUSER = "postgres"
OWNER_ROLE = "feed_studio_owner"
APP_ROLE = "feed_studio_app"

CHECK_S = 5.0
"""Seconds after which a ``SELECT 1`` without an answer is given up."""

_PORT = 5432  # part of a socket's name; nothing listens on a network, and PGPORT must not change it
_LONGEST_SOCKET = 103  # bytes of a path: sun_path of unix(4) holds 104 with its NUL on macOS, 108 on Linux
_SOCKET_NAME = f".s.PGSQL.{_PORT}"
_END_S = 3.0
_STOP_S = 60.0
_MAX_LOG_BYTES = 16 * 1024 * 1024

_INITDB = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    "--auth-local=trust",
    "--auth-host=reject",
    # The same order and case rules on every machine. But pg_trgm asks the C library what a letter is, and under
    # LC_CTYPE=C no Hangul is one: searches would find nothing in Korean.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    f"--lc-ctype={'en_US.UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}",
    "--no-instructions",
    "--set=max_connections=200",
    "--set=shared_buffers=128MB",
    "--set=timezone=UTC",
    "--set=log_timezone=UTC",
    "--set=log_checkpoints=off",
)

_log = logging.getLogger(__name__)


class Reply(enum.Enum):
    """The server's answer to a ``SELECT 1``."""

    ANSWERED = enum.auto()
    NOT_YET = enum.auto()
    """A FATAL error of its own: the server lives, and is starting up, recovering, shutting down or full."""
    SILENCE = enum.auto()


class Cluster:
    """The cluster of one folder. Whoever launches, clears away or shuts down must hold ``start.lock``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._log_file = folder / "server.log"
        self._pid_file = self._data / "postmaster.pid"
        digest = hashlib.sha256(os.fsencode(self._data)).hexdigest()[:16]
        self.name = f"feed_studio_{digest}"
        """In the command line of every process of this server."""
        self._socket_dir = _socket_dir(folder / "socket", digest)
        self._dsn = extensions.make_dsn(host=str(self._socket_dir), port=_PORT, user=SUPERUSER, dbname="postgres")
        self._account = Account(self._data)

    def url(self, role: str, database: str) -> str:
        """The address of a database for SQLAlchemy, as this role."""
        return f"postgresql+psycopg2://{role}@/{database}?host={quote(str(self._socket_dir))}&port={_PORT}"

    def prepare(self) -> None:
        """Create the folders and the log for the account that runs the server. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._account.open_ways()
        self._account.take(self._socket_dir, is_dir=True)
        self._account.take(self._log_file, is_dir=False)

    def not_started(self, detail: str | None = None) -> DatabaseNotStarted:
        """The error with its reason: the given one, else the end of the server's log."""
        reason = last_lines(detail) if detail else last_lines(_read(self._log_file)) or "it never answered"
        return DatabaseNotStarted(folder=str(self.folder), detail=reason)

    def launch(self) -> None:
        """Start a server, in a new cluster if there is none yet. Raises ``DatabaseNotStarted``."""
        if not self._data.exists():
            self._create()
        if self._log_file.stat().st_size > _MAX_LOG_BYTES:
            os.truncate(self._log_file, 0)
        log_size = self._log_file.stat().st_size
        started_at = time.monotonic()
        settings = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
            "cluster_name": self.name,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        # Relative names, because pg_ctl hands them to a shell and a folder may have any name.
        started = self._account.run("pg_ctl", "start", "--wait", "-D", "data", "-l", "server.log", "-o", options)
        if started.returncode == 0:
            _log.info("Started PostgreSQL in %s (%.1f s)", self.folder, time.monotonic() - started_at)
            return
        logged = _read(self._log_file, log_size)
        if not self.postmaster() and "still in use" not in logged:  # shared memory of a dead server's last children
            raise self.not_started(logged or started.stdout)

    def _create(self) -> None:
        """Create the cluster aside and rename it, so that a folder called ``data`` is always complete."""
        started_at = time.monotonic()
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._account.take(unfinished, is_dir=True)
        created = self._account.run("initdb", "-D", "data.new", *_INITDB)
        if created.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self.not_started(created.stdout)
        unfinished.rename(self._data)
        _log.info("Created a PostgreSQL cluster in %s (%.1f s)", self._data, time.monotonic() - started_at)

    def create_roles(self) -> None:
        """Create the two roles and the database if they are missing. Raises ``psycopg2.Error``."""
        with contextlib.closing(psycopg2.connect(self._dsn)) as db:
            db.autocommit = True  # CREATE DATABASE cannot run in a transaction
            with db.cursor() as cursor:
                cursor.execute("SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database")
                existing = {name for (name,) in cursor}
                for role in (OWNER_ROLE, APP_ROLE):
                    if role not in existing:
                        cursor.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
                if DATABASE not in existing:
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")

    def clear_away(self, server: psutil.Process | None) -> None:
        """End what is left of a dead or hung server: its shared memory keeps a new one from starting.

        Children notice by themselves that their postmaster died, unless they are busy. Killing them loses nothing
        that was committed: the write-ahead log has it.
        """
        if server:
            _signal(server, signal.SIGINT)
        if not _wait_until(lambda: not self._processes(), _END_S):
            for process in self._processes():
                _log.warning("Killing process %d that a dead PostgreSQL left behind", process.pid)
                _signal(process, signal.SIGKILL)
            _wait_until(lambda: not self._processes(), _END_S)
        # PostgreSQL takes any process with that id, a zombie or another program, for the server that wrote these.
        for stale in (self._pid_file, self._socket_dir / f"{_SOCKET_NAME}.lock", self._socket_dir / _SOCKET_NAME):
            stale.unlink(missing_ok=True)

    def shut_down(self) -> None:
        """Stop the server; connections are closed, everything is written. Waits for at most 60 s."""
        server = self.postmaster()
        if server is None:
            return
        _signal(server, signal.SIGINT)  # what PostgreSQL calls a fast shutdown
        if _wait_until(lambda: self.postmaster() is None, _STOP_S):
            _log.info("Stopped PostgreSQL in %s", self.folder)
        else:
            _log.warning("PostgreSQL in %s is still shutting down after %.0f s", self.folder, _STOP_S)

    def ask(self) -> Reply:
        """Send a ``SELECT 1``, as superuser, for whom PostgreSQL keeps a few connections; at most ``CHECK_S``."""
        end = time.monotonic() + CHECK_S
        try:
            # Asynchronous, because connect_timeout ends with the connection, and a hung server may accept that one.
            with contextlib.closing(psycopg2.connect(self._dsn, async_=True)) as db:
                _wait(db, end)
                cursor = db.cursor()
                cursor.execute("SELECT 1")
                _wait(db, end)
                return Reply.ANSWERED if cursor.fetchone() == (1,) else Reply.SILENCE
        except TimeoutError:
            return Reply.SILENCE
        except psycopg2.Error as error:
            return Reply.NOT_YET if "FATAL" in str(error) else Reply.SILENCE

    def postmaster(self) -> psutil.Process | None:
        """The living postmaster of this folder; its file alone may name a dead process or another program."""
        try:
            process = psutil.Process(int(self._pid_file.read_text().split()[0]))
            return process if self._is_ours(process) else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _processes(self) -> list[psutil.Process]:
        processes = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if self._is_ours(process):
                    processes.append(process)
        return processes

    def _is_ours(self, process: psutil.Process) -> bool:
        """By the cluster's name in the command line: root in a container may not read a process's folder."""
        return (
            process.name() == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and self.name in " ".join(process.cmdline())
        )


def last_lines(text: str) -> str:
    """The last lines of a program's output, on one line and without a full stop, to be part of a sentence."""
    lines = [re.sub(r"^\S+ \S+ UTC \[\d+\] ", "", line).strip() for line in text.splitlines()[-6:]]
    return " / ".join(line for line in lines if line).rstrip(".")


def _socket_dir(folder: Path, digest: str) -> Path:
    """The folder, or a short one if its path is too long for a socket or has signs that mean more to a shell."""
    too_long = len(os.fsencode(folder / _SOCKET_NAME)) > _LONGEST_SOCKET
    if too_long or not re.fullmatch(r"[\w./-]+", str(folder)):
        # Not TMPDIR: processes that share the folder may each have another one.
        return Path("/tmp") / f"feed-studio-{digest}"  # noqa: S108 - the account refuses it unless it is ours
    return folder


def _wait_until(done: Callable[[], bool], limit_s: float) -> bool:
    end = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _wait(db: extensions.connection, end: float) -> None:
    """Drive an asynchronous connection to its next result. Raises TimeoutError at ``end``, by the monotonic clock."""
    while (state := db.poll()) != extensions.POLL_OK:
        poller = select.poll()  # not select(), which knows no descriptor above 1023
        poller.register(db, select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not poller.poll(max(0.0, end - time.monotonic()) * 1000):
            raise TimeoutError


def _read(path: Path, offset: int = 0) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
