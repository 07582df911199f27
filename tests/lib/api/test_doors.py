"""Which requests reach the server, on the real routes of the app and of Streamlit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

import app as feed_studio
from lib.api.doors import Doors

REFUSED = {
    "/_stcore/agent/interact",
    "/_stcore/agent/mcp",
    "/_stcore/agent/openapi.json",
    "/_stcore/metrics",
    "/auth/login",
    "/auth/logout",
    "/component/{path:path}",
    "/oauth2callback",
}
"""What Streamlit offers and the app does not use."""
SERVED = {
    "/_stcore/bidi-components/{path:path}",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/stream",
    "/_stcore/upload_file/{session_id}/{file_id}",
    "/media/{file_id:path}",
    "/api/{path:path}",
    "/healthz",
    "/readyz",
    "/downloads/{token}",
    "/{path:path}",
}
"""What the app uses: each has a door."""


def every_route(routes: list[BaseRoute], prefix: str = "") -> Iterator[str]:
    for route in routes:
        path = prefix + getattr(route, "path", "")
        if isinstance(route, Mount):
            yield path + "/{path:path}"
        else:
            assert isinstance(route, Route | WebSocketRoute), route
            yield path


def test_every_route_of_the_app_is_on_a_list() -> None:
    """A route that a new release of Streamlit adds, or that we add, fails here until somebody decides about it."""
    app = feed_studio.app._build_starlette_app()
    assert set(every_route(app.routes)) == SERVED | REFUSED


@pytest.fixture
def client() -> TestClient:
    async def anything(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    routes = [WebSocketRoute("/{path:path}", stream), Route("/{path:path}", anything, methods=every)]
    doors = Middleware(Doors, hosts=lambda: ["localhost", "127.0.0.1", "*.example.com"], origins=lambda: ["https://ok"])
    return TestClient(Starlette(routes=routes, middleware=[doors]), base_url="http://127.0.0.1:8501")


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/agent/interact",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/whatever-comes-next",
        "/auth/login",
        "/oauth2callback",
        "/component/x/index.html",
        "/app/static/x",
    ],
)
def test_what_the_app_does_not_use_is_refused(client: TestClient, path: str) -> None:
    for method in ("GET", "POST", "PUT", "OPTIONS"):
        assert client.request(method, path).status_code == 404, method


@pytest.mark.parametrize("path", ["/", "/history", "/static/js/index.js", "/media/x.png", "/_stcore/health"])
def test_the_pages_and_their_files_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "example.com.evil", "", "127.0.0.1@evil.example", "a b", "[::"]
)
def test_another_host_name_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421
    answer = client.post("/api/v1/feeds", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8501", "127.0.0.1:1", "feeds.example.com", "localhost."])
def test_a_host_name_of_the_setting_is_served(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


def test_a_watcher_asks_under_any_host_name(client: TestClient) -> None:
    assert client.get("/healthz", headers={"host": "10.0.0.7:8501"}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "served"),
    [
        ("http://127.0.0.1:8501", True),
        ("https://ok", True),
        ("http://127.0.0.1:9999", False),  # another program's page on this machine
        ("http://localhost:8501", False),
        ("https://evil.example", False),
        ("null", False),  # a sandboxed frame, a file
        ("file://127.0.0.1:8501", False),
        ("http://[", False),
    ],
)
def test_only_our_own_pages_change_anything(client: TestClient, origin: str, served: bool) -> None:
    headers = {"origin": origin, "host": "127.0.0.1:8501"}
    for method, path in (("POST", "/api/v1/feeds"), ("PATCH", "/api/v1/feeds/1"), ("PUT", "/_stcore/upload_file/a/b")):
        assert (client.request(method, path, headers=headers).status_code == 200) is served, method
    if served:
        with client.websocket_connect("/_stcore/stream", headers=headers):
            return
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream", headers=headers):
        pass


def test_a_program_has_no_origin_and_a_browser_has(client: TestClient) -> None:
    assert client.post("/api/v1/feeds").status_code == 200
    assert client.put("/_stcore/upload_file/a/b").status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/_stcore/stream", headers={"host": "127.0.0.1:8501"}),
    ):
        pass


def test_no_websocket_is_opened_at_another_address(client: TestClient) -> None:
    for path in ("/", "/api/v1/feeds", "/_stcore/agent/mcp", "/_stcore/stream/x"):
        headers = {"origin": "http://127.0.0.1:8501", "host": "127.0.0.1:8501"}
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers=headers):
            pass


def test_the_doors_are_the_same_below_a_base_path() -> None:
    async def anything(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    doors = Middleware(Doors, hosts=lambda: ["testserver"], base_path="/feeds/")
    app = Starlette(routes=[Route("/{path:path}", anything)], middleware=[doors])
    client = TestClient(app)
    assert client.get("/feeds/history").status_code == 200
    assert client.get("/feeds").status_code == 200
    assert client.get("/feeds/_stcore/agent/mcp").status_code == 404
