"""Who waits where: the server's loop never does, and the threads that serve pages and files are not ours to take.

Streamlit serves its files from a pool of a few threads that plain ``def`` routes would share: thirty slow calls, and
nobody's page loads. So every route is ``async`` and hands its work to a bounded pool of the API's own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from lib.domain.errors import ServerFull, StudioError
from lib.generation import generate
from lib.generation.generate import Prepared
from lib.store.feeds import Feed
from lib.studio import PIPELINE_AT_ONCE, Studio

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

_QUICK = ThreadPoolExecutor(16, thread_name_prefix="api")
"""For all that waits for the database only: as many threads as leave connections over for the pages."""

_places = threading.BoundedSemaphore(PIPELINE_AT_ONCE)

WAIT_S = 5
"""What who finds no place is told to wait."""


async def run_in_db_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Do what takes milliseconds in a thread of our own."""
    return await asyncio.get_running_loop().run_in_executor(_QUICK, lambda: work(*args, **kwargs))


@dataclass(frozen=True)
class Writing:
    """A generation that is being carried out, whatever becomes of who asked for it."""

    begun: Prepared
    ended: Future[Feed | StudioError]


def take_place() -> None:
    """Raise ``ServerFull`` where as many are being written as one process carries out."""
    if not _places.acquire(blocking=False):
        raise ServerFull(seconds=WAIT_S)


def leave_place() -> None:
    """Let the next one in."""
    _places.release()


def write(studio: Studio, begun: Prepared) -> Writing:
    """Carry it out in a thread; its place is free again when it has ended."""
    try:
        return Writing(begun, studio.pipeline_threads.submit(_carry_out, studio, begun))
    except BaseException:
        leave_place()
        raise


def _carry_out(studio: Studio, begun: Prepared) -> Feed | StudioError:
    try:
        return generate.execute(studio, begun)
    except StudioError as error:
        log.info("generation %s: %s", begun.asked.generation_id, error.code)
        return error
    finally:
        leave_place()


async def end_of(writing: Writing) -> Feed | StudioError:
    """How it ended; giving up waiting does not end it."""
    return await asyncio.shield(asyncio.wrap_future(writing.ended))
