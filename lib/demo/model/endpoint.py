"""The pretend endpoint: what a request meets, when its bytes arrive, and how the real client reaches it."""

from __future__ import annotations

import json
import math
import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2

from lib.demo.model.answers import answer_to, what_is_asked
from lib.demo.model.rejections import REJECTING, Rejection, malformed, rejection
from lib.domain.models import DEMO_MODEL

JSON = dict[str, Any]

_ANSWERING = (
    "written", "slow", "over_limit", "many_tags", "refused", "empty", "invalid", "truncated", "filtered", "incomplete",
    "cut", "plain", "nul", "surrogate", "nan", "broken_json",
)  # fmt: skip
BEHAVIOURS: tuple[str, ...] = (*_ANSWERING, "silent", "unreachable", *REJECTING)
"""All that it can be told to do: by the name of a model (``demo-empty``) or, in tests, by the queue."""

PATIENCE_S = 600.0
"""How long a client waits for a byte that names no read time-out: the SDK's own default."""
REJECTS_AFTER_S = 0.2
FIRST_BYTE_S, WRITING_S = 0.6, 1.8
SLOW_FIRST_BYTE_S, SLOW_WRITING_S = 5.0, 15.0
"""Seconds at pace 1 until the first byte, and from there to the last: long enough to be seen."""


REMEMBERED = 10_000
"""Different requests whose number of answers is kept; the one not asked for longest starts over."""


@dataclass(frozen=True)
class Reply:
    """An HTTP response whose bytes are made while they are read.

    ``chunks`` raises :class:`httpx2.RemoteProtocolError` where the connection is to be lost. ``hang_up`` may be called
    from any thread and ends the making.
    """

    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]
    hang_up: Callable[[], None]


class DemoModel:
    """The pretend endpoint; safe to share between threads. ``pace`` scales all its waiting, 0 is at once.

    A request that was answered before gets another answer, the second, third … of a sequence that is the same in every
    fresh endpoint. One that carries a ``seed`` asks for the same answer each time, as in OpenAI's API, and gets it.
    """

    def __init__(self, *, pace: float = 1.0) -> None:
        self._pace = pace
        self._answered: OrderedDict[str, int] = OrderedDict()
        self._counting = threading.Lock()
        self.behaviours: deque[str] = deque()
        """What the next requests meet, one each; when it is empty, what the name of their model says."""
        self.requests: deque[JSON] = deque(maxlen=1000)
        """The bodies of the latest requests for a completion, oldest first."""
        self.transport: httpx2.BaseTransport = _Transport(self)

    def respond(self, body: JSON, *, patience_s: float | None = None) -> Reply:
        """The response to the body of a request for a completion, after the time until its first byte.

        Raises :class:`httpx2.ConnectError` where nobody is to answer, and :class:`httpx2.ReadTimeout` when a byte takes
        longer than ``patience_s`` (None: :data:`PATIENCE_S`), which counts the seconds before ``pace`` shortens them.
        """
        self.requests.append(body)
        line = Line(self._pace, PATIENCE_S if patience_s is None else patience_s)
        behaviour = self._behaviour(body)
        if behaviour == "unreachable":
            raise httpx2.ConnectError("connection refused: this is how an unreachable server looks")
        if behaviour == "silent":
            line.wait(math.inf)
        rejected = malformed(body) or (
            rejection(behaviour, body) if behaviour else Rejection.of("no_such_model", model=body["model"])
        )
        if rejected:
            line.wait(REJECTS_AFTER_S)
            return _reply(rejected, line)
        answer = answer_to(body, behaviour or "", self._take(body))
        slow = behaviour == "slow"
        first_byte_s, writing_s = (SLOW_FIRST_BYTE_S, SLOW_WRITING_S) if slow else (FIRST_BYTE_S, WRITING_S)
        if body.get("stream"):
            usage_wanted = bool((body.get("stream_options") or {}).get("include_usage"))
            parts, content_type = list(answer.frames(usage_wanted=usage_wanted)), "text/event-stream; charset=utf-8"
            line.wait(first_byte_s)
            chunks = _paced(_spoilt(behaviour, parts), line, writing_s)
        else:
            whole, content_type = json.dumps(answer.completion(), ensure_ascii=False).encode(), "application/json"
            line.wait(first_byte_s + writing_s)
            chunks = _paced(_spoilt(behaviour, [whole]), line, 0)
        return Reply(200, _headers(line, content_type), chunks, line.hang_up)

    def _take(self, body: JSON) -> int:
        """How often this very request was answered before."""
        if body.get("seed") is not None:
            return 0
        identity = what_is_asked(body)
        with self._counting:
            take = self._answered.pop(identity, 0)
            self._answered[identity] = take + 1
            if len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
        return take

    def _behaviour(self, body: JSON) -> str | None:
        """What this request meets; None where its model does not exist."""
        try:
            behaviour = self.behaviours.popleft()
        except IndexError:
            name, _, suffix = str(body.get("model")).partition("-")
            behaviour = suffix.replace("-", "_") or "written"
            return behaviour if name == DEMO_MODEL and behaviour in BEHAVIOURS else None
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"the demo model cannot behave as {behaviour!r}; it can {', '.join(BEHAVIOURS)}") from None
        return behaviour


# -- how it travels --------------------------------------------------------------------------------------------------


def _spoilt(behaviour: str | None, parts: list[bytes]) -> list[bytes | None]:
    """The body's parts as the behaviour spoils them in their middle; None is where the connection is lost."""
    middle = len(parts) // 2
    torn = parts[middle][: len(parts[middle]) // 2]
    if behaviour == "cut":
        return [*parts[:middle], torn, None]
    if behaviour == "broken_json":
        letters = torn.decode(errors="ignore").encode()  # it is the JSON that is broken, not the UTF-8
        return [*parts[:middle], letters + b"\n\n", *parts[middle:]] if len(parts) > 1 else [letters]
    return [*parts]


def _paced(parts: list[bytes | None], line: Line, seconds: float) -> Iterator[bytes]:
    """The parts spread over the seconds; now and then one in two pieces, as networks cut them, even inside a letter."""
    for at, part in enumerate(parts):
        if at:
            line.wait(seconds / len(parts))
        if part is None:
            raise httpx2.RemoteProtocolError("peer closed connection without sending complete message body")
        inside_a_letter = next((place for place, byte in enumerate(part, 1) if byte > 0x7F), len(part))
        split = inside_a_letter if at % 5 == 3 else len(part)
        yield part[:split]
        if part[split:]:
            yield part[split:]


class Line:
    """One connection: how long its client waits for a byte, and whether it has hung up."""

    def __init__(self, pace: float, patience_s: float) -> None:
        self._pace, self._patience_s = pace, patience_s
        self._hung_up = threading.Event()
        self.waited_s = 0.0

    def wait(self, seconds: float) -> None:
        """Pass the seconds, scaled by the pace; raises what the client would see when it or its patience ends them."""
        in_time = seconds <= self._patience_s
        pause_s = min(seconds, self._patience_s) * self._pace
        self.waited_s += pause_s
        if self._hung_up.wait(pause_s) if pause_s else self._hung_up.is_set():
            raise httpx2.ReadError("the client hung up")
        if not in_time:
            raise httpx2.ReadTimeout("the read operation timed out")

    def hang_up(self) -> None:
        """End the wait under way, in whatever thread, and all later ones."""
        self._hung_up.set()


def _headers(line: Line, content_type: str) -> dict[str, str]:
    return {
        "content-type": content_type,
        "openai-processing-ms": str(round(line.waited_s * 1000)),
        "x-request-id": f"req_demo_{uuid.uuid4().hex}",
    }


def _reply(rejected: Rejection, line: Line) -> Reply:
    headers = _headers(line, "application/json") | rejected.headers
    return Reply(rejected.status, headers, iter([rejected.body]), line.hang_up)


class _Transport(httpx2.BaseTransport):
    """The endpoint as the SDK's HTTP client sees it."""

    def __init__(self, demo: DemoModel) -> None:
        self._demo = demo

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = self._route(request)
        return httpx2.Response(reply.status, headers=reply.headers, stream=_Body(reply))

    def _route(self, request: httpx2.Request) -> Reply:
        line = Line(0, PATIENCE_S)
        match request.method, request.url.path.rsplit("/v1", 1)[-1]:
            case "POST", "/chat/completions":
                try:
                    body = json.loads(request.read())
                except ValueError:
                    body = None
                patience_s = (request.extensions.get("timeout") or {}).get("read")
                unreadable = None if isinstance(body, dict) else malformed({})
                return _reply(unreadable, line) if unreadable else self._demo.respond(body, patience_s=patience_s)
            case "GET", "/models":
                names = [DEMO_MODEL, *(f"{DEMO_MODEL}-{behaviour}" for behaviour in BEHAVIOURS)]
                listed = [{"id": name, "object": "model", "created": 0, "owned_by": DEMO_MODEL} for name in names]
                listing = json.dumps({"object": "list", "data": listed}).encode()
                return Reply(200, _headers(line, "application/json"), iter([listing]), line.hang_up)
        return _reply(Rejection.of("no_such_route", method=request.method, path=request.url.path), line)


class _Body(httpx2.SyncByteStream):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        yield from self._reply.chunks

    def close(self) -> None:
        self._reply.hang_up()
