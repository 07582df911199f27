"""The audit of dependencies finds a release with a known weakness, with the network and without."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from scripts import audit

ADVISORY = {"package": "streamlit", "id": "CVE-2024-42474", "fixed": "1.37.0"}
LOCKED = {package for lock in audit.LOCKS for package in audit.locked((audit.ROOT / lock).read_text("utf-8"))}


@pytest.fixture
def osv() -> Iterator[str]:
    """A server that answers as OSV does, and knows one weakness."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            results = [
                {"vulns": [{"id": "GHSA-1", "modified": "2026-11-29T00:00:00Z"}, {"id": "GHSA-2"}]}
                if query == {"package": {"name": "streamlit", "ecosystem": "PyPI"}, "version": "1.36.0"}
                else {}
                for query in queries
            ]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": results}).encode())

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/querybatch"
    server.shutdown()
    server.server_close()


def test_no_locked_package_has_a_weakness_of_the_list() -> None:
    assert audit.weaknesses(LOCKED, audit.known()["advisory"]) == []


def test_what_osv_knows_of_a_locked_version_is_named(osv: str) -> None:
    (sentence,) = audit.told_by_osv({("streamlit", "1.36.0"), ("numpy", "2.4.6")}, ["GHSA-2"], url=osv) or []
    assert sentence.startswith("streamlit 1.36.0 has GHSA-1: https://osv.dev/GHSA-1.")
    assert audit.told_by_osv({("streamlit", "1.37.0")}, url=osv) == []


def test_without_osv_the_list_has_to_do() -> None:
    assert audit.told_by_osv({("streamlit", "1.36.0")}, url="http://127.0.0.1:9/v1/querybatch") is None


def test_an_older_release_is_named_with_the_release_that_mends_it() -> None:
    lock = "# made by a tool\nStreamlit==1.36.0 \\\n    --hash=sha256:1\nnumpy==2.4.6 ; python_full_version < '3.12'\n"
    (sentence,) = audit.weaknesses(audit.locked(lock), [ADVISORY])
    assert "streamlit 1.36.0 has CVE-2024-42474; it is fixed in 1.37.0" in sentence
    assert audit.weaknesses(audit.locked(lock.replace("1.36.0", "1.37.0")), [ADVISORY]) == []


def test_the_list_is_of_packages_that_are_installed() -> None:
    assert {advisory["package"] for advisory in audit.known()["advisory"]} <= {name for name, _ in LOCKED}
    assert len(LOCKED) > 80
