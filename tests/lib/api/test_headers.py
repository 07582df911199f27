"""Headers on every answer: of a page, of a refusal, of a bug."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from lib.api.doors import Doors
from lib.api.headers import Headers, inline_hashes

SHELL = "<html><script src='a.js'></script><script>\n  window.x = 1\n</script></html>"


def client_of(folder: Path, *ancestors: str) -> TestClient:
    async def page(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    async def bug(_request: Request) -> PlainTextResponse:
        raise RuntimeError

    shell = folder / "index.html"
    shell.write_text(SHELL, "utf-8")
    middleware = [
        Middleware(Headers, shell=shell, frame_ancestors=lambda: ancestors),
        Middleware(Doors, hosts=lambda: ["testserver"]),
    ]
    app = Starlette(routes=[Route("/", page), Route("/bug", bug)], middleware=middleware)
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/", "testserver", 200),
        ("/bug", "testserver", 500),
        ("/nothing", "testserver", 404),
        ("/", "evil.example", 421),
        ("/_stcore/agent/mcp", "testserver", 404),
    ],
)
def test_every_answer_carries_the_headers(tmp_path: Path, path: str, host: str, status: int) -> None:
    answer = client_of(tmp_path).get(path, headers={"host": host})
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe-inline" not in policy["script-src"]
    assert "unsafe-eval" not in policy["script-src"].replace("wasm-unsafe-eval", "")
    assert not any("http" in sources for sources in policy.values()), "no third party"


def test_an_inline_script_of_the_shell_is_allowed_by_its_hash_and_no_other() -> None:
    hashed = base64.b64encode(hashlib.sha256(b"\n  window.x = 1\n").digest()).decode()
    assert inline_hashes(SHELL) == (f"'sha256-{hashed}'",)


def test_a_team_that_embeds_the_app_names_its_pages(tmp_path: Path) -> None:
    headers = client_of(tmp_path, "https://wiki.example.com").get("/").headers
    assert "frame-ancestors https://wiki.example.com" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


def test_only_an_answer_over_tls_asks_for_tls_from_now_on(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    assert "strict-transport-security" not in client.get("/").headers
    behind_proxy = client.get("/", headers={"x-forwarded-proto": "https"})
    assert behind_proxy.headers["strict-transport-security"].startswith("max-age=")
