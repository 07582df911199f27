"""The request of one sample row as it was sent, and its answer: a chat.completion that says that it is sample data."""

from __future__ import annotations

import json

from lib.demo.samples import MARK
from lib.demo.samples.traffic import MODELS, REASONS, Call
from lib.domain import prompt
from lib.domain.brief import INPUTS, Brief

NULL = b""
"""No sample value is empty, so this one stands for NULL."""
_BETWEEN_JSON = b"\\\\n"  # a line break of a caption, in a JSON string that stands in a JSON string


def usage(call: Call, drawn: int) -> bytes:
    """OpenAI's; now and then none at all, and every other time with its details."""
    if drawn % 53 == 0:
        return NULL
    counts = (call.prompt, call.completion, call.prompt + call.completion)
    counted = b'{"prompt_tokens": %d, "completion_tokens": %d, "total_tokens": %d' % counts
    if drawn % 2 and not (call.cached or call.reasoning):
        return counted + b"}"
    return (
        counted
        + b', "prompt_tokens_details": {"cached_tokens": %d, "audio_tokens": 0}' % call.cached
        + b', "completion_tokens_details": {"reasoning_tokens": %d, "audio_tokens": 0}}' % call.reasoning
    )


_SLOT = "@@%d@@"


def _prompt_parts() -> list[tuple[bytes, ...]]:
    """The prompt as it is sent, cut where the brief's values stand; by angle. No value of ours needs escaping."""
    prompts = []
    for variant in range(1, len(prompt.ANGLES) + 1):
        brief = Brief("t", **{name: _SLOT % at for at, name in enumerate(INPUTS)})
        text = prompt.as_text(prompt.messages(brief, "ko", variant=variant))
        parts: list[bytes] = []
        for at in range(5):
            before, _, text = text.partition(_SLOT % at)
            parts.append(before.encode())
        prompts.append((*parts, text.encode()))
    return prompts


_PROMPTS = _prompt_parts()


def prompt_used(inputs: tuple[bytes, ...], drawn: int) -> bytes:
    """The request's messages with the five inputs, for one of the angles."""
    english, tone, product, store, wish = inputs
    a, b, c, d, e, end = _PROMPTS[drawn % len(_PROMPTS)]
    return b"".join((a, english, b, tone, c, product, d, store, e, wish, end))


_SEVERITY = ", ".join(
    f'"{what}": {{"filtered": false, "severity": "safe"}}' for what in ("hate", "self_harm", "sexual", "violence")
)
_CHECKS = ", ".join(
    f'"{what}": {{"filtered": false, "detected": false}}'
    for what in ("jailbreak", "profanity", "protected_material_code", "protected_material_text")
)
_FILTERED = (
    f', "content_filter_results": {{{_SEVERITY}, {_CHECKS}}}'.encode(),
    f', "prompt_filter_results": [{{"prompt_index": 0, "content_filter_results": {{{_SEVERITY}}}}}]'.encode(),
)
"""What gateways add to an answer."""

_ECHO = (
    ', "presence_penalty": 0.0, "frequency_penalty": 0.0, "top_p": 1.0, "response_format": '
    + json.dumps(prompt.RESPONSE_FORMATS[0])
).encode()
"""What a stored completion tells of its request."""

_THOUGHTS = (
    "브리프에는 제품, 매장, 톤이 있다. 가격과 용량은 브리프에 적힌 것만 쓴다.",
    "첫 줄은 스크롤을 멈추게 해야 하므로 제품 이름을 앞에 두고 짧게 끊는다.",
    "The tone asks for short lines, so two sentences a paragraph at most.",
    "해시태그는 동네 이름 하나, 제품 둘, 나머지는 넓은 말로 고른다. 다섯 개를 넘지 않는다.",
    "매장 정보의 영업시간은 사실이므로 그대로 옮길 수 있지만 길어지면 위치만 남긴다.",
    "과장된 표현과 최상급은 피한다. 효능을 단정하지 않는다.",
    "Check the length: well under 600 characters, the first 125 carry the message.",
    "마지막 줄은 방문을 가볍게 권하되 할인이나 기한을 지어내지 않는다.",
    "이모지는 두 개까지만, 문장 끝에 둔다.",
    "광고 문구의 영어 표현은 번역하지 않고 느낌만 가져온다.",
    "비슷한 문장이 이어지지 않도록 두 번째 문단은 장면으로 시작한다.",
    "JSON 밖에는 아무것도 쓰지 않는다.",
)
_THINKING = tuple(
    ', "reasoning_content": "{}"'.format(" ".join(_THOUGHTS[at * step % 12] for at in range(start, start + 9))).encode()
    for start in range(12)
    for step in (1, 5, 7, 11)
)


def raw(ident: bytes, call: Call, caption: bytes, hashtags: bytes, used: bytes, drawn: int) -> bytes:
    """The answer, marked as sample data; ``ident`` are 32 hexadecimal digits."""
    thinks = REASONS[call.model]
    more_of_choice, more = (b"", b"") if thinks else _FILTERED
    return b"".join(
        (
            b'{"id": "chatcmpl-',
            ident[:24],
            b'", "object": "chat.completion", "created": ',
            b"%d" % call.created_s,
            b', "model": "',
            (MODELS[call.model] or "unnamed").encode(),
            b'", "%s": true, "choices": [{"index": 0, "message": {"role": "assistant", "content": '
            b'"{\\"instagram_ad_copy\\": \\"' % MARK.encode(),
            caption.replace(b"\n", _BETWEEN_JSON),
            b'\\", \\"hashtags\\": [\\"',
            hashtags.replace(b" ", b'\\", \\"'),
            b'\\"]}", "refusal": null, "annotations": []',
            _THINKING[drawn % len(_THINKING)] if thinks else b"",
            b'}, "logprobs": null, "finish_reason": "stop"',
            more_of_choice,
            b"}]",
            more,
            b', "usage": ' + used if used else b"",
            _ECHO,
            b', "service_tier": "default", "system_fingerprint": "fp_',
            ident[24:],
            b'"}',
        )
    )
