"""Why a server did not answer: the reason in an error body of any shape, and the error that it means.

OpenAI's shape is ``{"error": {"message", "type", "param", "code"}}``. Others send a list, a string, ``detail`` as text
or list (FastAPI), ``message`` or ``msg`` at the top, ``errors`` (Cloudflare, JSON:API), JSON inside a string
(gateways), plain text, or a proxy's page in HTML. The reason in any of them is read by its words.
"""

from __future__ import annotations

import html
import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.domain import errors
from lib.domain.exchange import JSON, Exchange, events, is_stream, loads, storable

DROPPABLE = ("temperature", "max_completion_tokens", "max_tokens", "stream_options", "store", "metadata")
"""The parameters that a model may reject and can write without."""

_LONGEST = 500
"""Characters of a reason that are shown."""


@dataclass(frozen=True)
class Rejection:
    """What an error body says."""

    reason: str = ""
    """In the server's own words, at most 500 characters; empty where it has none."""
    codes: tuple[str, ...] = ()
    """Every code, type and status in it, the most telling first."""
    param: str | None = None
    """The parameter that it names as the reason."""
    status: int | None = None
    """The HTTP status that it names: gateways put an error of their upstream into an answer with 200."""
    wait_s: float | None = None
    """The seconds that it asks to wait."""

    @property
    def code(self) -> str | None:
        """The most telling code."""
        return self.codes[0] if self.codes else None


def read_rejection(exchange: Exchange) -> Rejection:
    """The rejection in the body of an answer with a status of 400 or above."""
    if is_stream(exchange):
        value: Any = list(events(exchange.body))
    else:
        value = loads(exchange.body)
        if value is None and exchange.body != b"null":
            value = _words_of(exchange.body[:20_000].decode("utf-8", errors="replace"))
    return rejection_in(value, exchange.headers)


def rejection_in(value: Any, headers: Mapping[str, str] | None = None) -> Rejection:
    """The rejection in a JSON value of any shape."""
    nodes = list(itertools.islice(_nodes(value), _MOST_NODES))
    reason = _joined(text for node in nodes for text in _reasons(node))
    everywhere = list(itertools.islice(_nodes(value, all_members=True), _MOST_NODES))
    if not reason:
        nodes = everywhere
        reason = _joined(text for node in nodes for text in _reasons(node))
    if not reason and value:
        reason = json.dumps(value, ensure_ascii=False)
    named = [code for node in nodes for code in _codes(node)]
    numbers = [int(code) for code in named if code.isascii() and code.isdecimal() and len(code) < 7]
    telling = [code for code in named if not code.isdecimal()]
    params = (*map(_param, nodes), _only_name(everywhere))
    return Rejection(
        reason=str(storable(reason[:_LONGEST])),
        codes=tuple(dict.fromkeys((*telling, *map(str, numbers)))),
        param=next(filter(None, params), None),
        status=next((number for number in numbers if 400 <= number < 600), None),
        wait_s=_wait_s(headers or {}, reason, nodes),
    )


# -- the body --------------------------------------------------------------------------------------------------------

_INNER = (
    "error", "errors", "detail", "details", "message", "innererror", "metadata", "raw", "fault", "base_resp", "cause",
    "body", "response", "fieldViolations", "violations",
)  # fmt: skip
_REPEATED = ("input", "inputs", "request", "ctx", "url", "headers")
"""Members in which servers send back what they were sent."""
_WORDS = (
    "message", "msg", "detail", "error", "error_description", "error_message", "errorMessage", "error_msg", "Message",
    "title", "description", "faultstring", "status_msg",
)  # fmt: skip
_CODES = ("code", "type", "status", "reason", "status_code", "error_code", "errorCode", "Code")
_NO_CODES = ("error", "object", "", "none")
_MOST_NODES = 60
_MOST_ITEMS = 5
_DEEPEST = 5


def _nodes(value: Any, depth: int = 0, *, all_members: bool = False) -> Iterator[Any]:
    """The objects and texts of an error body, an error's own members before what stands around it.

    Of the members that hold others only those with a usual name are looked into, unless ``all_members`` are wanted.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        inner = loads(value[value.index("{") :]) if "{" in value else None
        if isinstance(inner, dict):
            yield value[: value.index("{")].strip(" :-")
            yield from _nodes(inner, depth + 1, all_members=all_members)
        else:
            yield value
    elif isinstance(value, list):
        for item in value[:_MOST_ITEMS]:
            yield from _nodes(item, depth + 1, all_members=all_members)
    elif isinstance(value, dict):
        own = {name: item for name, item in value.items() if not isinstance(item, dict | list)}
        names = (*_INNER, *(value if all_members else ()))
        inner_values = [
            (name, value[name])
            for name in dict.fromkeys(names)
            if isinstance(value.get(name), dict | list) and name not in _REPEATED
        ]
        if "error" not in dict(inner_values):
            yield own
        for name, item in inner_values:
            if name == "errors" and isinstance(item, dict) and not any(word in item for word in _WORDS):
                for field, texts in itertools.islice(item.items(), _MOST_ITEMS):
                    yield from _of_field(field, texts, depth + 1)
            elif name in _NAMES and isinstance(item, list):
                yield from _of_field(name, item, depth + 1)
            else:
                yield from _nodes(item, depth + 1, all_members=all_members)
        yield from (part for part in map(_json_in, own.values()) if part)
        if "error" in dict(inner_values):
            yield own
        if "loc" in value:
            yield {"loc": value["loc"]}


def _of_field(field: str, texts: Any, depth: int) -> Iterator[JSON]:
    """What a validator says about one field; fields may stand within one that is named after the body."""
    if isinstance(texts, dict) and not any(word in texts for word in _WORDS) and depth < _DEEPEST:
        for name, inner in itertools.islice(texts.items(), _MOST_ITEMS):
            yield from _of_field(name, inner, depth + 1)
    else:
        yield {"loc": [field], "msg": _joined(itertools.islice(_nodes(texts, depth), _MOST_ITEMS))}


def _json_in(text: Any) -> Any:
    """The object in a text that holds one, such as the ``raw`` answer of a gateway's upstream."""
    if not isinstance(text, str) or "{" not in text:
        return None
    inner = loads(text[text.index("{") :])
    return {name: item for node in _nodes(inner, 3) if isinstance(node, dict) for name, item in node.items()} or None


def _reasons(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        where = node.get("loc")
        for name in _WORDS:
            text = node.get(name)
            if isinstance(text, str) and text.strip() and not _json_in(text):
                field = where[-1] if isinstance(where, list) and where else None
                yield f"{field}: {text}" if field and str(field) not in text else text


def _joined(texts: Iterable[Any]) -> str:
    """Distinct texts in one line, none of them within another."""
    parts: list[str] = []
    for text in texts:
        line = " ".join(text.split()) if isinstance(text, str) else ""
        if line and not any(line in part for part in parts):
            parts = [part for part in parts if part not in line]
            parts.append(line)
    return " · ".join(parts[:5])


def _codes(node: Any) -> Iterator[str]:
    for name in _CODES if isinstance(node, dict) else ():
        value = node.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).lower() not in _NO_CODES:
            yield str(value)[:100]


def _param(node: Any) -> str | None:
    if not isinstance(node, dict):
        return None
    where = node.get("loc")
    names = [part for part in where if isinstance(part, str) and part != "body"] if isinstance(where, list) else []
    param = node.get("param") or node.get("field") or (names[0] if names else None)
    return param if isinstance(param, str) else None


def _only_name(nodes: Iterable[Any]) -> str | None:
    """The parameter whose name is a value by itself, wherever a validator put it, unless there are several."""
    values = (value for node in nodes for value in (node.values() if isinstance(node, dict) else (node,)))
    names = {value for value in values if isinstance(value, str) and value in _NAMES}
    return names.pop() if len(names) == 1 else None


_SCRIPTS = re.compile(r"<(script|style)\b[^>]*>[^<]*(?:<(?!/)[^<]*)*", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")


def _words_of(text: str) -> str:
    """A plain text as it is; a page in HTML as the words that a browser would show."""
    if not text.lstrip().startswith("<"):
        return text
    return _joined(html.unescape(line) for line in _TAGS.sub("\n", _SCRIPTS.sub("\n", text)).split("\n"))


# -- how long to wait ------------------------------------------------------------------------------------------------

_UNITS_S = (("ms|milli", 0.001), ("h|시간|小时", 3600), ("m|분", 60), ("s|초|秒", 1))
"""How the units of a duration begin, the longer beginnings first, and their seconds."""
_UNIT = r"(?:h(?:ours?|rs?)?|m(?:s|illi\w*|in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?|시간|분|초|小时|分钟|秒)"
_DURATION = rf"(?<!\d)\d{{1,9}}(?:\.\d{{1,9}})? ?{_UNIT}"
_DURATIONS = rf"{_DURATION}(?:(?:,? and |,? )?{_DURATION}){{0,3}}"
_TRY_AGAIN = re.compile(
    rf"(?:try again|retry(?: after| in|ing in)?|wait)(?: after| in| for)? ({_DURATIONS})(?![a-z])"
    rf"|({_DURATIONS}) ?(?:후|뒤|이후|后|後|之后)",
    re.IGNORECASE,
)


def _wait_s(headers: Mapping[str, str], reason: str, nodes: list[Any]) -> float | None:
    """How many seconds the server asks to wait: in a header, in a member or in its words."""
    lower = {name.lower(): value for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        seconds = _number(lower.get(name), unit)
        if seconds is not None:
            return seconds
    for node in nodes:
        delay = node.get("retryDelay") if isinstance(node, dict) else None  # google.rpc.RetryInfo
        seconds = _number(delay.removesuffix("s"), 1.0) if isinstance(delay, str) else None
        if seconds is not None:
            return seconds
    words = _TRY_AGAIN.search(reason)
    if words is None:
        return None
    return sum(map(_seconds, re.findall(_DURATION, words[1] or words[2], re.IGNORECASE)))


def _seconds(duration: str) -> float:
    number, unit = re.findall(r"[\d.]+|[^\d. ]+", duration.lower())[:2]
    return float(number) * next(seconds for names, seconds in _UNITS_S if unit.startswith(tuple(names.split("|"))))


def _number(text: str | None, unit: float) -> float | None:
    try:
        seconds = float(text or "") / unit
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


# -- what it means ---------------------------------------------------------------------------------------------------

_TIMED_OUT = (408, 499)
"""Statuses that look like a rejection but say that somebody stopped waiting: the answer may have been written."""


def _phrases(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_LINKS = re.compile(r"https?://\S+")
"""Where a server sends its reader, such as to its page of bills, says nothing about what is wrong."""
_QUOTA = _phrases(
    "insufficient[ _](quota|credit|balance|fund)", "(not enough|no|any) (credits?|balance|funds)\\b", "out of credit",
    "(used|exceeded) (up )?(all|your) .{0,30}(credits?|quota|spend|usage|allocation)", "arrears", "arrearage",
    "(spend(ing)?|credit|budget|api usage|billing_hard)[ _]limits?(?![a-z])",
    "(usage|key|daily request|subscription) limit (was |is |has been )?(reached|exceeded)", "over budget",
    "credits? (is |are |has been |have been )?(depleted|exhausted|used up)", "unpaid", "trial key",
    "quota[ _](was |is |has been )?(exceeded|exhausted|used up)",
    "exceeded_current_quota", "budget.{0,20}exceeded",
    "free (tier|allocation|quota|trial)[^.]{0,40}(exhausted|used up|over)",
    "billing[ _]((to be |is |must be )?(enabled|details|required|not[ _]active|error|issue))", "in good standing",
    "(purchase|buy|add) .{0,10}credits", "credit balance is too low", "payment[ _](required|method|overdue|failed)",
    "余额不足", "欠费", "(잔액|크레딧|포인트|한도).{0,6}(부족|초과|소진)",
)  # fmt: skip
_TOO_MANY = _phrases("rate.?limit", "too many requests")
_FILTER = _phrases(
    "content[ _](filter|policy|management)", "responsibleaipolicy", "data_inspection_failed", "prohibited_content",
    "sensitive_content", "content_blocked", "prompt.{0,20}(blocked|flagged)", "flagged (by|as|for)", "moderation",
    "safety (system|filter|polic)", "safety_check", "content exists risk",
    "(inappropriate|sensitive|unsafe|harmful|offensive) (content|material|language)",
    "(敏感|不安全|违规|不当|不良).{0,6}(内容|信息|词)", "(부적절|유해|선정적|폭력적|민감)한? .{0,6}(내용|표현|콘텐츠)",
    "violat\\w+ .{0,20}(usage|content|acceptable|safety)",
)  # fmt: skip
_KEY_NAMES = (
    "((api|access|subscription|security|bearer|auth\\w*)[ _-]?(key|token|credentials?)|(api|인증|액세스) ?(키|토큰))"
)
_KEY = _phrases(
    "invalid_api_key", "api_key_invalid", "invalid_authentication", "authentication_error", "unauthenticated",
    "permission_error", "invalid x-api-key",
    f"(invalid|incorrect|wrong|missing|expired|no|bad|multiple)\\b.{{0,20}}{_KEY_NAMES}",
    f"{_KEY_NAMES}\\b.{{0,60}}(invalid|not valid|incorrect|wrong|missing|expired|revoked|not found|disabled|required"
    "|leaked|suspended|have permission)",
    f"(pass|provide|supply|use|carry) (a |an |the |your )?(valid |correct )?{_KEY_NAMES}",
    "login fail", "no_?auth_?error", "(signature|서명).{0,60}(not match|invalid|incorrect|일치하지)",
    f"(유효하지|잘못된|만료|없는|올바르지).{{0,10}}{_KEY_NAMES}",
    f"{_KEY_NAMES}.{{0,10}}(유효하지|잘못|만료|없|올바르지)",
)  # fmt: skip
_NO_RIGHT = _phrases(
    "(un|not |no |mis)auth(enticat|oriz|oris)", "authenticat", "authoriz", "permission", "forbidden", "access denied",
    "disallow", "not allowed to", "credential", "api .{0,80}(blocked|disabled)", "권한", "인증", "鉴权", "无权", "认证",
)  # fmt: skip
"""What an answer with 403 says of the key or its rights; one that says something else is about the request."""
_COUNTRY = _phrases("country", "region", "territor", "location")
_MODEL_CODES = _phrases(
    "(unknown_|invalid_)model", "deploymentnotfound",
    "model_?(not_?(found|available|supported|exist)|deprecated|decommissioned|retired|access_denied"
    "|terms_required)",
)  # fmt: skip
_GONE = _phrases(
    "not[ _]?found", "(does|do|did) ?n[o']t exist", "not exist", "is not (available|a valid|a chat|supported)",
    "is not (loaded|running|deployed|served|installed)",
    "unknown", "is invalid", "isn't available", "unavailable", "no longer (available|supported)", "not a valid model",
    "no(t have)? access",
    "(been|was|is|are) (retired|deprecated|removed|decommissioned|shut down|discontinued)", "찾을 수 없", "不存在",
).pattern  # fmt: skip
_MODEL = _phrases(
    f"\\b(models?|deployment)\\b(?! does not support)[^;\\n]{{0,120}}?({_GONE})", "not a valid model",
    "\\b(unknown|invalid|no such|nonexistent|access to( the| this)?) model\\b", "no endpoints found",
    "no models? (loaded|named|called)", "on-demand throughput", "allowed to access( this| the)? model",
    "(모델|模型).{0,60}(찾을 수 없|없습니다|않습니다|不存在)", "(존재하지 않|없|알 수 없)는 모델",
)  # fmt: skip


_ADDRESS = _phrases(
    "unexpected endpoint", "method not allowed", "no such (endpoint|route)",
    "(unknown|invalid) (endpoint|route|url)\\b", "cannot (post|get) /", "no route",
)  # fmt: skip

_OF_BATCHES: dict[str, Callable[[], errors.StudioError]] = {
    "batch_expired": errors.NotInTime,
    "batch_cancelled": errors.CancelledThere,
    "token_limit_exceeded": lambda: errors.QueueFull(seconds=_QUEUE_FULL_S),
}
"""What the Batch API says of requests that it has not executed, by its codes."""
_QUEUE_FULL_S = 600
"""Seconds after which a batch is offered again that found the organisation's queue full."""


def error_of(rejection: Rejection, status: int, model: Any) -> errors.StudioError:
    """The error that a rejection means, by its codes, its words and the status of the answer that it came in.

    A failure inside an answer with status 200 has its status in the body; a rate limit there is told in the gateway's
    own words, because it says how its upstream is, not how long to wait.
    """
    codes, reason = " ".join(rejection.codes), rejection.reason
    words = _LINKS.sub("", f"{codes} {reason}")
    inside = status < 400
    status = rejection.status or (429 if _TOO_MANY.search(words) else 500) if inside else status
    detail = reason or f"HTTP {status}"
    may_be_quota = status not in (404, 422) and not (status == 429 and rejection.wait_s is not None)
    if status in (400, 403, 451) and _FILTER.search(words):
        return errors.Filtered(server_words=reason)
    if error := _OF_BATCHES.get(rejection.code or ""):
        return error()
    if status == 402 or "insufficient_quota" in codes or (may_be_quota and _QUOTA.search(words)):
        return errors.QuotaExceeded(server_words=reason)
    if status == 429 and not inside:
        seconds = rejection.wait_s
        if seconds is None:
            return errors.Busy(server_words=reason)
        return errors.RateLimited(seconds=math.ceil(seconds), server_words=reason)
    if status in (500, 501) and _UNSUPPORTED.search(reason) and _named(rejection):
        return errors.RequestRejected(detail=detail)  # llama.cpp: 500 "Unsupported param"
    has_no_right = status == 403 and _NO_RIGHT.search(words) and not _COUNTRY.search(words)
    is_key = _KEY.search(words) or has_no_right
    if inside and status == 500 and (is_key or _ADDRESS.search(words)):
        status = 401 if is_key else 404
    if status >= 500 or status == 429 or status in _TIMED_OUT:
        return errors.ModelFailed(detail=detail)
    if _MODEL_CODES.search(codes):
        return errors.ModelNotFound(model=model, server_words=reason)
    if status == 401 or (_KEY.search(words) and not _MODEL.search(reason)):
        return errors.WrongKey(server_words=reason)
    is_model = status == 404 and re.search(r"\bmodels?\b|api deployment", words, re.IGNORECASE)
    if is_model or (not _named(rejection) and (_MODEL.search(reason) or _names_model(reason, model))):
        return errors.ModelNotFound(model=model, server_words=reason)
    if is_key:
        return errors.WrongKey(server_words=reason)
    if status in (404, 405) or _ADDRESS.search(words):
        return errors.WrongAddress(detail=detail)
    return errors.RequestRejected(detail=detail)


def _names_model(reason: str, model: Any) -> bool:
    if not isinstance(model, str) or not model:
        return False
    return bool(_phrases(rf"{re.escape(model)}\W.{{0,60}}({_GONE})").search(reason))


# -- which parameter it does not take --------------------------------------------------------------------------------

_UNSUPPORTED_CODES = frozenset(("unsupported_parameter", "unsupported_value", "unknown_parameter", "extra_forbidden"))
_UNSUPPORTED = _phrases(
    "(unsupported|unknown|unrecogni[sz]ed|unexpected|extra|invalid|no such) (\\w+ )?(param|arg|field|name|input|key)",
    "additional propert", "cannot find field", "(not|n't) (\\w+ )?(supported|permitted|allowed|recogni|implemented)",
    "지원(하지|되지) ?않", "不支持",
)  # fmt: skip
"""How most servers say that they do not take a parameter at all."""
_OUT_OF_RANGE = _phrases(
    "too (large|long|big|high|small|low|many|few)", "at (most|least)", "maximum", "minimum", "exceed", "between",
    "(less|greater|more|larger|smaller|higher|lower) than", "out of", "\\brange\\b",
    r"[<>]=? ?-?\d+(?![\d>])", "limit", "context", "above",
    "below", "up to", "positive", "expected a", "reduce",
)  # fmt: skip
"""How a server says that it takes the parameter, but not this value: that is the writer's to mend."""
_FORMAT_WORDS = (
    "json_schema", "json_object", "json mode", "json output", "structured output", "response_schema",
    "response_mime_type", "guided decoding", "grammar",
)  # fmt: skip


def rejected_parameter(rejection: Rejection, request: JSON) -> str | None:
    """The parameter of the request that the server does not take, in whatever wording; None where it is about others.

    ``response_format``, or one of :data:`DROPPABLE`. A value out of range is no rejected parameter, and a text that
    repeats the whole request rejects none of its parameters.
    """
    reason = rejection.reason
    if not _UNSUPPORTED_CODES.intersection(rejection.codes):
        out_of_range = _OUT_OF_RANGE.search(" ".join((reason, *rejection.codes)))
        is_format = (rejection.param or "").startswith("response_format")  # which has no range
        if out_of_range and not is_format and (rejection.param or not _UNSUPPORTED.search(reason)):
            return None
        repeats_request = sum(_place(name, reason) < math.inf for name in request) > _MOST_NAMED
        if not rejection.param and repeats_request and not _UNKNOWN_NAME.search(reason):
            return None
    return _named(rejection, [name for name in _NAMES if name in request])


_UNKNOWN_NAME = re.compile(
    rf"(?:{_UNSUPPORTED.pattern})\w*[^\w{{}}]{{0,4}}({'|'.join(('response_format', *DROPPABLE))})\b", re.IGNORECASE
)
"""One name right behind the words that reject it, whatever is listed after it as known."""
_MOST_NAMED = 3
"""Names of the request's members in a rejection of one of them: its own, its older name, and ``model``."""


_NAMES = ("response_format", *DROPPABLE)
_MEMBERS = (*_NAMES, "model", "messages", "prompt", "stream")
"""What a ``param`` may name; some servers put something else there, such as ``validation_error``."""


def _named(rejection: Rejection, names: Sequence[str] = _NAMES) -> str | None:
    """The parameter of these that a rejection names: as such, or else the first in its words."""
    param = re.split(r"[.\[]", rejection.param or "")[0]
    if param in _MEMBERS or (param and _place(param, rejection.reason) < math.inf):
        return param if param in names else None
    places = {name: _place(name, rejection.reason) for name in names}
    if "response_format" in places:
        places["response_format"] = min(
            _place(words, rejection.reason) for words in ("response_format", *_FORMAT_WORDS)
        )
    first = min(places, key=lambda name: places[name], default=None)
    return first if first and places[first] < math.inf else None


def _place(name: str, reason: str) -> float:
    match = re.search(rf"(?<!\w){re.escape(name).replace('_', '_?')}s?(?!\w)", reason, re.IGNORECASE)
    return match.start() if match else math.inf
