"""Where a chat completion holds its text: in its content (a string, parts, an object), a tool call or its reasoning."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from lib.domain.answer.text import LONGEST_ANSWER, MENTION
from lib.domain.answer.usage import joined_usage, usage_in
from lib.domain.exchange import JSON, storable

REASONING = ("reasoning_content", "reasoning", "thinking", "thoughts", "reasoning_details")
"""What servers call the text that a model thinks before it answers."""

_COPIED = ("id", "created", "model", "system_fingerprint", "service_tier", "error")


def choices_in(completion: Any) -> list[JSON]:
    """The choices of an answer or of a chunk of one, as far as they are objects."""
    choices = completion.get("choices") if isinstance(completion, dict) else None
    if isinstance(choices, dict):  # the one choice, or the choices by number
        choices = list(choices.values()) if all(isinstance(item, dict) for item in choices.values()) else [choices]
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def texts_in(completion: Any) -> list[str]:
    """The texts of an answer's first choice that are not blank, the likeliest to hold the caption first.

    Where there are no choices, the answer itself is read as one: Ollama's own API puts its ``message`` there. A caption
    anywhere else in the answer comes last.
    """
    choices = choices_in(completion)
    choice = next(iter(choices), completion if isinstance(completion, dict) else {})
    message = choice.get("message")
    if not isinstance(message, dict):
        message = {"content": message} if choices else {}
    texts = [text_of(message.get("content")), text_of(message.get("parsed")), *_arguments(message)]
    texts += [text_of(choice.get("text")), *(text_of(message.get(name)) for name in REASONING)]
    texts = [text for text in texts if text.strip()]
    return texts if any(MENTION.search(text[-LONGEST_ANSWER:]) for text in texts) else [*texts, *_mentions(completion)]


def text_of(content: Any) -> str:
    """Content as text: a string, the text parts of a list, or an object as JSON."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return _text_in(content) or (json.dumps(content, ensure_ascii=False) if content else "")
    if isinstance(content, list):
        return "".join(map(_text_of_part, content))
    return ""


_TEXTS = ("text", "value", "content", "output_text")
"""Where a part has its text; servers nest one in another."""


def _text_in(part: JSON) -> str:
    return next(
        (text for name in _TEXTS if isinstance(part.get(name), str | dict) and (text := text_of(part[name]))), ""
    )


def _text_of_part(part: Any) -> str:
    """The text of a part of the content; none of what the model thought, or of a picture."""
    if isinstance(part, dict):
        if part.get("type") in REASONING:
            return ""
        return _text_in(part) or next(_mentions(part), "")
    return text_of(part)


_MOST_NODES = 2_000


def _mentions(answer: Any) -> Iterator[str]:
    """The texts and objects with a caption, wherever they stand in an answer: the first 2,000 members are looked at."""
    nodes = deque([answer])
    for _ in range(_MOST_NODES):
        if not nodes:
            return
        value = nodes.popleft()
        if isinstance(value, str):
            if MENTION.search(value[-LONGEST_ANSWER:]):
                yield value
        elif isinstance(value, list):
            nodes.extend(value[:_MOST_NODES])
        elif isinstance(value, dict):
            if any(isinstance(item, str) and MENTION.fullmatch(name) for name, item in value.items()):
                yield json.dumps(value, ensure_ascii=False)
            else:
                nodes.extend(islice(value.values(), _MOST_NODES))


def _functions(message: JSON) -> Iterator[tuple[int, JSON]]:
    """The functions that a message or a delta calls, each with its place among them."""
    calls = message.get("tool_calls")
    calls = [calls] if isinstance(calls, dict) else calls if isinstance(calls, list) else []
    for place, call in enumerate((*calls, message.get("function_call"))):
        if isinstance(call, dict):
            function = call.get("function", call.get("custom", call))
            index = call.get("index")
            if isinstance(function, dict):
                yield index if isinstance(index, int) else place, function


def _arguments_of(function: JSON) -> str:
    return text_of(function.get("arguments", function.get("input")))


def _arguments(message: JSON) -> list[str]:
    return [_arguments_of(function) for _, function in _functions(message)]


# -- a stream --------------------------------------------------------------------------------------------------------


def deltas(chunk: JSON) -> Iterator[tuple[JSON, Any]]:
    """What a chunk of a stream adds: the delta and the finish_reason of each choice, as far as they are such."""
    for choice in choices_in(chunk):
        delta = choice.get("delta", choice.get("message", {"content": choice.get("text")}))
        yield delta if isinstance(delta, dict) else {}, choice.get("finish_reason")
    if "choices" not in chunk:
        yield from _native(chunk)


def _native(chunk: JSON) -> Iterator[tuple[JSON, Any]]:
    """What a chunk adds in the streams of other APIs: Anthropic's, OpenAI's Responses, Gemini's, Ollama's own."""
    delta, message = chunk.get("delta"), chunk.get("message")
    if isinstance(delta, dict):
        text = delta.get("text") or delta.get("partial_json")
        yield {"content": text, "thinking": delta.get("thinking")}, delta.get("stop_reason")
    elif isinstance(delta, str) and "output_text" in str(chunk.get("type")):
        yield {"content": delta}, None
    elif isinstance(candidates := chunk.get("candidates"), list):
        for candidate in candidates[:1]:
            content = candidate.get("content") if isinstance(candidate, dict) else None
            parts = content.get("parts") if isinstance(content, dict) else None
            said = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
            text = "".join(text_of(part.get("text")) for part in said if not part.get("thought"))
            yield {"content": text}, candidate.get("finishReason") if isinstance(candidate, dict) else None
    elif "done" in chunk:
        message = message if isinstance(message, dict) else {"content": chunk.get("response")}
        yield {name: message.get(name) for name in ("content", "thinking")}, chunk.get("done_reason")


def answer_piece(delta: JSON) -> str:
    """The text that a delta adds to the answer: to its content, or to the arguments of a call."""
    return text_of(delta.get("content")) or "".join(_arguments(delta))


_NO_TEXT = ("role", "tool_calls", "function_call", "usage")
"""The members of a delta that are not pieces of a text."""


def assembled(chunks: Iterable[JSON]) -> JSON | None:
    """The chunks of a stream put together as the object that the same request without a stream would have brought."""
    whole: JSON = {}
    message: JSON = {"role": "assistant", "content": None, "refusal": None}
    calls: dict[int, JSON] = {}
    finish_reason = None
    for chunk in chunks:
        whole |= {name: chunk[name] for name in _COPIED if chunk.get(name) is not None}
        for choice in choices_in(chunk):
            if choice.get("error"):
                whole["error"] = choice["error"]
        if usage := usage_in(chunk):
            whole["usage"] = joined_usage(whole.get("usage"), usage)
        for delta, reason in deltas(chunk):
            for name, value in delta.items():
                if value is not None and name not in _NO_TEXT:
                    message[name] = (message.get(name) or "") + text_of(value)
            for index, function in _functions(delta):
                call = calls.setdefault(index, {"name": None, "arguments": ""})
                call["name"] = call["name"] or function.get("name")
                call["arguments"] += _arguments_of(function)
            finish_reason = reason or finish_reason
            whole.setdefault("id", None)
    if not whole:
        return None
    if calls:
        message["tool_calls"] = [{"type": "function", "function": function} for function in calls.values()]
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return storable({"object": "chat.completion", **whole, "choices": [choice]})  # type: ignore[no-any-return]
