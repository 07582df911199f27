"""Whether the server lives and can work, for whoever watches over it: no key needed, and no detail given."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lib import studio as studios
from lib.api.threads import run_in_db_thread
from lib.domain.errors import StudioError

KNOWN_FOR_S = 1.0
"""How long an answer is repeated without looking again: whoever reaches the port may ask as often as they like."""
PATIENCE_S = 5.0

_known: tuple[float, bool] = (-KNOWN_FOR_S, False)


async def healthz(_request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(_request: Request) -> Response:
    """The database answers and has the newest schema, and there is a writer."""
    global _known  # noqa: PLW0603 - one process, one answer
    asked, ready = _known
    if time.monotonic() - asked > KNOWN_FOR_S:
        try:
            ready = await asyncio.wait_for(run_in_db_thread(_ready), PATIENCE_S)
        except TimeoutError:
            ready = False
        _known = (time.monotonic(), ready)
    headers = {"Cache-Control": "no-store"} | ({} if ready else {"Retry-After": "5"})
    return JSONResponse({"status": "ready" if ready else "unavailable"}, 200 if ready else 503, headers)


def _ready() -> bool:
    studio = studios.current()
    try:
        studio.writer.require(studio.settings.openai_model)
        return studio.database.is_newest()
    except StudioError:
        return False
