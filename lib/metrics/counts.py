"""The counting of changed rows, in a few threads of its own: nobody else's thread waits for it, or for its locks.

All who want the figures of the same tenants share one :class:`Count`. The threads take the counts in turn, a chunk
each, so that a large tenant does not hold up a small one; a thread that is free takes a chunk of other tenants beside
it. While another process counts for a tenant, its count waits outside the threads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress

from lib.domain.errors import DatabaseAway, FiguresBeingCounted
from lib.domain.progress import Count
from lib.store.metrics import counting, every_team
from lib.store.metrics.counting import Progress
from lib.store.metrics.every_team import EVERY_TEAM
from lib.studio import Studio

LEAST_ROWS = 200
"""Rows of a chunk that must be counted in time."""
LOOK_AGAIN_S = 0.25
"""Seconds until a count that found its tenants locked by another process tries again."""

_lock = threading.Lock()


def start(studio: Studio, tenants: Sequence[str]) -> Count:
    """The count of these tenants that is under way, or a new one; it goes on until its end."""
    return _join(studio, tuple(tenants), goes_on=True)


@contextmanager
def watched(studio: Studio, tenants: Sequence[str]) -> Iterator[Count]:
    """The count of these tenants that is under way, or a new one; it stops when nobody watches it any more."""
    count = _join(studio, tuple(tenants), watchers=1)
    try:
        yield count
    finally:
        with _lock:
            count.watchers -= 1


def _join(studio: Studio, tenants: tuple[str, ...], *, goes_on: bool = False, watchers: int = 0) -> Count:
    with _lock:
        count = studio.counts.get(tenants)
        if is_new := count is None:
            count = studio.counts[tenants] = Count(tenants)
        count.goes_on |= goes_on
        count.watchers += watchers
    if is_new:
        _submit(studio, count, None, counting.MOST)
    return count


def _submit(studio: Studio, count: Count, progress: Progress | None, most: int) -> None:
    try:
        studio.counting_threads.submit(_step, studio, count, progress, most)
    except RuntimeError:  # the studio is closing
        _end(studio, count, FiguresBeingCounted())


def _step(studio: Studio, count: Count, progress: Progress | None, most: int) -> None:
    """Count a chunk, and submit the next one."""
    if _is_left(studio, count):
        return
    try:
        progress, left = _advance(studio, count.tenants, progress, most)
    except FiguresBeingCounted:
        later = threading.Timer(LOOK_AGAIN_S, _submit, (studio, count, progress, most))
        later.daemon = True
        later.start()
        return
    except DatabaseAway as error:  # perhaps the chunk takes longer than a statement may
        if most > LEAST_ROWS:
            _submit(studio, count, progress, most // 8)
        else:
            _end(studio, count, error)
        return
    except Exception as error:  # noqa: BLE001 - those who wait raise it
        _end(studio, count, error)
        return
    count.tell(left)
    if left:
        _submit(studio, count, progress, most)
    else:
        _end(studio, count)


def _advance(studio: Studio, tenants: tuple[str, ...], progress: Progress | None, most: int) -> tuple[Progress, int]:
    """A chunk, and if a thread is free the next one of other tenants at the same time; what is left then."""
    if progress is None:
        progress = _look(studio, tenants)
    if progress.part(most):
        chunk, rest = progress.take(most)
        following, rest = rest.take(most)
        beside = _beside(studio, following, most)
        try:
            counted = _count(studio, chunk, most)
        finally:
            following = following if beside is None or beside.cancel() else beside.result()
        progress = counted.beside(following).beside(rest)
    elif EVERY_TEAM in tenants:
        with studio.database.directory() as db:
            return progress, every_team.add_up(db, max(1, every_team.DAYS_AT_ONCE * most // counting.MOST))
    return progress, progress.left or int(EVERY_TEAM in tenants)  # its days are left


def _beside(studio: Studio, chunk: Progress, most: int) -> Future[Progress] | None:
    if not chunk.part(most):
        return None
    with suppress(RuntimeError):  # the studio is closing
        return studio.counting_threads.submit(_count, studio, chunk, most)
    return None


def _count(studio: Studio, chunk: Progress, most: int) -> Progress:
    """One transaction, which names only the tenants that it is about."""
    part = chunk.part(most)
    with studio.database.tenants(part) as db:
        return counting.count(db, part, chunk, most)


def _look(studio: Studio, tenants: tuple[str, ...]) -> Progress:
    names = [tenant_id for tenant_id in tenants if tenant_id != EVERY_TEAM]
    if EVERY_TEAM in tenants:
        with studio.database.directory() as db:
            names += [tenant_id for tenant_id in every_team.behind(db, everywhere=True) if tenant_id != EVERY_TEAM]
    if not names:
        return Progress()
    with studio.database.tenants(names) as db:
        return counting.look(db, names)


def _is_left(studio: Studio, count: Count) -> bool:
    """End a count that nobody wants any more."""
    with _lock:
        if count.goes_on or count.watchers:
            return False
        studio.counts.pop(count.tenants, None)
    count.end(FiguresBeingCounted())
    return True


def _end(studio: Studio, count: Count, error: BaseException | None = None) -> None:
    with _lock:
        studio.counts.pop(count.tenants, None)
    count.end(error)
