"""The largest body of a request: more is rejected before anything parses it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.api import responses
from lib.domain.errors import BodyTooLarge

MAX_BYTES = 64 * 1024
"""Ten times what the five inputs of a brief hold at most in Korean."""


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than :data:`MAX_BYTES`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body whole, then hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        read: list[Message] = []
        size, more = (int(length) if length.isdigit() else 0), True
        if size <= MAX_BYTES:
            size = 0
            while more and size <= MAX_BYTES:
                message = await receive()
                read.append(message)
                size += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)
        if size > MAX_BYTES:
            await responses.problem(BodyTooLarge(most=MAX_BYTES))(scope, receive, send)
            return

        async def again() -> Message:
            return read.pop(0) if read else await receive()

        await self._app(scope, again, send)
