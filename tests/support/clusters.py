"""Clusters that need no making: copies of one that this process made, with its roles and a migrated database."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from lib.embedded_postgres.server import EmbeddedPostgres
from lib.store.database import Database


def scratch_folder() -> Path:
    """A new folder that PostgreSQL's user may reach, which pytest's own are not when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="feed-studio-tests-"))
    folder.chmod(0o755)
    return folder


def prepared(folder: Path) -> Path:
    """The folder of an ``EmbeddedPostgres``, with a cluster in it as after the app's first start."""
    folder.mkdir(mode=0o700, parents=True)
    subprocess.run(["cp", "-a", str(_prototype()), str(folder / "data")], check=True)
    return folder


def remove_prototype() -> None:
    """Remove what the copies were made of; at the end of a process's tests."""
    if _prototype.cache_info().currsize:
        shutil.rmtree(_prototype().parents[1], ignore_errors=True)
        _prototype.cache_clear()


@cache
def _prototype() -> Path:
    folder = scratch_folder()
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    database = Database(server.app_url, server.owner_url)
    database.migrate()
    database.close()
    server.stop()
    return folder / "postgres" / "data"
