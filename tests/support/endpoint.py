"""A stand-in for OpenAI over real HTTP that bills on receipt, keeps a ledger, and then behaves as it is told."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lib.demo.model import DemoModel
from tests.support.batch_api import BatchApi
from tests.support.patience import PATIENCE_S

JSON = dict[str, Any]


@dataclass
class Bill:
    """One line of the ledger, written when the request has been read and before anything else happens."""

    reference: str
    """The request's ``X-Client-Request-Id``."""
    model: str
    sha256: str
    """Of the request's body."""
    status: int | None = None
    """None: it was never answered."""
    sent: bytes = b""
    """As much of the answer's body as was handed to the network."""
    whole: bool = False
    """Whether that was all of it."""
    text: str = ""
    """The caption in the answer that was begun, as the model wrote it."""

    @property
    def paid(self) -> bool:
        """A request that is rejected costs nothing; whatever else becomes of one, it is paid."""
        return self.status is None or not 400 <= self.status < 500


@dataclass
class Call:
    """One request for a completion, for a conduct to answer as it pleases."""

    request: JSON
    bill: Bill
    _handler: _Handler
    _begun: bool = field(default=False, init=False)

    def answer(self, *, chunks: int = 3) -> list[bytes]:
        """A good answer's body, in so many pieces (one where no stream is asked for)."""
        asked, demo = self.request | {"model": "demo", "seed": 1}, DemoModel(pace=0)
        plain = json.loads(b"".join(demo.respond(asked | {"stream": False}).chunks))
        self.bill.text = json.loads(plain["choices"][0]["message"]["content"])["instagram_ad_copy"]
        whole = b"".join(demo.respond(asked).chunks)
        if not self.request.get("stream"):
            return [whole]
        frames = [frame + b"\n\n" for frame in whole.removesuffix(b"\n\n").split(b"\n\n")]
        size = -(-len(frames) // chunks)
        return [b"".join(frames[at : at + size]) for at in range(0, len(frames), size)]

    def begin(self, status: int = 200, length: int | None = None, **headers: str) -> None:
        """Send the head; without a length the body is chunked, and may be broken off in a way that is noticed."""
        stream = status == 200 and self.request.get("stream")
        self.bill.status, self._begun = status, True
        told = {"content-type": "text/event-stream" if stream else "application/json", "x-request-id": "req_stand_in"}
        how = {"transfer-encoding": "chunked"} if length is None else {"content-length": str(length)}
        how["connection"] = "close"
        self._handler.send_response(status)
        for name, value in (told | how | {name.replace("_", "-"): value for name, value in headers.items()}).items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def send(self, piece: bytes) -> None:
        """One chunk of the body."""
        if not piece:  # would say that the body is complete
            return
        self._handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.bill.sent += piece

    def end(self) -> None:
        """The body is complete."""
        self._handler.wfile.write(b"0\r\n\r\n")
        self.bill.whole = True

    def whole(self, status: int, body: bytes, **headers: str) -> None:
        """Head and body at once."""
        self.begin(status, len(body), **headers)
        self._handler.wfile.write(body)
        self.bill.sent, self.bill.whole = body, True

    def wait_for_hang_up(self) -> None:
        """Return when the client has closed the connection."""
        self._handler.rfile.read(1)


Conduct = Callable[[Call], None]


def answers(call: Call) -> None:
    """A good answer; a stream comes in three pieces."""
    call.begin()
    for piece in call.answer():
        call.send(piece)
    call.end()


def answers_and(before_the_end: Callable[[], None]) -> Conduct:
    """A good answer, whose last piece is sent after ``before_the_end`` has returned."""

    def conduct(call: Call) -> None:
        *pieces, last = call.answer()
        call.begin()
        for piece in pieces:
            call.send(piece)
        before_the_end()
        call.send(last)
        call.end()

    return conduct


def cuts_after(size: int) -> Conduct:
    """The connection is lost after so many bytes of a good answer."""

    def conduct(call: Call) -> None:
        call.begin()
        call.send(b"".join(call.answer())[:size])

    return conduct


def rejects(status: int, body: bytes, **headers: str) -> Conduct:
    """Another answer than a completion."""
    return lambda call: call.whole(status, body, **headers)


def is_silent(call: Call) -> None:
    """Takes the money and says nothing."""
    call.wait_for_hang_up()


def hangs_up(call: Call) -> None:
    """Takes the money and closes the connection without a word."""


def one_after_the_other(*conducts: Conduct) -> Conduct:
    """The first for the first request and so on; the last for all that follow."""
    left = list(conducts)
    return lambda call: (left.pop(0) if len(left) > 1 else left[0])(call)


class Endpoint:
    """The server, in threads of this process; ``conduct`` may be changed at any time."""

    def __init__(self) -> None:
        self.conduct: Conduct = answers
        self.ledger: list[Bill] = []
        self.kept: dict[str, JSON] = {}
        """The completions that were asked for with ``store``, by the attempt named in their metadata."""
        self.batch_api: BatchApi | None = None
        """Its Batch API; None: it has none."""
        self._server = _Server(("127.0.0.1", 0), self)
        self.host, self.port = "127.0.0.1", self._server.server_address[1]
        self.url = f"http://{self.host}:{self.port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="endpoint", daemon=True)
        self._thread.start()

    def billed(self, since: int = 0) -> list[Bill]:
        """The ledger from the line ``since`` on, once every request that was sent so far is in it and done with.

        Connections are accepted in their order: when a later one has been answered, none can be waiting in line.
        """
        probe = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        probe.request("GET", "/")
        probe.getresponse().read()
        probe.close()
        with self._server.changed:
            assert self._server.changed.wait_for(lambda: not self._server.handling, PATIENCE_S), "a request hangs"
        return self.ledger[since:]

    def close(self) -> None:
        """Accept no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """A running endpoint."""
    running = Endpoint()
    try:
        yield running
    finally:
        running.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], endpoint: Endpoint) -> None:
        super().__init__(address, _Handler)
        self.endpoint = endpoint
        self.handling = 0
        self.changed = threading.Condition()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.changed:
            self.handling += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self.changed:
                self.handling -= 1
                self.changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed leaves a broken connection behind: that is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._one_request_each()
        if self._is_of_batches("GET"):
            return
        address = urlsplit(self.path)
        if address.path != "/v1/chat/completions":
            self.send_response(204)
            self.end_headers()
            return
        kept = self.server.endpoint.kept.get(parse_qs(address.query)["metadata[attempt_id]"][0])
        body = json.dumps({"object": "list", "data": [kept] if kept else [], "has_more": False}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._one_request_each()
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        if self._is_of_batches("POST", body):
            return
        if len(body) < size or self.path != "/v1/chat/completions":
            return
        request = json.loads(body)
        bill = Bill(self.headers["X-Client-Request-Id"], request["model"], hashlib.sha256(body).hexdigest())
        self.server.endpoint.ledger.append(bill)
        call = Call(request, bill, self)
        if request.get("store"):
            plain = Call(request | {"stream": False}, bill, self).answer()
            self.server.endpoint.kept[request["metadata"]["attempt_id"]] = json.loads(b"".join(plain)) | {
                "metadata": request["metadata"]
            }
        self.server.endpoint.conduct(call)

    def do_DELETE(self) -> None:
        self._one_request_each()
        self._is_of_batches("DELETE")

    def _is_of_batches(self, method: str, body: bytes = b"") -> bool:
        """Whether the request was one to the Batch API, which has answered it then."""
        api = self.server.endpoint.batch_api
        answer = api.answer(method, self.path, self.headers, body) if api else None
        if answer is None and not self.path.startswith(("/v1/files", "/v1/batches")):
            return False
        status, content = answer or (404, b'{"error": {"message": "not found"}}')
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(content)
        return True

    def _one_request_each(self) -> None:
        self.close_connection = True

    def log_message(self, *_args: Any) -> None:
        """Quiet: the ledger tells all."""
