"""A process that sends requests says in the database that it lives; one that falls silent loses its requests.

After ``SILENT_AFTER_S`` of silence any other process settles them as *outcome unknown* (``recovery.write_off``).
"""

from __future__ import annotations

import logging
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from lib.domain.errors import DatabaseAway
from lib.store.traffic import processes
from lib.store.traffic.processes import SILENT_AFTER_S, Kind
from lib.studio import Studio

log = logging.getLogger(__name__)

SEEN_EVERY_S = 5.0
"""Seconds between two entries in the database."""
SURE_FOR_S = 15.0
"""For so many seconds after an entry, a process knows that nobody else settles its requests."""


class Presence:
    """What this process last said of itself. Times are monotonic: they go on while the process is stopped."""

    def __init__(self, kind: Kind) -> None:
        self.process_id = uuid.uuid4()
        self.kind = kind
        self._said_at = self._steady_since = time.monotonic()

    def say(self, studio: Studio) -> None:
        """Say that this process lives. Raises ``DatabaseAway``."""
        tried_at = time.monotonic()
        with studio.database.directory() as db:
            processes.see(db, self.process_id, self.kind, socket.gethostname()[:255])
        if tried_at - self._said_at > SILENT_AFTER_S / 2:
            self._steady_since = tried_at
        self._said_at = tried_at

    @property
    def is_sure(self) -> bool:
        """Whether it said so recently enough that nobody else can have settled what it is about to send."""
        return time.monotonic() - self._said_at < SURE_FOR_S

    @property
    def may_judge(self) -> bool:
        """Whether it was heard for so long that the silence of another process is that process's own.

        After the database was away, or this process stopped, everybody seems silent.
        """
        return self.is_sure and time.monotonic() - self._steady_since >= SILENT_AFTER_S


@contextmanager
def presence(studio: Studio, kind: Kind) -> Iterator[Presence]:
    """While inside, this process says that it lives, and its requests bear its name. Raises ``DatabaseAway``."""
    own = Presence(kind)
    own.say(studio)
    with studio.database.directory() as db:
        processes.delete_old(db)
    over = threading.Event()

    def say_again() -> None:
        while not over.wait(SEEN_EVERY_S):
            try:
                own.say(studio)
            except DatabaseAway:
                log.info("the database is away; it does not hear that this process lives")
            except Exception:
                log.exception("saying that this process lives failed with a bug")

    thread = threading.Thread(target=say_again, name="presence", daemon=True)
    thread.start()
    studio.presence = own
    try:
        yield own
    finally:
        over.set()
        thread.join()
