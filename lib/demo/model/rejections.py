"""How the demo model says no: the errors of OpenAI's API that ``rejections.toml`` holds."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

JSON = dict[str, Any]

_PICKY = ("no_temperature", "no_max_tokens", "no_schema", "no_json")

REJECTING: tuple[str, ...] = (
    "rate_limited", "rate_limited_long", "quota", "wrong_key", "server_error", "bad_gateway", *_PICKY,
)  # fmt: skip
"""The behaviours that may end in an error: the first always, those named ``no_`` when the body has what they lack."""


@dataclass(frozen=True)
class Rejection:
    """An HTTP response that is an error."""

    status: int
    body: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, name: str, **values: object) -> Rejection:
        """The error of this name, as the API words it."""
        stored = _stored()[name]
        if html := stored.get("html"):
            return cls(stored["status"], html.encode(), {"content-type": "text/html"})
        error = {
            "message": stored["message"].format(**values),
            "type": stored.get("type", "invalid_request_error"),
            "param": stored.get("param"),
            "code": stored.get("code"),
        }
        body = json.dumps({"error": error}, indent=2).encode()
        return cls(stored.get("status", 400), body, stored.get("headers", {}))


@cache
def _stored() -> dict[str, JSON]:
    return tomllib.loads(Path(__file__).with_name("rejections.toml").read_text("utf-8"))


def rejection(behaviour: str, body: JSON) -> Rejection | None:
    """The error that the behaviour has for this request; None where it would answer."""
    format_type = (body.get("response_format") or {}).get("type")
    has_what_is_lacked = {
        "no_temperature": body.get("temperature") is not None,
        "no_max_tokens": "max_completion_tokens" in body,
        "no_schema": format_type == "json_schema",
        "no_json": bool(format_type),
    }
    if behaviour not in REJECTING or not has_what_is_lacked.get(behaviour, True):
        return None
    return Rejection.of(behaviour, temperature=body.get("temperature"))


def malformed(body: JSON) -> Rejection | None:
    """The error for a body without a model or without messages; None for one that can be answered."""
    if not isinstance(body.get("model"), str):
        return Rejection.of("without_model")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        return Rejection.of("without_messages")
    return None
