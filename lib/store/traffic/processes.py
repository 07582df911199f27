"""The processes that send requests: rows of ``studio_processes``, each of which says again and again that it lives."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Workers:
    """How many workers are alive, and when one was heard of last (aware; None: never)."""

    alive: int
    seen_at: dt.datetime | None


def workers(db: Connection) -> Workers:
    """The workers on all hosts; any transaction may ask."""
    oldest = func.clock_timestamp() - dt.timedelta(seconds=SILENT_AFTER_S)
    alive = func.count().filter(Table.seen_at > oldest)
    row = db.execute(select(alive, func.max(Table.seen_at)).where(Table.kind == "worker")).one()
    return Workers(row[0], row[1])


def silent_generations(db: Connection, *, lost_s: float) -> list[tuple[str, uuid.UUID]]:
    """The tenants and ids of unfinished generations whose process was silent for :data:`SILENT_AFTER_S`.

    An attempt of the first releases names no process: its generation is among them after ``lost_s`` seconds. ``db`` is
    a transaction of :meth:`Database.directory`.
    """
    return [(row[0], row[1]) for row in db.execute(_SILENT, {"silent_s": SILENT_AFTER_S, "lost_s": lost_s})]
