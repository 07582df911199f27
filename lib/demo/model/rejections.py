"""How the demo model says no: the errors of OpenAI's API, by their documented status, type, code and parameter."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lib.domain.models import DEMO_MODEL

JSON = dict[str, Any]


@dataclass(frozen=True)
class Rejection:
    """An HTTP response that is an error."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    @classmethod
    def of(
        cls,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Rejection:
        """The error as the API words it in JSON."""
        error = {"message": message, "type": kind, "param": param, "code": code}
        return cls(status, json.dumps({"error": error}, indent=2).encode(), headers or {})


def _rate_limited(seconds: int) -> Rejection:
    message = f"Rate limit reached for {DEMO_MODEL} on requests per min (RPM). Please try again in {seconds}s."
    return Rejection.of(
        429, message, kind="requests", code="rate_limit_exceeded", headers={"retry-after": str(seconds)}
    )


_ALWAYS = {
    "rate_limited": _rate_limited(2),
    "rate_limited_long": _rate_limited(300),
    "quota": Rejection.of(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        kind="insufficient_quota",
        code="insufficient_quota",
    ),
    "wrong_key": Rejection.of(401, "Incorrect API key provided: demo.", code="invalid_api_key"),
    "server_error": Rejection.of(
        500, "The server had an error while processing your request. Sorry about that!", kind="server_error"
    ),
    "bad_gateway": Rejection(
        502,
        b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
        b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
        content_type="text/html",
    ),
}

_PICKY = ("no_temperature", "no_max_tokens", "no_schema", "no_json")

REJECTING: tuple[str, ...] = (*_ALWAYS, *_PICKY)
"""The behaviours that may end in an error: the first always, those named ``no_`` when the body has what they lack."""


def rejection(behaviour: str, body: JSON) -> Rejection | None:
    """The error that the behaviour has for this request; None where it would answer."""
    format_type = (body.get("response_format") or {}).get("type")
    if behaviour == "no_temperature" and body.get("temperature") is not None:
        return Rejection.of(
            400,
            f"Unsupported value: 'temperature' does not support {body['temperature']} with this model. "
            "Only the default (1) value is supported.",
            code="unsupported_value",
            param="temperature",
        )
    if behaviour == "no_max_tokens" and "max_completion_tokens" in body:
        message = "Unsupported parameter: 'max_completion_tokens' is not supported with this model."
        return Rejection.of(400, message, code="unsupported_parameter", param="max_completion_tokens")
    if behaviour == "no_schema" and format_type == "json_schema":
        message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
        return Rejection.of(400, message, param="response_format")
    if behaviour == "no_json" and format_type:
        message = "Unknown parameter: 'response_format'."
        return Rejection.of(400, message, code="unknown_parameter", param="response_format")
    return _ALWAYS.get(behaviour)


def no_such_model(name: object) -> Rejection:
    """The error for a model that does not exist."""
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Rejection.of(404, message, code="model_not_found")


def malformed(body: JSON) -> Rejection | None:
    """The error for a body without a model or without messages; None for one that can be answered."""
    if not isinstance(body.get("model"), str):
        return Rejection.of(400, "you must provide a model parameter")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        message = "Missing required parameter: 'messages'."
        return Rejection.of(400, message, code="missing_required_parameter", param="messages")
    return None
