"""What a watcher sees of work that others do: a generation that is being written, the counting of changed rows."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillCounting
from typing import Literal

from lib.domain.answer.text import draft_in
from lib.domain.errors import StudioError

Phase = Literal["queued", "asking", "writing", "waiting", "storing", "done"]
"""In line; sent and nothing heard yet; text arrives; pausing before a retry; saving; over."""


class Progress:
    """One generation's state, written by the thread that makes it and read by any number of others."""

    def __init__(self, run_id: uuid.UUID) -> None:
        self.run_id = run_id
        self.phase: Phase = "queued"
        self.attempts = 0
        self.started = time.monotonic()
        self.resumes_at: float | None = None
        """While waiting: the monotonic time of the next request."""
        self.waits_for: str | None = None
        """While waiting: the code of the error that made it wait."""
        self.error: StudioError | None = None
        """How it ended, where that could not be stored with it."""
        self.stopped = threading.Event()
        self._content: list[str] = []

    def stop(self) -> None:
        """Ask for the end of the generation; what has arrived is kept."""
        self.stopped.set()

    def begin_attempt(self) -> None:
        """A request is about to be sent."""
        self.phase, self.attempts, self._content = "asking", self.attempts + 1, []

    def add(self, content: str) -> None:
        """More of the answer's text, as the model writes it: JSON that is not whole yet."""
        self.phase = "writing"
        self._content.append(content)

    def wait(self, seconds: float, because: str) -> bool:
        """Pause before the next request; False when somebody stopped it meanwhile."""
        self.phase, self.waits_for, self.resumes_at = "waiting", because, time.monotonic() + seconds
        stopped = self.stopped.wait(seconds)
        self.waits_for = self.resumes_at = None
        return not stopped

    def seen(self) -> tuple[str, list[str]]:
        """The caption and the hashtags as far as they have arrived."""
        return draft_in("".join(self._content))


class Count:
    """The counting of the rows of some tenants that had changed when it began, shared by all who wait for it."""

    def __init__(self, tenants: tuple[str, ...]) -> None:
        self.tenants = tenants
        self.left = 0
        """How many changes are left, 0 if that is not known yet."""
        self.watchers = 0
        """How many want it as long as they watch."""
        self.goes_on = False
        """Whether it is counted to its end although nobody watches."""
        self._most_left = 0
        self._done: Future[None] = Future()

    @property
    def share(self) -> float:
        """The share that is counted, from 0 to 1."""
        return 1 - self.left / self._most_left if self._most_left else 0.0

    def tell(self, left: int) -> None:
        """A chunk was counted, and so many changes are left."""
        self.left, self._most_left = left, max(left, self._most_left)

    def end(self, error: BaseException | None = None) -> None:
        """Wake those who wait; with an error, they raise it."""
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)

    def wait(self, seconds: float) -> bool:
        """Wait for the end at most so long; whether it came. Raises the error that it ended with."""
        try:
            self._done.result(seconds)
        except StillCounting:
            return False
        return True

    async def wait_async(self, seconds: float) -> bool:
        """:meth:`wait`, which leaves the thread to others meanwhile."""
        done, _ = await asyncio.wait([asyncio.wrap_future(self._done)], timeout=seconds)
        return bool(done) and self.wait(0)
