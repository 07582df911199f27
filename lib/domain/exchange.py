"""What travelled: the bytes of one request's answer, and the events and pieces in them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JSON = dict[str, Any]


Ending = Literal["complete", "cut", "stopped", "not_delivered"]
"""All bytes came; it broke off after sending; somebody stopped it; it never reached the server."""


@dataclass(frozen=True)
class Exchange:
    """What travelled, as far as it did. Times in ms since the request was sent."""

    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ending: Ending | None = None
    """None: the writer died before it could say."""
    error_class: str | None = None
    error_detail: str | None = None
    first_byte_ms: float | None = None
    latency_ms: float | None = None


def is_stream(exchange: Exchange) -> bool:
    """Whether the body is a stream of server-sent events."""
    return "event-stream" in exchange.headers.get("content-type", "") or exchange.body.lstrip().startswith(b"data:")


def events(body: bytes) -> Iterator[JSON]:
    """The JSON objects of a stream of server-sent events; what cannot be read is passed over."""
    for event in re.split(rb"\r?\n\r?\n", body):
        data = b"\n".join(line[5:].strip() for line in event.splitlines() if line.startswith(b"data:"))
        if data and data != b"[DONE]":
            told = loads(data)
            if isinstance(told, dict):
                yield told


def pieces(chunk: JSON) -> Iterator[tuple[JSON, Any]]:
    """What a chunk of a stream adds: the delta and the finish_reason of each choice, as far as they are such."""
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            delta = choice.get("delta")
            yield delta if isinstance(delta, dict) else {}, choice.get("finish_reason")


def assembled(body: bytes) -> JSON | None:
    """The chunks of a stream put together as the object that the same request without a stream would have brought."""
    whole: JSON = {}
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    finish_reason = None
    for chunk in events(body):
        for name in ("id", "created", "model", "system_fingerprint", "service_tier", "usage", "error"):
            if chunk.get(name) is not None:
                whole[name] = chunk[name]
        for delta, reason in pieces(chunk):
            for name in ("content", "refusal"):
                if isinstance(delta.get(name), str):
                    message[name] = (message[name] or "") + delta[name]
            finish_reason = reason or finish_reason
    if not whole:
        return None
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return storable({"object": "chat.completion", **whole, "choices": [choice]})  # type: ignore[no-any-return]


def loads(told: bytes | str) -> Any:
    """JSON as Python reads it (NaN and lone surrogates too), made storable; None where it is no JSON."""
    try:
        text = told.decode("utf-8", errors="replace") if isinstance(told, bytes) else told
        return storable(json.loads(text, strict=False))
    except (ValueError, RecursionError):
        return None


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
