"""The threads of the API: the server's event loop never waits, and the threads of pages and files are not used.

Streamlit serves its files from a pool of a few threads that plain ``def`` routes would share: thirty slow calls, and
no page loads. So every route is ``async`` and hands its work to a bounded pool of the API's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_DB_THREADS = ThreadPoolExecutor(16, thread_name_prefix="api")
"""For work that waits for the database only: few enough threads to leave connections for the pages."""


async def run_in_db_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run work that takes milliseconds in one of the API's threads, and return what it returns."""
    return await asyncio.get_running_loop().run_in_executor(_DB_THREADS, lambda: work(*args, **kwargs))
