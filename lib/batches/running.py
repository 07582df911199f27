"""A worker's part in all batches: threads that take rows, turn by turn from each batch, and send them.

Everything about a batch is true in the database alone. A worker holds nothing that is not there: it may die at any
point, and as many may run as anybody likes.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from lib.batches import steps
from lib.batches.taking import take
from lib.domain.errors import DatabaseAway, NoRoom, RateLimited, StillWriting, StudioError
from lib.generation.submit import Submission
from lib.store.batches import taking
from lib.store.batches.taking import Due, Lane
from lib.studio import Studio

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
"""Seconds between two looks for batches, while nothing else makes it look."""
WEBHOOKS_AT_ONCE = 4
FILES_AT_ONCE = 2
"""Batches of which one worker fills, sends or takes in files at once."""
AWAY_S = 1.0
"""Seconds that nothing is taken after the database was away."""
NO_ROOM_S = 10.0
"""Seconds that nothing is taken after the disk was full."""


class Runner:
    """The threads of one worker. Each batch gets as many of them as every other one, whatever its size."""

    def __init__(self, studio: Studio, at_once: int | None = None) -> None:
        self._studio = studio
        self._lanes: dict[Lane, float] = {}
        """The lanes as last looked at, each with the monotonic time from which on it may have a row."""
        self._under_way: Counter[uuid.UUID] = Counter()
        """How many rows of each batch this worker sends now."""
        self._served: dict[uuid.UUID, float] = {}
        """When a row of a batch was last taken."""
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"batch {number}", daemon=True)
            for number in range(at_once or studio.settings.requests_at_once)
        ]
        self._apart = {
            "webhook": ThreadPoolExecutor(WEBHOOKS_AT_ONCE, thread_name_prefix="webhook"),
            "economy": ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="economy"),
        }
        """The threads of steps that take long: the others need not wait for them."""
        self._steps: set[tuple[str, str]] = set()
        """Which steps are under way or in line for which tenant: one at a time, so that none takes all threads."""
        self._looking = threading.Thread(target=self._look_again, name="batches", daemon=True)

    def run(self) -> None:
        """Take and send rows until :meth:`stop`; returns at once."""
        for thread in (self._looking, *self._threads):
            thread.start()

    def stop(self) -> None:
        """Take no more rows, and return when those under way have ended."""
        self.close()
        for thread in (self._looking, *self._threads):
            thread.join()
        for threads in self._apart.values():
            threads.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """Take no more rows; what is under way goes on."""
        self._over.set()
        with self._changed:
            self._changed.notify_all()

    @property
    def under_way(self) -> int:
        """How many rows are sent now."""
        with self._changed:
            return self._under_way.total()

    def _look_again(self) -> None:
        while not self._over.is_set():
            pause_s = LOOK_EVERY_S
            try:
                self.look()
            except DatabaseAway:
                pause_s = AWAY_S
            except Exception:
                log.exception("a look for batches failed with a bug")
                pause_s = AWAY_S
            self._over.wait(pause_s)

    def look(self) -> None:
        """Look for batches, and do what is due. Raises ``DatabaseAway``."""
        with self._studio.database.directory() as db:
            lanes, due = taking.lanes(db), taking.due(db)
        with self._changed:
            self._lanes = {lane: self._lanes.get(lane, 0.0) for lane in lanes}
            batch_ids = {lane.batch_id for lane in lanes}
            self._served = {batch_id: at for batch_id, at in self._served.items() if batch_id in batch_ids}
            if lanes:
                self._changed.notify_all()
        for step in due:
            threads = self._apart.get(step.step)
            if threads is None:
                steps.take_step(self._studio, step)
            elif (step.step, step.tenant_id) not in self._steps:
                self._steps.add((step.step, step.tenant_id))
                threads.submit(self._take_step, step)

    def _take_step(self, step: Due) -> None:
        try:
            steps.take_step(self._studio, step)
        except DatabaseAway:
            log.info("the database is away; %s of batch %s waits", step.step, step.batch_id)
        except Exception:
            log.exception("%s of batch %s failed with a bug", step.step, step.batch_id)
        finally:
            self._steps.discard((step.step, step.tenant_id))

    def _work(self) -> None:
        while True:
            lane = self._next()
            if lane is None:
                return
            try:
                self._row(lane)
            except Exception:
                log.exception("a row of batch %s failed with a bug", lane.batch_id)
                self._close(lane, AWAY_S)
            finally:
                with self._changed:
                    self._under_way[lane.batch_id] -= 1
                    self._under_way += Counter()  # without those at zero

    def _next(self) -> Lane | None:
        """The lane to take the next row from, when there is one; None where the worker stops."""
        with self._changed:
            while not self._over.is_set():
                now = time.monotonic()
                lanes = [lane for lane, opens_at in self._lanes.items() if opens_at <= now]
                if lanes:
                    lane = min(
                        lanes,
                        key=lambda lane: (self._under_way[lane.batch_id], self._served.get(lane.batch_id, 0.0)),
                    )
                    self._under_way[lane.batch_id] += 1
                    self._served[lane.batch_id] = now
                    return lane
                self._changed.wait()  # until the next look
        return None

    def _row(self, lane: Lane) -> None:
        submission: Submission | None = None
        try:
            submission = take(self._studio, lane)
        except RateLimited as error:
            self._close(lane, float(error.params.get("seconds", LOOK_EVERY_S)))
        except (DatabaseAway, StillWriting):
            self._close(lane, AWAY_S)
        except NoRoom:
            log.exception("nothing is sent while the disk is full")
            self._close(lane, NO_ROOM_S)
        else:
            if submission is None:
                self._close(lane, 0.0)
                return
            submission.execute()
            try:
                submission.wait(0)
            except StudioError as error:
                log.info("batch %s: %s", lane.batch_id, error.code)

    def _close(self, lane: Lane, seconds: float) -> None:
        """Take nothing from the lane for so many seconds, and not before the next look."""
        with self._changed:
            if lane in self._lanes:
                self._lanes[lane] = time.monotonic() + max(seconds, LOOK_EVERY_S / 2)
