"""Where servers put the token counts of an answer, and when those counts can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

JSON = dict[str, Any]

_NAMES = {"prompt_tokens": ("input_tokens",), "completion_tokens": ("output_tokens",), "total_tokens": ()}
_CACHED = ("cached_tokens", "prompt_cache_hit_tokens")  # Moonshot, DeepSeek: beside the counts, not in their details


def usage_in(chunk: Any) -> JSON | None:
    """The usage object of an answer or of one chunk of a stream: its own, Groq's ``x_groq``, or a choice's.

    None where all of them are missing, empty or count nothing, as the last chunk of some gateways does.
    """
    return next((usage for usage in _places(chunk) if any(_count(usage.get(name)) for name in _all_names())), None)


def read_usage(completion: Any) -> JSON | None:
    """The token counts of an answer under OpenAI's names, with whatever else came beside them.

    ``input_tokens`` and ``output_tokens`` count as prompt and completion, whole numbers may be written as text or with
    a fraction of zero, and a cached count beside the others moves into ``prompt_tokens_details``. None where nothing is
    counted, or where the total is not the sum of its parts: what contradicts itself is not a bill.
    """
    usage = usage_in(completion)
    if usage is None:
        return None
    read = dict(usage)
    for name, others in _NAMES.items():
        count = next((_count(usage[key]) for key in (name, *others) if _count(usage.get(key)) is not None), None)
        if count is not None:
            read[name] = count
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
    for place in (chunk, chunk.get("x_groq"), *(choices if isinstance(choices, list) else ())):
        usage = place.get("usage") if isinstance(place, dict) else None
        if isinstance(usage, dict):
            yield usage


def _all_names() -> Iterator[str]:
    for name, others in _NAMES.items():
        yield from (name, *others)


def _count(value: Any) -> int | None:
    """A count as a whole number; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
