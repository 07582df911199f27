"""Feed Studio in one process: the pages at /, the API under /api, on a database that starts and stops with it.

Run: streamlit run app.py
"""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import anyio.to_thread
import streamlit as st

from lib import api
from lib import studio as studios
from lib.api import downloads
from lib.generation.recovery import recovery_worker


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """The database is up and migrated before the first page; what an earlier process left unstored gets stored."""
    with ExitStack() as nothing_left:  # in threads: each of it waits, and the server's loop must not
        studio = await anyio.to_thread.run_sync(studios.current)
        nothing_left.callback(studio.close)
        nothing_left.enter_context(recovery_worker(studio))
        leave = nothing_left.pop_all()
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(leave.close)


app = st.App(
    "pages/_navigation.py",
    lifespan=lifespan,
    routes=[*api.routes, *downloads.routes],
)
