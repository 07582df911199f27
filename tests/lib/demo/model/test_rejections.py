"""Requests that the demo model rejects as OpenAI's API does."""

from __future__ import annotations

import httpx2
import openai
import pytest

from lib.demo.model import DemoModel
from lib.domain.prompt import RESPONSE_FORMATS
from tests.support.demo_briefs import (
    JSON,
    request,
    streamed,
    written,
)


@pytest.mark.parametrize("model", ["demo-xyz", "demonstration", "gpt-6-luna"])
def test_an_unknown_model_does_not_exist(client: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(**request(model=model))
    assert caught.value.code == "model_not_found"


def test_a_request_without_messages_is_rejected(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="demo", messages=[])
    assert caught.value.param == "messages"


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "chat/completions", 400), ("GET", "files", 404)])
def test_what_is_no_request_for_a_completion_is_an_error(demo: DemoModel, method: str, path: str, status: int) -> None:
    with httpx2.Client(transport=demo.transport) as http:
        response = http.request(method, f"http://demo.invalid/v1/{path}", content=b"{not json")
    assert response.status_code == status
    assert response.json()["error"]["type"] == "invalid_request_error"


REJECTED: list[tuple[str, type[openai.APIStatusError], JSON]] = [
    ("rate_limited", openai.RateLimitError, {"code": "rate_limit_exceeded"}),
    ("rate_limited_long", openai.RateLimitError, {"code": "rate_limit_exceeded"}),
    ("quota", openai.RateLimitError, {"code": "insufficient_quota", "type": "insufficient_quota"}),
    ("wrong_key", openai.AuthenticationError, {"code": "invalid_api_key"}),
    ("server_error", openai.InternalServerError, {"type": "server_error"}),
    ("bad_gateway", openai.InternalServerError, {"status_code": 502, "code": None}),
    ("no_temperature", openai.BadRequestError, {"code": "unsupported_value", "param": "temperature"}),
    ("no_max_tokens", openai.BadRequestError, {"code": "unsupported_parameter", "param": "max_completion_tokens"}),
    ("no_schema", openai.BadRequestError, {"param": "response_format"}),
    ("no_json", openai.BadRequestError, {"param": "response_format"}),
]


@pytest.mark.parametrize(("behaviour", "error", "told"), REJECTED, ids=[row[0] for row in REJECTED])
def test_the_client_raises_what_openai_would_make_it_raise(
    client: openai.OpenAI, behaviour: str, error: type[openai.APIStatusError], told: JSON
) -> None:
    with pytest.raises(error) as caught:
        streamed(client, model=f"demo-{behaviour}", temperature=0.7)
    assert {name: getattr(caught.value, name) for name in told} == told


@pytest.mark.parametrize(("behaviour", "seconds"), [("rate_limited", "2"), ("rate_limited_long", "300")])
def test_a_rate_limit_says_how_long_to_wait(client: openai.OpenAI, behaviour: str, seconds: str) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**request(model=f"demo-{behaviour}"))
    assert caught.value.response.headers["retry-after"] == seconds


@pytest.mark.parametrize(
    ("behaviour", "accepted"),
    [
        ("no_temperature", {}),
        ("no_max_tokens", {"max_completion_tokens": openai.omit, "max_tokens": 4000}),
        ("no_schema", {"response_format": RESPONSE_FORMATS[1]}),
        ("no_json", {"response_format": openai.omit}),
    ],
)
def test_a_picky_model_answers_once_the_rejected_parameter_is_gone(
    client: openai.OpenAI, behaviour: str, accepted: JSON
) -> None:
    assert written(client, model=f"demo-{behaviour}", **accepted)["hashtags"]
