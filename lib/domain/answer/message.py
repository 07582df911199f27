"""Where a chat completion holds its text: in its content (a string, parts, an object), a tool call or its reasoning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lib.domain.answer.usage import usage_in
from lib.domain.exchange import JSON, storable

REASONING = ("reasoning_content", "reasoning", "thinking")
"""What servers call the text that a model thinks before it answers."""

_COPIED = ("id", "created", "model", "system_fingerprint", "service_tier", "error")


def choices_in(completion: Any) -> list[JSON]:
    """The choices of an answer or of a chunk of one, as far as they are objects."""
    choices = completion.get("choices") if isinstance(completion, dict) else None
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def texts_in(completion: Any) -> list[str]:
    """The texts of an answer's first choice that are not blank, the likeliest to hold the caption first.

    Where there are no choices, the answer itself is read as one: Ollama's own API puts its ``message`` there.
    """
    choice = next(iter(choices_in(completion)), completion if isinstance(completion, dict) else {})
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    texts = [text_of(message.get("content")), text_of(message.get("parsed")), *_arguments(message)]
    texts += [text_of(choice.get("text")), *(text_of(message.get(name)) for name in REASONING)]
    return [text for text in texts if text.strip()]


def text_of(content: Any) -> str:
    """Content as text: a string, the text parts of a list, or an object as JSON."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        text = content.get("text")
        return text if isinstance(text, str) else json.dumps(content, ensure_ascii=False) if content else ""
    if isinstance(content, list):
        return "".join(map(text_of, filter(_is_answer, content)))
    return ""


def _is_answer(part: Any) -> bool:
    """Whether a part of the content belongs to the answer, not to what the model thought or to a picture."""
    if isinstance(part, dict):
        return isinstance(part.get("text"), str) and part.get("type") not in REASONING
    return isinstance(part, str)


def _functions(message: JSON) -> Iterator[tuple[int, JSON]]:
    """The functions that a message or a delta calls, each with its place among them."""
    calls = message.get("tool_calls")
    for place, call in enumerate(
        (*(calls if isinstance(calls, list) else ()), {"function": message.get("function_call")})
    ):
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            index = call.get("index")
            yield index if isinstance(index, int) else place, function


def _arguments(message: JSON) -> list[str]:
    return [text_of(function.get("arguments")) for _, function in _functions(message)]


# -- a stream --------------------------------------------------------------------------------------------------------


def deltas(chunk: JSON) -> Iterator[tuple[JSON, Any]]:
    """What a chunk of a stream adds: the delta and the finish_reason of each choice, as far as they are such."""
    for choice in choices_in(chunk):
        delta = choice.get("delta", choice.get("message"))
        yield delta if isinstance(delta, dict) else {}, choice.get("finish_reason")


def answer_piece(delta: JSON) -> str:
    """The text that a delta adds to the answer: to its content, or to the arguments of a call."""
    return text_of(delta.get("content")) or "".join(_arguments(delta))


def assembled(chunks: Iterable[JSON]) -> JSON | None:
    """The chunks of a stream put together as the object that the same request without a stream would have brought."""
    whole: JSON = {}
    message: JSON = {"role": "assistant", "content": None, "refusal": None}
    calls: dict[int, JSON] = {}
    finish_reason = None
    for chunk in chunks:
        whole |= {name: chunk[name] for name in _COPIED if chunk.get(name) is not None}
        if usage := usage_in(chunk):
            whole["usage"] = usage
        for delta, reason in deltas(chunk):
            for name in ("content", "refusal", *REASONING):
                if delta.get(name) is not None:
                    message[name] = (message.get(name) or "") + text_of(delta[name])
            for index, function in _functions(delta):
                call = calls.setdefault(index, {"name": None, "arguments": ""})
                call["name"] = call["name"] or function.get("name")
                call["arguments"] += text_of(function.get("arguments"))
            finish_reason = reason or finish_reason
            whole.setdefault("id", None)
    if not whole:
        return None
    if calls:
        message["tool_calls"] = [{"type": "function", "function": function} for function in calls.values()]
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return storable({"object": "chat.completion", **whole, "choices": [choice]})  # type: ignore[no-any-return]
