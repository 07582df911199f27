"""What the demo model answers: a chat completion in each of the ways in which one can end."""

from __future__ import annotations

import hashlib
import json
import math
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

from lib.demo.model import copywriting
from lib.demo.model.reading import Request
from lib.demo.model.voice import Dice
from lib.domain.models import DEMO_MODEL

JSON = dict[str, Any]


def tokens(text: str) -> int:
    """What a text counts: a token for every four bytes of its UTF-8, rounded up (a Hangul syllable is three)."""
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / 4)


@dataclass(frozen=True)
class Answer:
    """One completion, whole or as the frames of a stream."""

    completion_id: str
    created: int
    content: str | None
    finish_reason: str | None = "stop"
    refusal: str | None = None
    usage: JSON | None = None

    def _head(self, kind: str) -> JSON:
        return {
            "id": self.completion_id,
            "object": kind,
            "created": self.created,
            "model": DEMO_MODEL,
            "service_tier": "default",
            "system_fingerprint": "fp_demo",
        }

    def completion(self) -> JSON:
        """The ``chat.completion`` object; without usage where the answer is incomplete."""
        message: JSON = {"role": "assistant", "content": self.content, "refusal": self.refusal, "annotations": []}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish_reason}
        return {**self._head("chat.completion"), "choices": [choice], **({"usage": self.usage} if self.usage else {})}

    def frames(self, *, usage_wanted: bool) -> Iterator[bytes]:
        """The answer as server-sent events, a few characters each; usage only for those who want it."""

        def frame(delta: JSON | None, finish_reason: str | None = None, usage: JSON | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
            chunk = {**self._head("chat.completion.chunk"), "choices": [] if delta is None else [choice]}
            if usage_wanted:
                chunk["usage"] = usage
            return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()

        name, text = ("refusal", self.refusal) if self.refusal else ("content", self.content or "")
        yield frame({"role": "assistant", "content": None if self.refusal else "", "refusal": None})
        at = 0
        for size in cycle((2, 3, 1, 4)):
            if at >= len(text):
                break
            yield frame({name: text[at : at + size]})
            at += size
        if self.finish_reason:
            yield frame({}, self.finish_reason)
            if usage_wanted:
                yield frame(None, usage=self.usage)
            yield b"data: [DONE]\n\n"


def what_is_asked(body: JSON) -> str:
    """The digest of what an answer depends on: messages, model, temperature and seed.

    The id that a client gives each request (``X-Client-Request-Id``) is not in it: it would make every answer another.
    """
    said = [body["messages"], body["model"], body.get("temperature"), body.get("seed")]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def answer_to(body: JSON, behaviour: str, take: int = 0) -> Answer:
    """The answer to a well-formed request; what is asked, and how often it was asked before (``take``), decide it."""
    messages = body["messages"]
    text = next((_text(message) for message in reversed(messages) if message.get("role") == "user"), "")
    content = _content(behaviour, text, Dice(what_is_asked(body), take))
    answer = Answer(f"chatcmpl-demo-{uuid.uuid4().hex[:24]}", int(time.time()), content)
    if behaviour == "refused":
        answer = replace(answer, content=None, refusal=copywriting.refusal(text))
    elif behaviour == "truncated":
        answer = replace(answer, content=content[: len(content) * 3 // 5], finish_reason="length")
    elif behaviour == "filtered":
        answer = replace(answer, content=content[: len(content) // 3], finish_reason="content_filter")
    elif behaviour == "incomplete":
        return replace(answer, content=content[: len(content) // 2], finish_reason=None)
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    if most and tokens(answer.content or "") > most:
        beginning = (answer.content or "").encode()[: most * 4].decode(errors="ignore")
        answer = replace(answer, content=beginning, finish_reason="length")
    usage = _usage(messages, answer)
    return replace(answer, usage=usage | {"total_tokens": math.nan} if behaviour == "nan" else usage)


def _content(behaviour: str, text: str, dice: Dice) -> str:
    """The text of the message: the JSON that was asked for, or what a model sends in its place."""
    copy = copywriting.compose(text, dice.seed, dice.take)
    if behaviour == "over_limit":
        in_the_body = " ".join(copywriting.hashtags(Request.read(text), dice, 7))
        text = copy.caption
        while len(text) <= 2_200:
            text += f"\n\n{copy.caption}"
        copy = replace(copy, caption=f"{text}\n\n{in_the_body}")
    elif behaviour == "many_tags":
        copy = replace(copy, hashtags=copywriting.hashtags(Request.read(text), dice, 9))
    content = json.dumps({"instagram_ad_copy": copy.caption, "hashtags": copy.hashtags}, ensure_ascii=False)
    opening = '"instagram_ad_copy": "'
    shapes = {
        "empty": "",
        "invalid": "{instagram_ad_copy} " + copy.caption,
        "plain": f"```json\n{content}\n```",
        "nul": content.replace(opening, opening + "\\u0000", 1),
        "surrogate": content.replace(opening, opening + "\\ud83d ", 1),
    }
    return shapes.get(behaviour, content)


def _text(message: JSON) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _usage(messages: list[JSON], answer: Answer) -> JSON:
    prompt = sum(tokens(_text(message)) for message in messages)
    completion = tokens(answer.content or answer.refusal or "")
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
