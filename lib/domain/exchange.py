"""The bytes of one request's answer, and the JSON objects that they hold."""

from __future__ import annotations

import codecs
import contextlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

JSON = dict[str, Any]


Ending = Literal["complete", "cut", "stopped", "not_delivered"]
"""All bytes came; the connection broke after sending; a person stopped it; the request never reached the server."""


@dataclass(frozen=True)
class Exchange:
    """What travelled, as far as it did. Times in ms since the request was sent."""

    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ending: Ending | None = None
    """None: the process that listened died before it could say."""
    error_class: str | None = None
    error_detail: str | None = None
    first_byte_ms: float | None = None
    latency_ms: float | None = None
    service_tier: str | None = None
    """How it was sent, where that has a price of its own: ``batch``. None: as its answer says."""


_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def in_utf8(exchange: Exchange) -> Exchange:
    """The exchange with its body in UTF-8, without a byte order mark.

    JSON is UTF-8 (RFC 8259, 8.1), whatever a server says of it. Only a body that is not is read in the encoding that
    its ``Content-Type`` names, or that its byte order mark does.
    """
    body = exchange.body.removeprefix(_BYTE_ORDER_MARK)
    named = _CHARSET.search(exchange.headers.get("content-type", ""))
    marked = exchange.body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    charset = "utf-16" if marked else named[1] if named else "utf-8"
    if charset.lower() != "utf-8":
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            with contextlib.suppress(LookupError, UnicodeDecodeError):
                body = body.decode(charset).encode()
    return exchange if body == exchange.body else replace(exchange, body=body)


_STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")


def is_stream(exchange: Exchange) -> bool:
    """Whether the body is a stream of events, by its content type or, where that is wrong, by its first bytes."""
    content_type = exchange.headers.get("content-type", "")
    return (
        "event-stream" in content_type or "ndjson" in content_type or exchange.body.lstrip().startswith(_STREAM_STARTS)
    )


class EventReader:
    """Reads the JSON objects of a stream while its bytes arrive: server-sent events (WHATWG HTML, 9.2) or JSON lines.

    Lines end in LF, CRLF or CR. Servers that leave out the blank line between two events are understood as well: a
    ``data:`` line that is JSON by itself is an event. An event called ``error`` becomes ``{"error": ...}``. Comments
    and what cannot be read are passed over.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._event = ""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[JSON]:
        """The objects that are complete once these bytes have arrived."""
        lines = (self._rest + chunk).splitlines(keepends=True)
        # A carriage return at the end may be the first half of a line end.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield from self._read(line.rstrip(b"\r\n"))

    def close(self) -> Iterator[JSON]:
        """The objects that the end of the stream completes."""
        yield from self._read(self._rest.rstrip(b"\r\n"))
        yield from self._read(b"")

    def _read(self, line: bytes) -> Iterator[JSON]:
        if not line:
            yield from self._pending()
        elif line.startswith(b"event:"):
            self._event = line[6:].strip().decode(errors="replace")
        elif line.startswith(b"data:"):
            data = line[5:].strip()
            value = None if self._data else loads(data)
            if isinstance(value, dict | list):
                yield from self._objects(value)
            elif data and data != b"[DONE]":
                self._data.append(data)
        elif line.startswith(b"{"):
            yield from self._objects(loads(line))

    def _pending(self) -> Iterator[JSON]:
        data, self._data = self._data, []
        if data:
            value = loads(b"\n".join(data))
            is_words = self._event == "error" and value is None
            values = [b" ".join(data).decode(errors="replace")] if is_words else [value] if value else map(loads, data)
            for value in values:
                yield from self._objects(value)
        self._event = ""

    def _objects(self, value: Any) -> Iterator[JSON]:
        if self._event == "error" and value and not (isinstance(value, dict) and "error" in value):
            value = {"error": value}
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield item


def events(body: bytes) -> Iterator[JSON]:
    """The JSON objects of a whole stream."""
    reader = EventReader()
    yield from reader.feed(body)
    yield from reader.close()


def is_finished(exchange: Exchange) -> bool:
    """Whether the server said that nothing more would come: the end of a plain body, ``[DONE]`` in a stream."""
    return exchange.ending == "complete" and (not is_stream(exchange) or b"[DONE]" in exchange.body[-200:])


def plain_words(exchange: Exchange) -> str:
    """The words that end a body, or are all of it, where JSON belongs: what a proxy says of its server; else empty."""
    if exchange.ending != "complete":
        return ""
    lines = [line.strip() for line in exchange.body.splitlines() if line.strip()]
    if is_stream(exchange):
        lines = [line[5:].strip() for line in lines if line.startswith(b"data:")][-1:] or lines
    words = b" ".join(lines[:20]).decode("utf-8", errors="replace")
    is_prose = len(words) <= _LONGEST_WORDS and words[:1] not in ("", "<", "{", '"') and words != "[DONE]"
    return str(storable(words)) if is_prose and loads(words) is None else ""


_LONGEST_WORDS = 500


def loads(source: bytes | str) -> Any:
    """JSON as Python reads it (NaN and lone surrogates too), made storable; None where it is no JSON."""
    try:
        text = source.decode("utf-8", errors="replace") if isinstance(source, bytes) else source
        value = json.loads(text.strip("\ufeff\x00 \t\r\n"), strict=False)
        return storable(value) if _UNSTORABLE.search(text) else value
    except (ValueError, RecursionError):
        return None


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]" r"|\\u(?:0000|[dD][89a-fA-F])|NaN|Infinity|[eE]\+?\d\d|\d{200}")
"""What a JSON text has somewhere if it says a value that JSONB does not take: few have, and they are long."""


def storable(value: Any) -> Any:
    """The value as JSONB takes it: no NUL, no lone surrogates, no NaN. The bytes as they came are kept beside it."""
    if isinstance(value, str):
        return re.sub("[\x00\ud800-\udfff]", "�", value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    return value
