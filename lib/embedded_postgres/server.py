"""The database of a fresh machine: a real PostgreSQL from a wheel, started with the app and stopped with it.

One folder is one server, shared by every process that starts it there. The last process to leave stops the server.
"""

from __future__ import annotations

import atexit
import logging
import os
import subprocess
import threading
import time
import weakref
from pathlib import Path

import psutil
import psycopg2

from lib.domain.errors import DatabaseNotStarted
from lib.embedded_postgres.cluster import APP_ROLE, DATABASE, OWNER_ROLE, SUPERUSER, Cluster, Reply
from lib.embedded_postgres.locks import Locks

HUNG_AFTER_S = 20.0
"""Seconds after which a server that lives and does not answer is replaced."""
_LAUNCHES = 3
_SLOWEST_WATCH_S = 30.0

_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """The server of one folder, as one process uses it. Making one is cheap and touches nothing."""

    def __init__(self, folder: Path, *, watch_interval_s: float = 1.0) -> None:
        folder = folder.absolute().resolve()
        self._cluster = Cluster(folder)
        self._locks = Locks(folder)
        self._watch_interval_s = watch_interval_s
        self._mutex = threading.RLock()
        self._left = threading.Event()

    @property
    def owner_url(self) -> str:
        """The address for the role that owns the database and migrates it."""
        return self._cluster.url(OWNER_ROLE, DATABASE)

    @property
    def app_url(self) -> str:
        """The address for the role that the app works under: neither superuser nor owner."""
        return self._cluster.url(APP_ROLE, DATABASE)

    @property
    def superuser_url(self) -> str:
        """The address for ``postgres``, on the database ``postgres``: for what only a superuser may do."""
        return self._cluster.url(SUPERUSER, "postgres")

    def start(self) -> None:
        """Return once the server answers; create the cluster, the roles and the database if they are missing.

        From then on, until :meth:`stop`, a server that dies or hangs is started again. Raises ``DatabaseNotStarted``
        with the reason.
        """
        with self._mutex:
            try:
                self._cluster.prepare()
                with self._locks.alone():
                    if not self._locks.is_user:
                        self._left = threading.Event()
                    self._ensure_answering()
                    if not self._locks.is_user:
                        self._join()
                    self._cluster.create_roles()
            except (OSError, subprocess.SubprocessError, psutil.Error, psycopg2.Error) as error:
                raise self._cluster.not_started(str(error)) from error

    def stop(self) -> None:
        """Stop using the server; the last user shuts it down. Also done when the process exits."""
        with self._mutex:
            if not self._locks.is_user:
                return
            self._left.set()
            atexit.unregister(self.stop)
            folder = self._cluster.folder
            try:
                with self._locks.alone():
                    if self._locks.is_last_user():
                        self._cluster.shut_down()
                    else:
                        _log.info("Left PostgreSQL in %s running: others use it", folder)
                    self._locks.leave()
            except (OSError, psutil.Error) as error:
                _log.warning("Could not stop PostgreSQL in %s: %s", folder, error)
                self._locks.leave()

    def answers(self) -> bool:
        """Whether the server answers a ``SELECT 1`` now; takes five seconds at most."""
        return self._cluster.ask() is Reply.ANSWERED

    def _join(self) -> None:
        self._locks.join()
        _users.add(self)
        atexit.register(self.stop)
        threading.Thread(target=self._watch, name=f"watch {self._cluster.name}", daemon=True).start()

    def _leave_to_parent(self) -> None:
        """In a forked child, which does not use the server by itself."""
        self._mutex = threading.RLock()
        self._locks.drop()

    def _watch(self) -> None:
        left, pause = self._left, self._watch_interval_s
        while not left.wait(pause):
            try:
                if not self.answers():
                    with self._locks.alone():
                        self._ensure_answering()
                pause = self._watch_interval_s
            except (DatabaseNotStarted, OSError, subprocess.SubprocessError, psutil.Error) as error:
                pause = min(2 * pause, _SLOWEST_WATCH_S)
                _log.error("%s; trying again in %.0f s", error, pause)

    def _ensure_answering(self) -> None:
        """Use the server that runs, wait for one that is starting, replace one that is dead or hung."""
        launches = 0
        hung_at = time.monotonic() + HUNG_AFTER_S
        while (reply := self._cluster.ask()) is not Reply.ANSWERED:
            if self._left.is_set():
                return
            if reply is Reply.NOT_YET:
                hung_at = time.monotonic() + HUNG_AFTER_S
            if (server := self._cluster.postmaster()) and time.monotonic() < hung_at:
                time.sleep(0.1)
                continue
            if launches == _LAUNCHES:
                raise self._cluster.not_started()
            if server:
                _log.warning("PostgreSQL in %s (process %d) hangs: replacing it", self._cluster.folder, server.pid)
            self._cluster.clear_away(server)
            self._cluster.launch()
            launches += 1
            hung_at = time.monotonic() + HUNG_AFTER_S


def _leave_to_parents() -> None:
    for server in list(_users):
        server._leave_to_parent()


_users: weakref.WeakSet[EmbeddedPostgres] = weakref.WeakSet()
os.register_at_fork(after_in_child=_leave_to_parents)
