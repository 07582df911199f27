"""The two locks of a server's folder, by which the processes that share it agree.

Each user of the server holds a shared ``flock`` on ``users.lock``. The kernel releases it when the process dies. A
process that starts, repairs or stops the server holds ``start.lock`` meanwhile.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class Locks:
    """The locks of one folder, as one process holds them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._share: int | None = None
        """The descriptor that holds this process's share of ``users.lock``."""

    @property
    def is_user(self) -> bool:
        """Whether this process uses the server."""
        return self._share is not None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold ``start.lock``: only one thread of one process at a time."""
        with opened(self._folder / "start.lock", os.O_RDWR) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(lock, fcntl.LOCK_UN)  # closing is not enough if a fork inherited the descriptor

    def join(self) -> None:
        """Become a user of the server."""
        with opened(self._folder / "users.lock", os.O_RDWR) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            self._share = os.dup(lock)

    def is_last_user(self) -> bool:
        """Whether no other process uses the server; call it alone."""
        assert self._share is not None  # noqa: S101 - a user asks
        try:
            fcntl.flock(self._share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        """Use the server no longer."""
        if self._share is not None:
            fcntl.flock(self._share, fcntl.LOCK_UN)
            self.drop()

    def drop(self) -> None:
        """In a forked child: close the inherited descriptor without releasing the parent's share."""
        if self._share is not None:
            os.close(self._share)
            self._share = None


@contextlib.contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    """A descriptor of the file, created private if it is missing; a link is refused."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)  # close-on-exec by itself, PEP 446
    try:
        yield descriptor
    finally:
        os.close(descriptor)
