"""The databases that benches bring along: the embedded PostgreSQL, or the one that ``make bench PG=15`` names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2

from lib import studio as studios
from lib.settings import Settings
from lib.studio import Studio
from scripts import sample
from scripts.postgres import NAMED_BY, Server


@contextlib.contextmanager
def serve(folder: Path, **settings: Any) -> Iterator[Studio]:
    """A Studio whose files and database are in the folder; a database that is there already goes on."""
    programs = os.environ.get(NAMED_BY)
    with contextlib.ExitStack() as stack:
        if programs:
            server = Server(Path(programs), folder / "postgres")
            server.start()
            stack.callback(server.stop, at_once=False)
            settings |= {"database_url": server.app_url, "database_owner_url": server.owner_url}
        studio = studios.build(Settings(data_dir=folder, **settings))
        stack.callback(studio.close)
        yield studio


def owner_url(studio: Studio) -> str:
    """The address for the role that owns the tables."""
    return studio.embedded.owner_url if studio.embedded else studio.settings.database_owner_url or ""


def app_url(studio: Studio) -> str:
    """The address for the role that the app works under."""
    return studio.embedded.app_url if studio.embedded else studio.settings.database_url or ""


@contextlib.contextmanager
def owner(studio: Studio) -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the role that owns the tables, in autocommit and without a limit of time."""
    with contextlib.closing(sample.connect(owner_url(studio))) as db:
        db.autocommit = True
        with db.cursor() as cursor:
            yield cursor
