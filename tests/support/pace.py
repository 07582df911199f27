"""How long something takes by the clock, told so that a busy machine does not fail what a quiet one passes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

SAMPLE_S = 0.1
"""Seconds of work before and after, by which the machine's business is told."""


@contextlib.contextmanager
def seconds_of_a_quiet_machine() -> Iterator[list[float]]:
    """The seconds that the block takes by the clock, times the share of a core that this process gets.

    On a quiet machine the share is 1: nothing is taken off, waiting for the database included.
    """
    took: list[float] = []
    before = _share()
    started = time.perf_counter()
    yield took
    elapsed = time.perf_counter() - started
    took.append(elapsed * min(before, _share()))


def _share() -> float:
    started, begun = time.perf_counter(), time.process_time()
    while time.process_time() - begun < SAMPLE_S:
        pass
    return min(1.0, SAMPLE_S / (time.perf_counter() - started))
