"""A database that is away: one that nobody can reach, or an embedded PostgreSQL that stops until it is let back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lib.embedded_postgres.server import EmbeddedPostgres
from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import run_sql
from tests.support.patience import PATIENCE_S

NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"
"""The address of a database at a port where nothing listens."""


@contextlib.contextmanager
def database_away(studio: Studio) -> Iterator[None]:
    """Inside, no connection of the Studio's database can be made; afterwards it has its own again."""
    there, studio.database = studio.database, Database(NOWHERE)
    try:
        yield
    finally:
        studio.database.close()
        studio.database = there


@contextlib.contextmanager
def stopped(server: EmbeddedPostgres) -> Iterator[None]:
    """Inside, the server is down as after a crash; afterwards whoever watches over it may bring it back."""
    data = Path(run_sql(server.superuser_url, "SHOW data_directory")[0][0])
    pid_file = data / "postmaster.pid"
    with (data.parent / "start.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the watch waits for its turn
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)  # an "immediate" shutdown: nothing is written
        wait_until(lambda: not pid_file.exists())
        yield


def wait_until(done: Callable[[], Any]) -> Any:
    """What ``done`` gives once it gives something."""
    end = time.monotonic() + PATIENCE_S
    while not (found := done()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return found
