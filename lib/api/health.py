"""Health checks for monitors: no key needed, no detail given."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lib import studio as studios
from lib.api.threads import run_in_db_thread
from lib.domain.errors import StudioError

CACHED_S = 1.0
"""Seconds for which an answer is repeated: anybody who reaches the port may ask as often as they like."""
TIMEOUT_S = 5.0

_cached: tuple[float, bool] = (-CACHED_S, False)
"""When the database was asked last (monotonic seconds), and whether it was ready."""


async def healthz(_request: Request) -> Response:
    """200: the process answers."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(_request: Request) -> Response:
    """200 if the database answers and has the newest schema, and the default model can be used; else 503."""
    global _cached  # noqa: PLW0603 - one process, one answer
    checked_at, ready = _cached
    if time.monotonic() - checked_at > CACHED_S:
        try:
            ready = await asyncio.wait_for(run_in_db_thread(_ready), TIMEOUT_S)
        except TimeoutError:
            ready = False
        _cached = (time.monotonic(), ready)
    headers = {"Cache-Control": "no-store"} | ({} if ready else {"Retry-After": "5"})
    return JSONResponse({"status": "ready" if ready else "unavailable"}, 200 if ready else 503, headers)


def _ready() -> bool:
    studio = studios.current()
    try:
        studio.writer.require(studio.settings.openai_model)
        return studio.database.is_newest()
    except StudioError:
        return False
