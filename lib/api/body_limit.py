"""The body of a request: rejected before anything parses it where it is too large, or where it comes too slowly."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib import studio as studios
from lib.access import api_keys
from lib.api import responses
from lib.api.threads import run_in_db_thread
from lib.domain.errors import BodyTooLarge, BodyTooSlow, StudioError

MAX_BYTES = 64 * 1024
"""Ten times what the five inputs of a brief hold at most in Korean."""
MAX_BATCH_BYTES = 32 * 1024 * 1024
"""Of a batch: 10,000 rows of 3 KB each."""
BATCHES = "/v1/batches"
SLOWEST_S = 120.0
"""For a whole body; a batch of the largest size needs 2 Mbit/s."""


class BodyLimit:
    """ASGI middleware that answers 413 to a body that is too large for its address, and 408 to one that does not come.

    A large body is read for a live API key only.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body whole, then hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(SLOWEST_S):
                read = await _read(scope, receive)
        except TimeoutError:
            await responses.problem(BodyTooSlow(seconds=SLOWEST_S))(scope, receive, send)
        except StudioError as error:
            await responses.problem(error)(scope, receive, send)
        else:
            await self._app(scope, _again(read, receive), send)


async def _read(scope: Scope, receive: Receive) -> list[Message]:
    """All messages of the body. Raises ``BodyTooLarge`` and, before more than a brief is read, ``NotAuthenticated``."""
    headers = dict(scope["headers"])
    most = MAX_BATCH_BYTES if scope["path"].endswith(BATCHES) else MAX_BYTES
    length = headers.get(b"content-length", b"0")
    announced, size, more, is_known = int(length) if length.isdigit() else 0, 0, True, False
    read: list[Message] = []
    while more:
        if max(announced, size) > most:
            raise BodyTooLarge(most=most)
        if max(announced, size) > MAX_BYTES and not is_known:
            _, _, key = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
            await run_in_db_thread(api_keys.authenticate, studios.current(), key)
            is_known = True
        message = await receive()
        read.append(message)
        size += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    if size > most:
        raise BodyTooLarge(most=most)
    return read


def _again(read: list[Message], receive: Receive) -> Receive:
    async def again() -> Message:
        return read.pop(0) if read else await receive()

    return again
