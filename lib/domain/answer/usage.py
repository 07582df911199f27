"""Where servers put the token counts of an answer, and when those counts can be believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

JSON = dict[str, Any]

_NAMES = {
    "prompt_tokens": re.compile(r"(prompt|input)(token(s|count)?)?|promptevalcount"),
    "completion_tokens": re.compile(r"(completion|output|candidates|generated)(token(s|count)?)?|evalcount"),
    "total_tokens": re.compile(r"total(token(s|count)?)?"),
}
"""The names of the counts in small letters alone: ``inputTokens``, ``input-tokens`` and ``InputTokenCount`` are one."""
_CACHED = ("cached_tokens", "prompt_cache_hit_tokens")  # Moonshot, DeepSeek: beside the counts, not in their details
_APART = {"cached_tokens": "cache_read_input_tokens", "cache_write_tokens": "cache_creation_input_tokens"}
"""What Anthropic does not count within its ``input_tokens``."""
_PLACES = ("usage", "usageMetadata")


def usage_in(chunk: Any) -> JSON | None:
    """The usage object of an answer or of one chunk of a stream: its own, a choice's, or one in what stands around it.

    None where all of them are missing, empty or count nothing, as the last chunk of some gateways does.
    """
    return next((usage for usage in _places(chunk) if any(_counted(usage, name) for name in _NAMES)), None)


def joined_usage(earlier: JSON | None, later: JSON) -> JSON:
    """The usage of a stream after one more count: the later one, unless it counts less than what had been written."""
    if earlier is None or (_counted(later, "prompt_tokens") and _counted(later, "completion_tokens")):
        return later
    if not _counted(later, "completion_tokens") and _counted(earlier, "completion_tokens"):
        return earlier
    if _counted(later, "prompt_tokens"):
        return later
    prompts = {name: count for name, count in earlier.items() if not _is_called(name, "total_tokens")}
    return prompts | {name: count for name, count in later.items() if count}


def read_usage(completion: Any) -> JSON | None:
    """The token counts of an answer under OpenAI's names, with whatever else came beside them.

    ``input_tokens`` and ``output_tokens`` count as prompt and completion in any spelling. Whole numbers may be text or
    have a fraction of zero. A cached count beside the others moves into ``prompt_tokens_details``. None where nothing
    is counted, where two names of a count differ, or where the total is not the sum of its parts: what contradicts
    itself is not a bill.
    """
    usage = usage_in(completion)
    if usage is None:
        return None
    read = dict(usage)
    for name in _NAMES:
        counts = {_count(value) for value in _values(usage, name)}
        if len(counts - {None, 0}) > 1:
            return None
        if counts:
            read[name] = max((count for count in counts if count is not None), default=None)
    apart = {name: count for name, key in _APART.items() if (count := _count(usage.get(key)))}
    if apart and usage.get("prompt_tokens") is None and read.get("prompt_tokens") is not None:
        read["prompt_tokens"] += sum(apart.values())
        read["prompt_tokens_details"] = apart
    if not isinstance(read.get("prompt_tokens_details"), dict):
        cached = next((_count(usage[key]) for key in _CACHED if _count(usage.get(key))), None)
        if cached is not None:
            read["prompt_tokens_details"] = {"cached_tokens": cached}
    return read if adds_up(read) else None


def adds_up(usage: JSON) -> bool:
    """Whether the total, where there is one beside both of its parts, is their sum."""
    prompt, completion, total = (_count(usage.get(name)) for name in _NAMES)
    return prompt is None or completion is None or total is None or total == prompt + completion


def _places(chunk: Any) -> Iterator[JSON]:
    if not isinstance(chunk, dict):
        return
    choices = chunk.get("choices")
    choices = [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
    inner = (choice.get(name) for choice in choices for name in ("message", "delta"))
    for place in (chunk, *choices, *inner, *chunk.values()):  # x_groq, result, data, ...
        for usage in map(place.get, _PLACES) if isinstance(place, dict) else ():
            for counts in usage if isinstance(usage, list) else (usage,):
                if isinstance(counts, dict):
                    within = counts.get("tokens")  # Cohere
                    yield within if isinstance(within, dict) else counts
    yield {name: chunk.get(name) for name in ("prompt_eval_count", "eval_count")}  # Ollama's own API


def _counted(usage: JSON, name: str) -> bool:
    return any(_count(value) for value in _values(usage, name))


def _values(usage: JSON, name: str) -> list[Any]:
    """What the usage says under a name, in any spelling of it."""
    return [value for key, value in usage.items() if value is not None and _is_called(key, name)]


def _is_called(key: str, name: str) -> bool:
    return bool(_NAMES[name].fullmatch(re.sub("[^a-z]", "", key[:40].lower())))


def _count(value: Any) -> int | None:
    """A count as a whole number; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
