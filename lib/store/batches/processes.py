"""The processes that write batches, as far as they have been heard of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from lib.store.tables import Process

ALIVE_WITHIN_S = 60
"""Seconds after its last heartbeat for which a process counts as alive."""


@dataclass(frozen=True)
class Workers:
    """How many workers are alive, and when one was heard of last (aware; None: never)."""

    alive: int
    seen_at: dt.datetime | None


def workers(db: Connection) -> Workers:
    """The workers on all hosts."""
    oldest = func.now() - dt.timedelta(seconds=ALIVE_WITHIN_S)
    alive = func.count().filter(Process.seen_at > oldest)
    row = db.execute(select(alive, func.max(Process.seen_at)).where(Process.kind == "worker")).one()
    return Workers(row[0], row[1])
