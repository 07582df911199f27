"""The way to the newest schema: Alembic's revisions, run on a connection that is already in a transaction."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Select, String, column, select, table

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parent

VERSION_TABLE = "studio_alembic_version"
"""A name of our own, because a pipeline on the same database may have its own ``alembic_version``."""

_LOCK = 0x5EED_57D0
"""The number of the advisory lock: any constant that other programs on the database do not use."""
_REVISION: Select[str] = select(column("version_num", String())).select_from(table(VERSION_TABLE))


def acquire_lock(db: Connection) -> None:
    """Wait until no other process migrates this database. The lock ends with the transaction."""
    db.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def upgrade(db: Connection, to: str = "head") -> None:
    """Run the revisions up to this one that the database does not have yet, in the transaction of ``db``."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = db
    command.upgrade(config, to)


def revision(db: Connection) -> str | None:
    """The revision of the database, such as ``0006``; None if no revision has been run."""
    return db.scalar(_REVISION)


@cache
def newest() -> str:
    """The revision that a database is at after :func:`upgrade`."""
    return str(scripts().get_current_head())


def scripts(folder: Path = FOLDER) -> ScriptDirectory:
    """The revisions in ``folder/versions``, as Alembic reads them."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config(folder))


def _config(folder: Path = FOLDER) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
