"""The reason in an error body of any shape, what it means, and which parameter it is about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.domain import errors
from lib.domain.answer.rejection import Rejection, error_of, read_rejection, rejected_parameter, rejection_in
from lib.domain.exchange import Exchange
from lib.i18n import words

REQUEST = {
    "model": "acme/writer-7b",
    "messages": [],
    "temperature": 0.7,
    "max_completion_tokens": 4000,
    "stream": True,
    "stream_options": {"include_usage": True},
    "response_format": {"type": "json_schema"},
}


def rejection_of(body: Any, content_type: str = "application/json", **headers: str) -> Rejection:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_rejection(Exchange(sent=True, status=400, headers={"content-type": content_type} | named, body=raw))


SHAPES: list[tuple[str, Any]] = [
    ("OpenAI, Groq, Together", {"error": {"message": "the reason", "type": "invalid_request_error"}}),
    ("Google, in a list", [{"error": {"code": 400, "message": "the reason", "status": "INVALID_ARGUMENT"}}]),
    ("Anthropic", {"type": "error", "error": {"type": "invalid_request_error", "message": "the reason"}}),
    ("Ollama", {"error": "the reason"}),
    ("vLLM", {"object": "error", "message": "the reason", "type": "BadRequestError", "param": None, "code": 400}),
    ("FastAPI, text", {"detail": "the reason"}),
    ("FastAPI, object", {"detail": {"message": "the reason"}}),
    ("FastAPI, list", {"detail": [{"type": "x", "loc": ["body", "n"], "msg": "the reason"}]}),
    ("Mistral", {"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": "the reason"}]}}),
    ("Cloudflare", {"success": False, "errors": [{"code": 7003, "message": "the reason"}]}),
    ("JSON:API", {"errors": [{"status": "400", "title": "Bad", "detail": "the reason"}]}),
    ("ASP.NET", {"title": "One or more validation errors occurred.", "errors": {"n": ["the reason"]}}),
    ("AWS", {"message": "the reason"}),
    ("AWS, capital", {"Message": "the reason"}),
    ("msg", {"code": 400, "msg": "the reason"}),
    ("OAuth", {"error": "invalid_request", "error_description": "the reason"}),
    ("Apigee", {"fault": {"faultstring": "the reason", "detail": {"errorcode": "x"}}}),
    ("MiniMax", {"base_resp": {"status_code": 1004, "status_msg": "the reason"}}),
    (
        "OpenRouter",
        {"error": {"message": "Provider returned error", "metadata": {"raw": '{"error":{"message":"the reason"}}'}}},
    ),
    (
        "LiteLLM",
        {"error": {"message": 'litellm.BadRequestError - {"error": {"message": "the reason"}}', "code": "400"}},
    ),
    ("Azure", {"error": {"code": "x", "message": "Bad", "innererror": {"code": "y", "message": "the reason"}}}),
    ("a list of texts", ["the reason"]),
    ("a text", "the reason"),
    ("plain text", b"the reason"),
    ("Clova, Marshmallow", {"status": {"code": "40001", "message": "the reason"}, "result": None}),
    ("Tencent", {"Response": {"Error": {"Code": "InvalidParameter", "Message": "the reason"}}}),
    ("Zod", {"success": False, "problem": {"issues": [{"code": "custom", "path": [], "message": "the reason"}]}}),
    ("Baidu", {"error_code": 17, "error_msg": "the reason"}),
    ("names that nobody knows", {"oops": {"why": "the reason"}}),
    ("a stream", b'event: error\ndata: {"message": "the reason"}\n\n'),
    ("a stream with text", b"event: error\ndata: the reason\n\n"),
]


@pytest.mark.parametrize(("server", "body"), SHAPES, ids=[server for server, _ in SHAPES])
def test_the_reason_is_read_in_every_shape(server: str, body: Any) -> None:
    assert "the reason" in rejection_of(body).reason


def test_a_proxys_page_is_read_as_a_browser_shows_it() -> None:
    page = b"""<html><head><title>413 Request Entity Too Large</title><style>p { color: red }</style>
        <script>if (1 < 2) alert("x")</script></head>
        <body><center><h1>413 Request Entity Too Large</h1></center><hr>nginx &amp; co</body></html>"""
    assert rejection_of(page, "text/html").reason == "413 Request Entity Too Large · nginx & co"


def test_a_long_reason_is_cut() -> None:
    assert len(rejection_of({"error": {"message": "why " * 1000}}).reason) == 500


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"0"])
def test_a_body_that_says_nothing_has_no_reason(body: bytes) -> None:
    assert rejection_of(body).reason == ""
    assert "HTTP 418" in str(error_of(rejection_of(body), 418, "m"))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"error":' * 50_000,
        json.dumps([[[[{"a": 1}] * 30] * 30] * 30] * 3).encode(),
        b"1" * 100_000,
        b"5s " * 50_000,
    ],
)
def test_a_hostile_body_is_read_in_bounded_time(body: bytes) -> None:
    assert len(rejection_of(body).reason) <= 500


# -- which parameter -------------------------------------------------------------------------------------------------

NOT_TAKEN = "max_completion_tokens"

WORDINGS: list[tuple[str, Any]] = [
    (
        "OpenAI",
        {
            "error": {
                "message": f"Unsupported parameter: '{NOT_TAKEN}'",
                "param": NOT_TAKEN,
                "code": "unsupported_parameter",
            }
        },
    ),
    (
        "older OpenAI",
        {"error": {"message": f"Unrecognized request argument supplied: {NOT_TAKEN}", "type": "invalid_request_error"}},
    ),
    (
        "use the other",
        {"error": {"message": f"'{NOT_TAKEN}' is not supported with this model. Use 'max_tokens' instead."}},
    ),
    ("use the other, politely", {"message": f"Please use max_tokens in the place of {NOT_TAKEN}."}),
    (
        "Google",
        [
            {
                "error": {
                    "message": f'Invalid JSON payload received. Unknown name "{NOT_TAKEN}": Cannot find field.',
                    "code": 400,
                }
            }
        ],
    ),
    (
        "pydantic",
        {"detail": [{"type": "extra_forbidden", "loc": ["body", NOT_TAKEN], "msg": "Extra inputs are not permitted"}]},
    ),
    (
        "pydantic in text",
        {"message": f"[{{'type': 'extra_forbidden', 'loc': ('body', '{NOT_TAKEN}'), 'msg': 'Extra inputs'}}]"},
    ),
    (
        "Mistral",
        {"message": {"detail": [{"type": "extra_forbidden", "loc": ["body", NOT_TAKEN], "msg": "Extra inputs"}]}},
    ),
    ("Groq", {"error": {"message": f"property '{NOT_TAKEN}' is unsupported", "type": "invalid_request_error"}}),
    ("JSON schema", {"error": f"Additional properties are not allowed ('{NOT_TAKEN}' was unexpected)"}),
    ("Python", {"error": f"create() got an unexpected keyword argument '{NOT_TAKEN}'"}),
    (
        "Rust",
        {"error": f"Failed to read the JSON body: unknown field `{NOT_TAKEN}`, expected `model`, `messages`"},
    ),
    ("Go", {"error": f'json: unknown field "{NOT_TAKEN}"'}),
    ("Spring", {"message": f'Unrecognized field "{NOT_TAKEN}" (class Request), not marked as ignorable'}),
    ("ASP.NET", {"errors": {NOT_TAKEN: ["The field is not recognised."]}}),
    ("Bedrock", {"message": f"extraneous key [{NOT_TAKEN}] is not permitted"}),
    ("a sentence", f"This model cannot be used with {NOT_TAKEN}."),
    ("Korean", {"message": f"지원하지 않는 매개변수입니다: {NOT_TAKEN}"}),
    ("Chinese", {"error": {"message": f"不支持的参数 {NOT_TAKEN}", "code": "1210"}}),
    ("plain text", f"{NOT_TAKEN}?? no.".encode()),
    ("another spelling", {"message": "Unknown parameter: 'maxCompletionTokens'"}),
    (
        "a long list of the known",
        f"unknown field `{NOT_TAKEN}`, expected one of `model`, `messages`, `temperature`, `stream`",
    ),
    (
        "AJV",
        [{"keyword": "additionalProperties", "params": {"additionalProperty": NOT_TAKEN}, "message": "NOT additional"}],
    ),
    ("RFC 9457", {"title": "Not valid.", "invalid-params": [{"name": NOT_TAKEN, "reason": "is not allowed"}]}),
    ("Zod", {"error": {"issues": [{"code": "unrecognized_keys", "keys": [NOT_TAKEN], "message": "Unrecognized key"}]}}),
    ("Django", {NOT_TAKEN: ["This field is not allowed."]}),
    ("Marshmallow", {"errors": {"json": {NOT_TAKEN: ["Unknown field."]}}}),
    (
        "Cerebras, whose param is none",
        {"message": f"body.{NOT_TAKEN}: Extra inputs are not permitted", "param": "validation_error"},
    ),
]


@pytest.mark.parametrize(("server", "body"), WORDINGS, ids=[server for server, _ in WORDINGS])
def test_a_rejected_parameter_is_recognised_in_any_wording(server: str, body: Any) -> None:
    rejection = rejection_of(body)
    assert type(error_of(rejection, 400, REQUEST["model"])) is errors.RequestRejected
    assert rejected_parameter(rejection, REQUEST) == NOT_TAKEN


@pytest.mark.parametrize("status", [500, 501])
def test_a_server_that_breaks_on_a_parameter_rejects_it(status: int) -> None:
    rejection = rejection_of({"error": {"code": status, "message": f"Unsupported param: {NOT_TAKEN}"}})
    assert type(error_of(rejection, status, REQUEST["model"])) is errors.RequestRejected
    assert rejected_parameter(rejection, REQUEST) == NOT_TAKEN


@pytest.mark.parametrize(
    ("message", "parameter"),
    [
        (
            "Unsupported value: 'temperature' does not support 0.7. Only the default (1) value is supported.",
            "temperature",
        ),
        ("invalid temperature: only 1 is allowed for this model", "temperature"),
        ("stream_options is not allowed", "stream_options"),
        (
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
            "response_format",
        ),
        ("This model does not support structured outputs", "response_format"),
        ("json_schema is not implemented", "response_format"),
        ("'response_format.type' must be 'json_schema'", "response_format"),
        ("cannot unmarshal object into Go struct field ChatCompletionRequest.response_format", "response_format"),
        ("Failed to parse grammar", "response_format"),
        ("Function calling/JSON mode is not enabled for this model", "response_format"),
        ("Invalid value at 'generation_config.response_schema' (type.googleapis.com/x.Schema)", "response_format"),
        ("<400> 'messages' must contain the word 'json', to use 'response_format'", "response_format"),
    ],
)
def test_each_parameter_that_can_be_left_out_is_recognised(message: str, parameter: str) -> None:
    rejection = rejection_of({"error": {"message": message}})
    assert type(error_of(rejection, 400, REQUEST["model"])) is errors.RequestRejected
    assert rejected_parameter(rejection, REQUEST) == parameter


def test_a_schema_that_is_not_taken_has_no_range() -> None:
    message = "Invalid schema for response_format 'caption': In context=(), 'x' is required to be supplied."
    rejection = rejection_in({"error": {"message": message, "param": "response_format"}})
    assert rejected_parameter(rejection, REQUEST) == "response_format"


@pytest.mark.parametrize(
    "error",
    [
        {"message": "temperature must be >= 0. Given: 7"},
        {"message": "max_completion_tokens is too large: 16000, at most 4096 are allowed", "code": "invalid_value"},
        {"message": "max_completion_tokens is too large", "param": "max_completion_tokens"},
        {
            "message": "Invalid 'temperature': expected a value <= 1",
            "param": "temperature",
            "code": "decimal_above_max_value",
        },
        {"message": "temperature must be between 0 and 1"},
        {"message": "This model's maximum context length is 8192 tokens, you asked for max_completion_tokens 9000"},
        {"message": "This model's maximum context length is 9 tokens", "param": "messages"},
        {"message": "temperature of the room", "param": "messages"},
        {"message": "no"},
        {"message": "Unsupported parameter: 'top_p'", "param": "top_p", "code": "unsupported_parameter"},
        {"message": "Unsupported parameter: 'store'"},
        {"message": 'cannot read {"model": "m", "messages": [], "temperature": 0.7, "max_completion_tokens": 4000}'},
    ],
)
def test_a_value_out_of_range_or_something_else_is_the_writers_to_mend(error: dict[str, str]) -> None:
    assert rejected_parameter(rejection_in({"error": error}), REQUEST) is None


# -- what it means ---------------------------------------------------------------------------------------------------

MEANINGS: list[tuple[int, Any, type[errors.StudioError]]] = [
    (404, {"error": "model 'acme/writer-7b' not found"}, errors.ModelNotFound),
    (
        404,
        {
            "object": "error",
            "message": "The model `acme/writer-7b` does not exist.",
            "type": "NotFoundError",
            "code": 404,
        },
        errors.ModelNotFound,
    ),
    (
        404,
        [{"error": {"code": 404, "message": "models/acme is not found for API version v1main"}}],
        errors.ModelNotFound,
    ),
    (400, {"error": {"message": "Model Not Exist", "type": "invalid_request_error"}}, errors.ModelNotFound),
    (
        400,
        {"object": "error", "message": "Invalid model: acme", "type": "invalid_model", "code": "1500"},
        errors.ModelNotFound,
    ),
    (400, {"error": {"message": "acme/writer-7b is not a valid model ID", "code": 400}}, errors.ModelNotFound),
    (404, {"error": {"message": "No endpoints found for acme/writer-7b.", "code": 404}}, errors.ModelNotFound),
    (
        400,
        {
            "error": {
                "message": "The model `x` has been decommissioned and is no longer supported.",
                "code": "model_decommissioned",
            }
        },
        errors.ModelNotFound,
    ),
    (
        404,
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}},
        errors.ModelNotFound,
    ),
    (404, {"type": "error", "error": {"type": "not_found_error", "message": "model: acme"}}, errors.ModelNotFound),
    (
        403,
        {"error": {"message": "Project does not have access to model acme", "code": "model_not_found"}},
        errors.ModelNotFound,
    ),
    (422, {"detail": "acme/writer-7b is not available on this server"}, errors.ModelNotFound),
    (401, {"detail": "Invalid token"}, errors.WrongKey),
    (401, b"Unauthorized", errors.WrongKey),
    (
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": "API key not valid. Please pass a valid API key.",
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
        errors.WrongKey,
    ),
    (403, {"message": "Missing or invalid API key"}, errors.WrongKey),
    (403, {"error": {"message": "Incorrect API key provided"}}, errors.WrongKey),
    (
        401,
        {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}},
        errors.WrongKey,
    ),
    (402, {"error": {"message": "Insufficient credits. Add more and try again.", "code": 402}}, errors.QuotaExceeded),
    (402, {"error": {"message": "Insufficient Balance", "code": "invalid_request_error"}}, errors.QuotaExceeded),
    (402, b"Payment Required", errors.QuotaExceeded),
    (
        400,
        {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the API."},
        },
        errors.QuotaExceeded,
    ),
    (
        429,
        {"error": {"message": "You exceeded your current quota", "type": "exceeded_current_quota_error"}},
        errors.QuotaExceeded,
    ),
    (403, {"code": "x", "message": "账户余额不足"}, errors.QuotaExceeded),
    (
        429,
        [
            {
                "error": {
                    "code": 429,
                    "message": "You exceeded your current quota, please check your plan and billing details.",
                    "details": [{"retryDelay": "7s"}],
                }
            }
        ],
        errors.RateLimited,
    ),
    (429, b"slow down", errors.Busy),
    (
        400,
        {
            "error": {
                "message": "The response was filtered due to the prompt triggering the content management policy.",
                "code": "content_filter",
                "param": "prompt",
            }
        },
        errors.Filtered,
    ),
    (
        400,
        {"code": "data_inspection_failed", "message": "Input data may contain inappropriate content."},
        errors.Filtered,
    ),
    (400, {"error": {"message": "Your input was flagged by our safety system"}}, errors.Filtered),
    (
        400,
        {"error": {"message": "This model's maximum context length is 4096 tokens. However, you requested 5000."}},
        errors.RequestRejected,
    ),
    (400, {"error": {"message": "This model does not support image input"}}, errors.RequestRejected),
    (
        403,
        {
            "error": {
                "message": "Country, region, or territory not supported",
                "code": "unsupported_country_region_territory",
            }
        },
        errors.RequestRejected,
    ),
    (404, b"<html><title>404 Not Found</title></html>", errors.WrongAddress),
    (404, {"detail": "Not Found"}, errors.WrongAddress),
    (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, errors.ModelFailed),
    (500, {"detail": "CUDA out of memory"}, errors.ModelFailed),
    (504, b"<html><h1>504 Gateway Time-out</h1></html>", errors.ModelFailed),
    (200, {"message": "Rate limit exceeded: free-models-per-min.", "code": 429}, errors.ModelFailed),
    (200, {"message": "Too many requests, slow down"}, errors.ModelFailed),
    (200, {"message": "Overloaded", "type": "server_error"}, errors.ModelFailed),
    (200, {"message": "Incorrect API key provided", "code": "401"}, errors.WrongKey),
]


@pytest.mark.parametrize(("status", "body", "error"), MEANINGS)
def test_a_rejection_means_what_its_codes_and_words_say(
    status: int, body: Any, error: type[errors.StudioError]
) -> None:
    assert type(error_of(rejection_of(body), status, "acme/writer-7b")) is error


NO_MONEY, NO_KEY, NO_MODEL = errors.QuotaExceeded, errors.WrongKey, errors.ModelNotFound
UNSAFE, NO_DOOR, REJECTED = errors.Filtered, errors.WrongAddress, errors.RequestRejected
WORDS: list[tuple[str, int, str, type[errors.StudioError]]] = [
    ("LiteLLM", 400, "Budget has been exceeded! Current cost: 12.1, Max budget: 10.0", NO_MONEY),
    ("Anthropic", 400, "You have reached your specified API usage limits.", NO_MONEY),
    ("Google", 403, "This API method requires billing to be enabled.", NO_MONEY),
    ("DashScope", 403, "The free tier of the model has been exhausted.", NO_MONEY),
    ("DashScope", 400, "Arrearage: please make sure your account is in good standing.", NO_MONEY),
    ("xAI", 403, "Your newly created team doesn't have any credits yet.", NO_MONEY),
    ("xAI", 429, "Your team has used all available credits or reached its monthly spending limit.", NO_MONEY),
    ("Fireworks", 412, "Account is suspended, possibly due to reaching the monthly spending limit", NO_MONEY),
    ("Cloudflare", 429, "you have used up your daily free allocation of 10,000 neurons", NO_MONEY),
    ("OpenAI", 429, "billing_not_active: Your account is not active", NO_MONEY),
    ("Upstage", 403, "Your API key is suspended because of insufficient credit in your account.", NO_MONEY),
    ("Korean", 403, "크레딧이 부족합니다.", NO_MONEY),
    ("a gateway", 429, "Daily token quota exhausted for this key", NO_MONEY),
    ("a gateway", 403, "payment overdue, please settle your invoice", NO_MONEY),
    ("a gateway", 400, "No model named 'acme/writer-7b'", NO_MODEL),
    ("Groq", 413, "Request too large. Upgrade at https://a.b/settings/billing_required", errors.RequestRejected),
    ("OpenRouter", 403, 'Your input was flagged for "violence". No credits were charged.', errors.Filtered),
    ("xAI", 403, "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO", errors.Filtered),
    ("Anthropic", 403, "Your API key does not have permission to use the specified resource.", NO_KEY),
    ("Google", 403, "Your API key was reported as leaked. Please use another API key.", NO_KEY),
    ("Google", 400, "Multiple authentication credentials received. Please pass only one.", NO_KEY),
    ("Bedrock", 403, "The security token included in the request is invalid.", NO_KEY),
    ("Korean", 403, "유효하지 않은 API 키입니다.", NO_KEY),
    ("LiteLLM", 403, "key_model_access_denied: key can only access models=['gpt-4']", NO_MODEL),
    ("Bedrock", 400, "The provided model identifier is invalid.", NO_MODEL),
    ("Bedrock", 403, "You don't have access to the model with the specified model ID.", NO_MODEL),
    ("GitHub", 403, "No access to model: acme/writer-7b", NO_MODEL),
    ("Hugging Face", 400, "The requested model 'acme/writer-7b' is not a chat model.", NO_MODEL),
    ("Korean", 400, "존재하지 않는 모델입니다: acme/writer-7b", NO_MODEL),
    ("OpenRouter", 403, "Key limit exceeded (total limit).", NO_MONEY),
    ("Mistral", 403, "You cannot consume this service. Inactive subscription or usage limit reached.", NO_MONEY),
    ("Google", 429, "Your prepayment credits are depleted.", NO_MONEY),
    ("Cohere", 429, "You are using a Trial key, which is limited to 1000 API calls / month.", NO_MONEY),
    ("a gateway", 403, "Your account has been suspended due to unpaid invoices", NO_MONEY),
    ("LiteLLM", 429, "ExceededBudget: User=x over budget. Spend=1.0", NO_MONEY),
    ("Baidu", 200, "Open api daily request limit reached", NO_MONEY),
    ("DeepSeek", 400, "Content Exists Risk", UNSAFE),
    ("Qwen", 400, "Input data may contain inappropriate content.", UNSAFE),
    ("Zhipu", 400, "系统检测到输入或生成内容可能包含不安全或敏感内容", UNSAFE),
    ("Korean", 400, "부적절한 내용이 포함되어 있어 처리할 수 없습니다.", UNSAFE),
    ("Bedrock", 403, "User: x is not authorized to perform: bedrock:InvokeModel", NO_KEY),
    ("Bedrock", 403, "The request signature we calculated does not match the signature you provided.", NO_KEY),
    ("Cloudflare", 403, "Authentication error", NO_KEY),
    ("Hugging Face", 403, "This authentication method does not have sufficient permissions", NO_KEY),
    ("Envoy", 403, "RBAC: access denied", NO_KEY),
    ("AWS", 403, "Forbidden", NO_KEY),
    ("Google", 400, "Please pass a valid API key", NO_KEY),
    ("MiniMax", 200, "login fail: Please carry the API secret key in the 'Authorization' field", NO_KEY),
    ("Korean", 403, "이 작업을 할 권한이 없습니다.", NO_KEY),
    ("Google", 403, "User location is not supported for the API use without permission.", REJECTED),
    ("Groq", 400, "model_terms_required: The model requires terms acceptance.", NO_MODEL),
    ("LiteLLM", 401, "team_model_access_denied: team not allowed to access model", NO_MODEL),
    ("Bedrock", 400, "Invocation of model ID acme with on-demand throughput isn't supported.", NO_MODEL),
    ("LM Studio", 400, "Model acme/writer-7b is not loaded. Use `lms load`", NO_MODEL),
    ("LM Studio", 200, "Unexpected endpoint or method. (POST /chat/completions)", NO_DOOR),
    ("FastAPI", 405, "Method Not Allowed", NO_DOOR),
    ("OpenAI", 404, "Invalid URL (POST /chat/completions)", NO_DOOR),
]  # fmt: skip


@pytest.mark.parametrize(("server", "status", "message", "error"), WORDS)
def test_money_keys_models_and_filters_are_known_by_every_servers_words(
    server: str, status: int, message: str, error: type[errors.StudioError]
) -> None:
    code = message.partition(":")[0]
    rejection = rejection_of({"error": {"message": message, "code": code if "_" in code else None}})
    raised = error_of(rejection, status, "acme/writer-7b")
    assert type(raised) is error
    for language in ("ko", "en"):
        assert message in words.error(language, raised), "the reader sees the server's own words"


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({}, {"retry_after": "2"}, 2),
        ({}, {"retry_after_ms": "1500"}, 1.5),
        ({"error": {"message": "Please try again in 20s."}}, {}, 20),
        ({"error": {"message": "Please try again in 1m2.5s."}}, {}, 62.5),
        ({"error": {"message": "Please try again in 500ms."}}, {}, 0.5),
        ({"error": {"message": "Please retry after 6 seconds."}}, {}, 6),
        ({"error": {"message": "Please try again in 1h13m5.5s."}}, {}, 4385.5),
        ({"error": {"message": "Retry in 2 minutes and 5 seconds"}}, {}, 125),
        ({"error": {"message": "Wait 3 hours."}}, {}, 10_800),
        ({"message": "30초 후에 다시 시도해 주세요."}, {}, 30),
        ({"message": "1시간 5분 뒤에 다시 시도해 주세요."}, {}, 3900),
        ({"message": "请在 30 秒后重试"}, {}, 30),
        ({"message": "Try again in 5 models"}, {}, None),
        ([{"error": {"message": "wait", "details": [{"retryDelay": "7s"}]}}], {}, 7),
        ({"error": {"message": "Try later."}}, {}, None),
        ({}, {"retry_after": "nan"}, None),
    ],
)
def test_the_seconds_to_wait_are_read_where_servers_put_them(
    body: Any, headers: dict[str, str], seconds: float
) -> None:
    assert rejection_of(body, **headers).wait_s == seconds
