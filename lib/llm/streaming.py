"""One request on its way: its bytes arrive in steps, and a watcher can stop it."""

from __future__ import annotations

import contextlib
import datetime as dt
import queue
import threading
from collections.abc import Callable, Generator
from email.utils import parsedate_to_datetime
from typing import Any, cast

import openai

from lib.domain.answer.message import answer_piece, deltas
from lib.domain.exchange import EventReader

JSON = dict[str, Any]

KEPT_HEADERS = ("content-type", "x-request-id", "retry-after", "retry-after-ms", "openai-processing-ms")
"""Headers of a response that are kept; none of a request ever is."""

Step = tuple[int, dict[str, str]] | bytes | None
"""The head of a response (status and kept headers), some of its bytes, or that nothing more has arrived for now."""


class StopError(Exception):
    """Somebody pressed stop."""


def travel(client: openai.OpenAI, body: JSON, reference: str) -> Generator[Step, None, None]:
    """The head of the response, then its bytes as they come."""
    create = cast(Any, client.chat.completions.with_streaming_response.create)
    # As an extra body it travels exactly as it was recorded; the SDK would rewrite each part by its types, slowly.
    with create(
        model=body["model"], messages=[], extra_body=body, extra_headers={"X-Client-Request-Id": reference}
    ) as response:
        yield response.status_code, kept_headers(response.headers)
        for chunk in response.iter_bytes():
            yield chunk
            yield None


def follow_chunks(steps: Generator[Step, None, None]) -> Generator[Step, None, None]:
    """The steps of a request, read in a thread of their own, which a silent server cannot hold up.

    A blocking read cannot be interrupted from outside; whoever closes this generator leaves it behind, and its
    connection is closed at the next byte or at the read time-out, whichever comes first. What has been heard is told
    before that nothing more has arrived.
    """
    heard: queue.SimpleQueue[Step | BaseException | _End] = queue.SimpleQueue()
    left = threading.Event()

    def listen() -> None:
        try:
            with contextlib.closing(steps):
                for step in steps:
                    heard.put(step)
                    if left.is_set():
                        return
            heard.put(_End())
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits
            heard.put(error)

    threading.Thread(target=listen, name="listening", daemon=True).start()
    try:
        while True:
            try:
                step = heard.get(timeout=0.1)
            except queue.Empty:
                yield None
                continue
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, _End):
                return
            if step is not None:
                yield step
            elif heard.empty():
                yield None
    finally:
        left.set()


class _End:
    """The steps are over."""


class Follower:
    """Passes on the text inside a stream of events as its bytes arrive."""

    def __init__(self, on_content: Callable[[str], None]) -> None:
        self._on_content = on_content
        self._events = EventReader()

    def __call__(self, chunk: bytes) -> None:
        """Read more bytes of the stream."""
        for event in self._events.feed(chunk):
            for delta, _ in deltas(event):
                if piece := answer_piece(delta):
                    self._on_content(piece)


def kept_headers(headers: Any) -> dict[str, str]:
    """The headers that are stored with an answer; a ``Retry-After`` that is an instant as the seconds until then."""
    stored = {name: headers[name] for name in KEPT_HEADERS if name in headers}
    until = _instant(stored.get("retry-after"))
    if until is not None:
        since = _instant(headers.get("date")) or dt.datetime.now(dt.UTC)  # the server's clock: RFC 9110, 6.6.1
        stored["retry-after"] = str(max(0, round((until - since).total_seconds())))
    return stored


def _instant(text: str | None) -> dt.datetime | None:
    """A date of HTTP in any of its three forms (RFC 9110, 5.6.7), seconds since 1970, or of ISO 8601; else None."""
    if text is None:
        return None
    for read in (parsedate_to_datetime, _of_epoch, dt.datetime.fromisoformat):  # 13 digits may be a year, month and day
        with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
            instant = read(text)
            return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
    return None


def _of_epoch(text: str) -> dt.datetime:
    seconds = float(text)
    if not seconds > _EPOCH_BEGINS:
        raise ValueError(seconds)
    return dt.datetime.fromtimestamp(seconds / 1000 if seconds > 1000 * _EPOCH_BEGINS else seconds, dt.UTC)


_EPOCH_BEGINS = 1_000_000_000
"""More seconds than anybody waits: this many after 1970 it was 2001."""
