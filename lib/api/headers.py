"""Headers on every answer of the server: what a browser may load, frame, guess and tell others about it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS_S = 31_536_000
"""A year, the least that browsers' preload lists take (hstspreload.org)."""


def inline_hashes(page: str) -> tuple[str, ...]:
    """The sources of CSP that allow just the inline scripts of an HTML page, whatever their text is in this release."""
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    return tuple(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)


@cache
def policy(shell: Path, frame_ancestors: tuple[str, ...]) -> str:
    """The Content-Security-Policy of every answer.

    ``shell`` is the HTML file of the pages. ``blob:`` scripts are our components: Streamlit 1.67 imports the JavaScript
    of a component from a blob of its own. Inline styles are Streamlit's (emotion) and plotly's.
    """
    scripts = " ".join(("'self'", "blob:", *inline_hashes(shell.read_text("utf-8"))))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            "connect-src 'self'",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            " ".join(("frame-ancestors", *(frame_ancestors or ("'none'",)))),
        )
    )


class Headers:
    """ASGI middleware that puts the headers on every answer, errors and refusals included.

    ``frame_ancestors`` returns the origins that may show the app in a frame; none: nobody may.
    """

    def __init__(self, app: ASGIApp, *, shell: Path, frame_ancestors: Callable[[], Sequence[str]] = tuple) -> None:
        self._app, self._shell, self._frame_ancestors = app, shell, frame_ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; its answer leaves with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        forwarded = dict(scope["headers"]).get(b"x-forwarded-proto", b"").split(b",")[0].strip()

        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy(self._shell, tuple(self._frame_ancestors()))
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                if not self._frame_ancestors():
                    headers["X-Frame-Options"] = "DENY"  # for browsers that know no frame-ancestors
                if scope["scheme"] == "https" or forwarded == b"https":
                    headers["Strict-Transport-Security"] = f"max-age={HSTS_S}"
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            if not started:  # else the server's own answer to a bug would leave without them
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, send_with_headers)
            raise
