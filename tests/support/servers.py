"""What OpenAI-compatible servers answer in their own dialects, as bytes for the endpoint to send."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.support.endpoint import Call, Conduct

COPY, TAGS = "갓 구운 통밀빵\n오늘도 천천히 익혔어요", ["#통밀빵", "#아침"]
OBJECT: dict[str, Any] = {"instagram_ad_copy": COPY, "hashtags": TAGS}
TEXT = json.dumps(OBJECT, ensure_ascii=False)
USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}


def encoded(body: Any) -> bytes:
    """A body as bytes: bytes as they are, anything else as JSON."""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def answers_with(body: Any, content_type: str = "application/json", status: int = 200) -> Conduct:
    """This body, whole."""
    return lambda call: _send(call, status, content_type, [encoded(body)])


def streams(events: Iterable[Any], *, gap: bytes = b"\n\n", content_type: str = "text/event-stream") -> Conduct:
    """These events; bytes are sent as they are, anything else as the data of one."""
    frames = [event if isinstance(event, bytes) else b"data: " + encoded(event) for event in events]
    return lambda call: _send(call, 200, content_type, [frame + gap for frame in frames])


def _send(call: Call, status: int, content_type: str, pieces: list[bytes]) -> None:
    call.begin(status, content_type=content_type)
    for piece in pieces:
        call.send(piece)
    call.end()


def whole(content: Any = TEXT, reason: Any = "stop", usage: Any = USAGE, **message: Any) -> dict[str, Any]:
    """A chat completion; a reason of ``...`` is left out."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}}
    choice |= {} if reason is ... else {"finish_reason": reason}
    return {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}


def chunk(delta: Any, reason: Any = None, **more: Any) -> dict[str, Any]:
    """A chunk of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}


def halves(name: str = "content") -> list[dict[str, Any]]:
    """The answer in two chunks, under this name of the delta."""
    middle = len(TEXT) // 2
    return [chunk({"role": "assistant", name: TEXT[:middle]}), chunk({name: TEXT[middle:]})]


DONE = b"data: [DONE]"
_CALL = {"index": 0, "id": "t", "type": "function", "function": {"name": "answer", "arguments": TEXT}}
_CALL_BEGINS = {"index": 0, "id": "t", "function": {"name": "answer", "arguments": TEXT[:20]}}
_CALL_GOES_ON = {"index": 0, "function": {"arguments": TEXT[20:]}}
_PART = {"type": "text", "text": TEXT}
_THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "짧게."}]}
_END = chunk({}, "stop", usage=USAGE)

WRITTEN: dict[str, Conduct] = {
    "finish_reason null": answers_with(whole(reason=None)),
    "finish_reason missing": answers_with(whole(reason=...)),
    "finish_reason empty": answers_with(whole(reason="")),
    "finish_reason of its own": answers_with(whole(reason="eos")),
    "finish_reason in capitals": answers_with(whole(reason="STOP")),
    "stream without finish_reason": streams([*halves(), {"choices": [], "usage": USAGE}, DONE]),
    "stream without finish_reason and [DONE]": streams([*halves(), {"choices": [], "usage": USAGE}]),
    "stream as an event each line": streams([*halves(), _END, DONE], gap=b"\n"),
    "stream with carriage returns": streams([*halves(), _END, DONE], gap=b"\r\r"),
    "stream with Windows line ends": streams([*halves(), _END, DONE], gap=b"\r\n\r\n"),
    "stream with comments": streams([b": PROCESSING", *halves(), b": keep-alive", _END, DONE]),
    "stream called plain text": streams([b": PROCESSING", *halves(), _END, DONE], content_type="text/plain"),
    "stream with event names": streams(
        [b"event: message\nid: 1\ndata: " + encoded(event) for event in [*halves(), _END]]
    ),
    "stream of JSON lines": streams(
        [encoded(event) for event in [*halves(), _END]], gap=b"\n", content_type="application/x-ndjson"
    ),
    "no stream though one was asked for": answers_with(whole(), content_type="text/event-stream"),
    "in a list": answers_with([whole()]),
    "content in parts": answers_with(whole([_THOUGHT, _PART])),
    "content in parts, streamed": streams([chunk({"content": [_THOUGHT]}), chunk({"content": [_PART]}), _END]),
    "content as a list of texts": answers_with(whole([TEXT[:9], TEXT[9:]])),
    "content an object": answers_with(whole(OBJECT)),
    "parsed beside content": answers_with(whole(None, parsed=OBJECT)),
    "tool call": answers_with(whole(None, "tool_calls", tool_calls=[_CALL])),
    "tool call with an object": answers_with(whole("", "tool_calls", tool_calls=[{"function": {"arguments": OBJECT}}])),
    "tool call, streamed": streams(
        [
            chunk({"tool_calls": [_CALL_BEGINS]}),
            chunk({"tool_calls": [_CALL_GOES_ON]}),
            chunk({}, "tool_calls", usage=USAGE),
        ]
    ),
    "function call": answers_with(whole(None, "function_call", function_call=_CALL["function"])),
    "reasoning_content": answers_with(whole(None, reasoning_content=TEXT)),
    "reasoning beside empty content": answers_with(whole("", reasoning=f"음, {TEXT}")),
    "reasoning_content, streamed": streams([*halves("reasoning_content"), _END]),
    "text of a completion": answers_with({"choices": [{"text": TEXT, "finish_reason": "stop"}], "usage": USAGE}),
    "Ollama's own message": answers_with({"model": "m", "message": {"content": TEXT}, "done": True, "usage": USAGE}),
    "usage in a choice": streams(
        [*halves(), chunk({}, "stop", choices=[{"delta": {}, "finish_reason": "stop", "usage": USAGE}])]
    ),
    "usage of Groq": streams([*halves(), chunk({}, "stop", x_groq={"usage": USAGE})]),
    "usage before the end": streams([*halves(), {"choices": [], "usage": USAGE}, chunk({}, "stop")]),
    "usage and then an empty one": streams([*halves(), _END, {"choices": [], "usage": {}}]),
    "usage and then zeros": streams([*halves(), _END, {"choices": [], "usage": dict.fromkeys(USAGE, 0)}]),
    "usage that grows": streams(
        [*(event | {"usage": {"prompt_tokens": 100, "completion_tokens": 1}} for event in halves()), _END]
    ),
}
"""Servers that answered: each of these is the same caption with the same usage."""

FAILED: dict[str, tuple[Conduct, str, str]] = {
    "error instead of a chunk": (streams([{"error": "model is loading"}]), "model_failed", "model is loading"),
    "error as an event": (streams([b'event: error\ndata: {"message": "Overloaded"}']), "model_failed", "Overloaded"),
    "error in the first chunk": (
        streams([chunk({"content": ""}, "error", error={"code": 429, "message": "Upstream is rate limited."})]),
        "model_failed",
        "rate limited",
    ),
    "error in the middle": (
        streams(
            [halves()[0], chunk({"content": ""}, "error", error={"code": 502, "message": "Provider disconnected"})]
        ),
        "model_failed",
        "Provider disconnected",
    ),
    "error in the middle, in a list": (
        streams([halves()[0], [{"error": {"code": 503, "message": "Unavailable"}}]]),
        "model_failed",
        "Unavailable",
    ),
    "error with 200": (
        answers_with({"error": {"message": "free-models-per-min", "code": 429}}),
        "model_failed",
        "free-models-per-min",
    ),
    "text with 200": (answers_with({"detail": "The worker died"}), "model_failed", "The worker died"),
    "status in the body": (
        answers_with({"choices": None, "base_resp": {"status_code": 1013, "status_msg": "internal error"}}),
        "model_failed",
        "internal error",
    ),
    "sign-in page": (answers_with(b"<!doctype html><title>Sign in</title>", "text/html"), "wrong_address", "Sign in"),
    "no choice": (answers_with({"id": "c", "choices": [], "usage": USAGE}), "empty", "empty answer"),
    "choices null": (answers_with({"id": "c", "choices": None, "usage": USAGE}), "empty", "empty answer"),
    "no choices at all": (answers_with({"id": "c", "usage": USAGE}), "empty", "empty answer"),
    "a stream of nothing": (streams([{"id": "c", "choices": [], "usage": USAGE}, DONE]), "empty", "empty answer"),
    "out of credit": (
        answers_with({"error": {"message": "Insufficient credits", "code": 402}}, status=402),
        "quota_exceeded",
        "credit",
    ),
    "filtered prompt": (
        answers_with({"error": {"code": "content_filter", "message": "filtered"}}, status=400),
        "filtered",
        "filter",
    ),
    "wrong key": (answers_with({"detail": "Invalid token"}, status=401), "wrong_key", "OPENAI_API_KEY"),
    "no such model": (answers_with({"error": "model 'm' not found"}, status=404), "model_not_found", "does not exist"),
}
"""Servers that did not answer: the code of the error, and words of its sentence."""
