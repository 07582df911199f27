"""How the schema comes to be: Alembic's revisions, run on a connection that is already in a transaction."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "studio_alembic_version"
"""Our own, because a pipeline on the same database may keep its ``alembic_version``."""

_TURN = 0x5EED_57D0
"""The advisory lock's number: any constant that other programs on the database do not use."""


def acquire_lock(db: Connection) -> None:
    """Wait until no other process migrates this database; the turn ends with the transaction."""
    db.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_TURN,))


def upgrade(db: Connection, to: str = "head") -> None:
    """Run every revision up to this one that the database has not seen yet, in the transaction of ``db``."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = db
    command.upgrade(config, to)


def revision(db: Connection) -> str | None:
    """The revision that the database has."""
    return db.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608 - our own name


@cache
def newest() -> str:
    """The revision that a database is at after :func:`upgrade`."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
