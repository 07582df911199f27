"""The app's own workers: started with it, started again when they end, and killed when they hang."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from lib.settings import environment_for

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
LOCK = "workers.lock"
FIRST_DELAY_S, LONGEST_DELAY_S = 1.0, 30.0
"""Seconds before a worker that ended is started again; each time twice as many."""
STEADY_AFTER_S = 60.0
"""A worker that lived for so long is started again after the first delay."""
HUNG_AFTER_S = 60.0
"""Seconds without a sign of life after which a worker is killed."""
LOOK_EVERY_S = 0.5


@contextlib.contextmanager
def workers(count: int, data_dir: Path, *, stop_within_s: float) -> Iterator[None]:
    """While inside, so many workers run for the data folder, whichever app on this machine was the first to start them.

    At the end they let what is under way end; one that takes longer than ``stop_within_s`` seconds is killed.
    """
    over = threading.Event()
    threads = [
        threading.Thread(target=_keep_running, args=(over, data_dir, number, stop_within_s), name=f"worker {number}")
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _keep_running(over: threading.Event, data_dir: Path, number: int, stop_within_s: float) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / f"{number}.{LOCK}").open("w") as lock:
        while not _is_locked(lock.fileno()):  # another app on this folder has the worker
            if over.wait(LONGEST_DELAY_S / 10):
                return
        delay_s = FIRST_DELAY_S
        while not over.is_set():
            began = time.monotonic()
            _run_one(over, stop_within_s)
            if time.monotonic() - began > STEADY_AFTER_S:
                delay_s = FIRST_DELAY_S
            if over.wait(delay_s):
                return
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _run_one(over: threading.Event, stop_within_s: float) -> None:
    """Run one worker until it ends, hangs, or is to stop."""
    command = [sys.executable, "-m", "lib.worker", "--started-by-app"]
    worker = subprocess.Popen(  # noqa: S603 - our own program
        command,
        env=environment_for(ROOT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl+C in a terminal is for the app, which tells the worker
    )
    signs = _Signs(worker)
    log.info("worker %d runs", worker.pid)
    try:
        while worker.poll() is None and not over.wait(LOOK_EVERY_S):
            if signs.silent_s > HUNG_AFTER_S:
                log.error("worker %d gave no sign for %.0f s and is killed", worker.pid, HUNG_AFTER_S)
                worker.kill()
        if worker.poll() is None:
            _stop(worker, stop_within_s)
        log.info("worker %d ended with %s", worker.pid, worker.wait())
    finally:
        worker.kill()
        worker.wait()
        signs.close()


def _stop(worker: subprocess.Popen[bytes], within_s: float) -> None:
    assert worker.stdin is not None  # noqa: S101 - it is a pipe
    with contextlib.suppress(OSError):
        worker.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        worker.wait(within_s)


class _Signs:
    """When a worker last gave a sign of life on its standard output."""

    def __init__(self, worker: subprocess.Popen[bytes]) -> None:
        self._worker = worker
        self._last = time.monotonic()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def silent_s(self) -> float:
        """Seconds since the last one."""
        return time.monotonic() - self._last

    def close(self) -> None:
        """Close the pipes of a worker that has ended."""
        self._thread.join()
        for pipe in (self._worker.stdin, self._worker.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _read(self) -> None:
        assert self._worker.stdout is not None  # noqa: S101 - it is a pipe
        while self._worker.stdout.readline():
            self._last = time.monotonic()
