"""The processes that send requests: rows of ``studio_processes``, each of which says again and again that it lives."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from sqlalchemy import Connection, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import Process as Table

Kind = Literal["app", "worker"]

SILENT_AFTER_S = 30.0
"""Seconds after which a process that was not heard of counts as gone: another one settles its requests."""

_SEE = insert(Table).values(process_id=bindparam("id"), kind=bindparam("of_kind"), host=bindparam("on_host"))
_SEE = _SEE.on_conflict_do_update(index_elements=[Table.process_id], set_={"seen_at": func.clock_timestamp()})
_DELETE_OLD = text("DELETE FROM studio_processes WHERE seen_at < now() - interval '7 days'")
_SILENT = text("SELECT tenant_id, generation_id FROM studio_silent_generations(:silent_s, :lost_s)")


def see(db: Connection, process_id: uuid.UUID, kind: Kind, host: str) -> None:
    """Record that the process lives now. ``db`` is a transaction of :meth:`Database.directory`."""
    db.execute(_SEE, {"id": process_id, "of_kind": kind, "on_host": host})


def delete_old(db: Connection) -> None:
    """Delete the processes that were not heard of for a week."""
    db.execute(_DELETE_OLD)


def last_seen(db: Connection, kind: Kind) -> dt.datetime | None:
    """When a process of this kind was last heard of (aware); None if there never was one."""
    return db.scalar(select(func.max(Table.seen_at)).where(Table.kind == kind))


def are_alive(db: Connection, kind: Kind) -> bool:
    """Whether a process of this kind was heard of within the last :data:`SILENT_AFTER_S`."""
    since = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, SILENT_AFTER_S)
    return bool(db.scalar(select(func.max(Table.seen_at) > since).where(Table.kind == kind)))


def silent_generations(db: Connection, *, lost_s: float) -> list[tuple[str, uuid.UUID]]:
    """The tenants and ids of unfinished generations whose process was silent for :data:`SILENT_AFTER_S`.

    An attempt of the first releases names no process: its generation is among them after ``lost_s`` seconds. ``db`` is
    a transaction of :meth:`Database.directory`.
    """
    return [(row[0], row[1]) for row in db.execute(_SILENT, {"silent_s": SILENT_AFTER_S, "lost_s": lost_s})]
