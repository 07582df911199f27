"""The largest body of a request: more is rejected before anything parses it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.api import responses
from lib.domain.errors import BodyTooLarge

MAX_BYTES = 64 * 1024
"""Ten times what the five inputs of a brief hold at most in Korean."""
MAX_BATCH_BYTES = 32 * 1024 * 1024
"""Of a batch: 10,000 rows of 3 KB each."""
BATCHES = "/v1/batches"


class BodyLimit:
    """ASGI middleware that answers 413 to a body that is too large for its address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body whole, then hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MAX_BATCH_BYTES if scope["path"].endswith(BATCHES) else MAX_BYTES
        length = dict(scope["headers"]).get(b"content-length", b"0")
        read: list[Message] = []
        size, more = (int(length) if length.isdigit() else 0), True
        if size <= most:
            size = 0
            while more and size <= most:
                message = await receive()
                read.append(message)
                size += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)
        if size > most:
            await responses.problem(BodyTooLarge(most=most))(scope, receive, send)
            return

        async def again() -> Message:
            return read.pop(0) if read else await receive()

        await self._app(scope, again, send)
