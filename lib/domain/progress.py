"""What a watcher sees of a generation while it is being written, and the button that stops it."""

from __future__ import annotations

import threading
import time
import uuid
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
