"""The request of one sample row as it was sent, and its answer: a chat.completion that says that it is sample data."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from lib.demo.samples import MARK
from lib.demo.samples.texts import vocabulary
from lib.demo.samples.traffic import MODELS, REASONS, Call
from lib.domain import prompt
from lib.domain.brief import INPUTS, Brief

JSON = dict[str, Any]

_SLOT = "@@"
_encoded = json.JSONEncoder(ensure_ascii=False).encode


def usage(call: Call, drawn: int) -> JSON | None:
    """OpenAI's; now and then none at all, and every other time with its details."""
    if drawn % 53 == 0:
        return None
    counted: JSON = {
        "prompt_tokens": call.prompt,
        "completion_tokens": call.completion,
        "total_tokens": call.prompt + call.completion,
    }
    if drawn % 2 and not (call.cached or call.reasoning):
        return counted
    return counted | {
        "prompt_tokens_details": {"cached_tokens": call.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": call.reasoning, "audio_tokens": 0},
    }


@cache
def _prompts() -> list[list[str]]:
    """The prompt as it is sent, by angle, cut where the brief's values stand. No value of ours needs escaping."""
    brief = Brief("t", **dict.fromkeys(INPUTS, _SLOT))
    angles = range(1, len(prompt.ANGLES) + 1)
    return [prompt.as_text(prompt.messages(brief, "ko", variant=angle)).split(_SLOT) for angle in angles]


def prompt_used(inputs: tuple[str, ...], drawn: int) -> str:
    """The request's messages with the five inputs, for one of the angles."""
    first, *parts = _prompts()[drawn % len(_prompts())]
    return first + "".join(map(str.__add__, inputs, parts))


_SEVERITY = {what: {"filtered": False, "severity": "safe"} for what in ("hate", "self_harm", "sexual", "violence")}
_CHECKS = {
    what: {"filtered": False, "detected": False}
    for what in ("jailbreak", "profanity", "protected_material_code", "protected_material_text")
}
_OF_CHOICE = {"content_filter_results": _SEVERITY | _CHECKS}
_OF_ANSWER = {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": _SEVERITY}]}
"""What gateways add to a choice and to an answer."""

_ECHO = {
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "top_p": 1.0,
    "response_format": prompt.RESPONSE_FORMATS[0],
    "service_tier": "default",
}
"""What a stored completion tells of its request."""


def _thoughts(drawn: int) -> str:
    start, step = divmod(drawn % 48, 4)
    thoughts = vocabulary().thoughts
    return " ".join(thoughts[at * (1, 5, 7, 11)[step] % 12] for at in range(start, start + 9))


def raw(ident: str, call: Call, caption: str, hashtags: str, used: JSON | None, drawn: int) -> str:
    """The answer, marked as sample data; ``ident`` are 32 hexadecimal digits."""
    thinks = REASONS[call.model]
    content = _encoded({"instagram_ad_copy": caption, "hashtags": hashtags.split()})
    message: JSON = {"role": "assistant", "content": content, "refusal": None, "annotations": []}
    choice = {
        "index": 0,
        "message": message | ({"reasoning_content": _thoughts(drawn)} if thinks else {}),
        "logprobs": None,
        "finish_reason": "stop",
    }
    answer = {
        "id": f"chatcmpl-{ident[:24]}",
        "object": "chat.completion",
        "created": call.created_s,
        "model": MODELS[call.model] or "unnamed",
        MARK: True,
        "choices": [choice if thinks else choice | _OF_CHOICE],
        **({} if thinks else _OF_ANSWER),
        **({"usage": used} if used else {}),
        **_ECHO,
        "system_fingerprint": f"fp_{ident[24:]}",
    }
    return _encoded(answer)
