"""No request may bring more than fits in a brief: its body is read up to a limit before anything looks at it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.api import problems
from lib.domain.errors import BodyTooLarge

MOST = 64 * 1024
"""Bytes: ten times what the five inputs hold at most in Korean."""


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than :data:`MOST` bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body whole, then hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        read: list[Message] = []
        size, more = (int(told) if told.isdigit() else 0), True
        if size <= MOST:
            size = 0
            while more and size <= MOST:
                message = await receive()
                read.append(message)
                size += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)
        if size > MOST:
            await problems.response(BodyTooLarge(most=MOST))(scope, receive, send)
            return

        async def again() -> Message:
            return read.pop(0) if read else await receive()

        await self._app(scope, again, send)
