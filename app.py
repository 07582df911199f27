"""Feed Studio in one process: the pages at /, the API under /api, on a database that starts and stops with it.

Run: streamlit run app.py
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import cache
from pathlib import Path

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

from lib import api
from lib import studio as studios
from lib.api import nodelay
from lib.api.doors import Doors
from lib.api.headers import Headers
from lib.batches.supervision import workers
from lib.domain.errors import StudioError
from lib.generation.presence import presence
from lib.generation.recovery import recovery_worker
from lib.i18n import words
from lib.settings import Settings, UnreadableSetting

STORING_S = 10.0
"""Seconds that a worker has at the end beyond its longest request."""
BASE_PATH = st.get_option("server.baseUrlPath")
SHELL = Path(st.__file__).parent / "static" / "index.html"

try:
    Settings.from_environment()
except UnreadableSetting as error:
    sys.exit(str(error))


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """The database is up and migrated before the first page; what an earlier process left unstored gets stored."""
    with ExitStack() as nothing_left:  # in threads: each of it waits, and the server's loop must not
        try:
            studio = await anyio.to_thread.run_sync(studios.current)
        except StudioError as error:
            sys.tracebacklimit = 0  # Starlette prints the traceback of a failed start; one sentence is enough
            reason = str(error.__cause__ or "").partition("\n")[0]
            raise SystemExit(f"{words.error('en', error)} {reason}".strip()) from None
        nothing_left.callback(studio.close)
        nothing_left.enter_context(presence(studio, "app"))
        nothing_left.enter_context(recovery_worker(studio))
        settings = studio.settings
        nothing_left.enter_context(
            workers(settings.workers, settings.data_dir, stop_within_s=settings.timeout_s + STORING_S)
        )
        leave = nothing_left.pop_all()
    nodelay.send_at_once()
    gc.freeze()  # what the libraries hold stays: looked through again and again, it held every call up for a while
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(leave.close)


@cache
def frame_ancestors() -> tuple[str, ...]:
    """At the first request, when the keys of secrets.toml have arrived in the environment."""
    return Settings.from_environment().frame_ancestors


app = st.App(
    "pages/_navigation.py",
    lifespan=lifespan,
    routes=api.routes(BASE_PATH),
    middleware=[
        Middleware(Headers, shell=SHELL, frame_ancestors=frame_ancestors),
        Middleware(
            Doors,
            hosts=lambda: st.get_option("server.allowedHosts"),
            origins=lambda: st.get_option("server.corsAllowedOrigins"),
            base_path=BASE_PATH,
        ),
    ],
)
