"""The doors of the server: which addresses are served, under which host names, and for which origins.

Streamlit serves more than this app uses (an API for agents, sign-in routes, components of its first version), and it
accepts a WebSocket of any page on the same machine. Whatever stands on no list here is refused before it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.api import responses
from lib.domain.errors import NoSuchAddress, StudioError, WrongHost, WrongOrigin

READING = ("GET", "HEAD")


@dataclass(frozen=True)
class Door:
    """Addresses that are served: ``methods`` of HTTP (none: each; ``WEBSOCKET`` for a WebSocket), and the whole path
    below the base path as a regular expression. ``needs_origin``: refused where the browser does not say its origin.
    ``any_host``: served under any host name."""

    methods: tuple[str, ...]
    path: str
    needs_origin: bool = False
    any_host: bool = False

    def takes(self, method: str) -> bool:
        """Whether a request of this method goes through."""
        return method in self.methods if self.methods else method != "WEBSOCKET"


DOORS = (
    Door(("WEBSOCKET",), r"/_stcore/stream", needs_origin=True),  # the pages
    Door((*READING, "OPTIONS"), r"/_stcore/health", any_host=True),  # Streamlit's page asks it before it reconnects
    Door(READING, r"/_stcore/host-config"),  # the page's own settings
    Door(("PUT", "DELETE", "OPTIONS"), r"/_stcore/upload_file/[^/]+/[^/]+", needs_origin=True),  # the picture of a post
    Door((*READING, "OPTIONS"), r"/_stcore/bidi-components/.+"),  # our components
    Door((*READING, "OPTIONS"), r"/media/.+"),  # files that a page offers
    Door(READING, r"/downloads/[^/]+"),  # exports
    Door((), r"/api(/.*)?"),  # programs, by key; the API itself says which methods it takes
    Door(READING, r"/(healthz|readyz)", any_host=True),  # who watches over the server, from inside a cluster too
    Door(READING, r"/(?!_stcore(/|$)|component(/|$)|auth(/|$)|oauth2callback(/|$)|app/static(/|$)).*"),  # pages, files
)
"""Every address that is served. A new route needs a door."""


class Doors:
    """ASGI middleware that refuses what stands on no list.

    404 for an address without a door, 421 for a host name that is not ours, 403 for another origin's page; a WebSocket
    is closed before it is accepted.

    ``hosts`` and ``origins`` return the settings ``server.allowedHosts`` and ``server.corsAllowedOrigins``: host names
    (``*.example.com`` for a domain's), and origins beside the server's own (``https://feeds.example.com`` where a proxy
    changes the Host header). ``base_path`` is ``server.baseUrlPath``.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Callable[[], Sequence[str]],
        origins: Callable[[], Sequence[str]] = tuple,
        base_path: str = "",
    ) -> None:
        self._app, self._hosts, self._origins = app, hosts, origins
        self._base = f"/{base_path.strip('/')}" if base_path.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.code})
        else:
            await self._answer(refusal, scope)(scope, receive, send)

    def _refusal(self, scope: Scope) -> StudioError | None:
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        path = scope["path"].removeprefix(self._base) or "/"
        door = next((door for door in DOORS if re.fullmatch(door.path, path, re.DOTALL)), None)
        if door is None or not door.takes(method):
            return NoSuchAddress()
        headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"host", b"origin")}
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        if not door.any_host and not self._is_our_host(host):
            return WrongHost(host=host[:200])
        if origin is None:
            return WrongOrigin(origin="") if door.needs_origin else None
        if method not in READING and not self._is_our_origin(origin, host):
            return WrongOrigin(origin=origin[:200])
        return None

    def _is_our_host(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if not name or re.search(r"[@/?#\\\s]", host):
            return False
        name = name.rstrip(".")
        return any(
            name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern.strip("[]")
            for pattern in (pattern.strip().lower().rstrip(".") for pattern in self._hosts())
        )

    def _is_our_origin(self, origin: str, host: str) -> bool:
        """The page came from this host and port, or from an origin of the setting."""
        try:
            asking = urlsplit(origin)
        except ValueError:
            return False
        if asking.scheme not in ("http", "https"):
            return False
        return asking.netloc.lower() == host.lower() or origin.rstrip("/").lower() in (
            allowed.rstrip("/").lower() for allowed in self._origins()
        )

    def _answer(self, refusal: StudioError, scope: Scope) -> Response:
        if scope["path"].removeprefix(self._base).startswith("/api"):
            return responses.problem(refusal)
        return PlainTextResponse(responses.details(refusal).detail, refusal.status)
