"""What came back, understood: the bytes of one exchange become one named outcome.

Pure, and the same whether the answer has just arrived or is found on the disk after a crash.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lib.domain import errors
from lib.domain.caption import Caption
from lib.domain.exchange import JSON, Exchange, assembled, is_stream, loads, storable
from lib.domain.prompt import kept_caption


class Outcome(StrEnum):
    """Every way a request can end. All but the last three were answered, and all but the last may have been billed."""

    WRITTEN = "written"
    NEEDS_FIXING = "needs_fixing"
    REFUSED = "refused"
    EMPTY = "empty"
    INVALID = "invalid"
    TRUNCATED = "truncated"
    FILTERED = "filtered"
    INCOMPLETE = "incomplete"
    STOPPED = "stopped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


@dataclass(frozen=True)
class Answer:
    """One exchange as it is stored and shown."""

    outcome: Outcome
    caption: Caption | None = None
    """What can be read of the text, also where it may not be stored as a feed yet."""
    completion: JSON | None = None
    """The answer as one chat.completion object, storable as JSONB."""
    error: errors.StudioError | None = None
    error_code: str | None = None
    """The provider's own code, such as ``insufficient_quota``."""
    error_param: str | None = None
    """The parameter that the provider names as the reason."""
    retry_after_s: float | None = None
    broke_off: bool = False
    """Whether its stream ended before its time: what some servers count along until then is not the bill."""

    @property
    def model(self) -> str | None:
        """The model that really answered."""
        name = (self.completion or {}).get("model")
        return name[:255] if isinstance(name, str) and name else None

    @property
    def usage(self) -> JSON | None:
        """Token counts with their details, None where they are not known."""
        usage = (self.completion or {}).get("usage")
        return usage if isinstance(usage, dict) and usage and not self.broke_off else None

    @property
    def billing_unknown(self) -> bool:
        """Whether it may have been billed without our knowing how much."""
        return self.usage is None and not never_billed(self.outcome, self.error.code if self.error else None)


def never_billed(outcome: str, error_code: str | None) -> bool:
    """Whether a request certainly cost nothing: it was not sent, or rejected. A 5xx may have been billed."""
    return outcome == Outcome.NOT_SENT or (outcome == Outcome.FAILED and error_code != errors.ModelFailed.code)


def read(exchange: Exchange, request: JSON) -> Answer:
    """The outcome of ``request`` (the body as sent) from what travelled. Never raises on what a server sent."""
    if not exchange.sent:
        stopped = exchange.ending == "stopped"
        return Answer(Outcome.NOT_SENT, error=errors.Stopped() if stopped else errors.Interrupted())
    if exchange.status is None:
        return _unanswered(exchange)
    if exchange.status >= 400:
        return _rejected(exchange, request)
    completion = _completion(exchange)
    answer = _judge(completion, request) if completion else Answer(Outcome.INVALID, error=errors.InvalidAnswer())
    if completion and answer.outcome is not Outcome.INCOMPLETE:
        return answer  # judged by its content: an answer that is whole counts, however its connection ended
    if exchange.ending == "complete":
        return replace(answer, broke_off=answer.outcome is Outcome.INCOMPLETE and is_stream(exchange))
    if exchange.ending == "stopped":
        return replace(answer, outcome=Outcome.STOPPED, error=errors.Stopped(), broke_off=True)
    return replace(answer, outcome=Outcome.INCOMPLETE, error=errors.Incomplete(), broke_off=True)


def caption_in(completion: Any) -> Caption | None:
    """The caption in a stored chat.completion object, whoever stored it; None where there is none to be read."""
    message = _choice(completion).get("message")
    content = message.get("content") if isinstance(message, dict) else None
    return _caption(content, plain=True) if isinstance(content, str) else None


# -- no answer ---------------------------------------------------------------------------------------------------


def _unanswered(exchange: Exchange) -> Answer:
    if exchange.ending == "not_delivered":
        detail = storable(exchange.error_detail or exchange.error_class or "")
        return Answer(Outcome.FAILED, error=errors.ModelUnreachable(detail=detail))
    if exchange.ending == "stopped":
        return Answer(Outcome.STOPPED, error=errors.Stopped())
    error = errors.ServerDied() if exchange.ending is None else errors.OutcomeUnknown()
    return Answer(Outcome.UNKNOWN, error=error)


def _rejected(exchange: Exchange, request: JSON) -> Answer:
    error = _error_in(loads(exchange.body))
    code = str(error.get("code") or error.get("type") or "") or None
    message = str(error.get("message") or "")
    detail = (message or f"HTTP {exchange.status}")[:500]
    seconds = _retry_after(exchange, message)
    status = exchange.status or 0
    names_model = code in ("model_not_found", "model_deprecated") or (status == 404 and "model" in message.lower())
    mapped: errors.ModelFailed
    if "insufficient_quota" in (error.get("code"), error.get("type")) or code == "billing_hard_limit_reached":
        mapped = errors.QuotaExceeded()
    elif status == 429:
        mapped = errors.Busy() if seconds is None else errors.RateLimited(seconds=math.ceil(seconds))
    elif status == 401 or code == "invalid_api_key":
        mapped = errors.WrongKey()
    elif names_model:
        mapped = errors.ModelNotFound(model=request.get("model"))
    elif status == 404:
        mapped = errors.WrongAddress(detail=detail)
    elif status >= 500 or status in _GIVEN_UP:
        mapped = errors.ModelFailed(detail=detail)
    else:
        mapped = errors.RequestRejected(detail=detail)
    param = error.get("param")
    return Answer(
        Outcome.FAILED,
        error=mapped,
        error_code=code,
        error_param=param if isinstance(param, str) else None,
        retry_after_s=seconds,
    )


_GIVEN_UP = (408, 499)
"""Statuses that look like a rejection but say that somebody stopped waiting: the answer may have been written."""


def _error_in(told: Any) -> JSON:
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}


def _retry_after(exchange: Exchange, message: str) -> float | None:
    """How many seconds the server asks to wait, in a header or in its words; None where it does not say."""
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    told = re.search(r"try again in ([0-9.]+) ?(ms|s)\b", message)
    if told and told[1].count(".") <= 1 and told[1] != ".":
        return float(told[1]) / (1000 if told[2] == "ms" else 1)
    return None


# -- an answer ---------------------------------------------------------------------------------------------------


def _completion(exchange: Exchange) -> JSON | None:
    """The answer as one chat.completion object, whether it was streamed or not."""
    if is_stream(exchange):
        return assembled(exchange.body)
    told = loads(exchange.body)
    return told if isinstance(told, dict) and ("choices" in told or _error_in(told)) else None


def _judge(completion: JSON, request: JSON) -> Answer:
    choice = _choice(completion)
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    content, refusal = message.get("content"), message.get("refusal")
    reason = choice.get("finish_reason")
    caption = _caption(content, plain="response_format" not in request) if isinstance(content, str) else None
    kept = kept_caption(request.get("messages", []))
    if caption and kept is not None:
        caption = Caption.compose(kept, (*caption.hashtags, *caption.parked))

    def ended(outcome: Outcome, error: errors.StudioError | None = None) -> Answer:
        return Answer(outcome, caption=caption, completion=completion, error=error)

    failed = _error_in(completion)
    if failed and not reason and not content:  # an error inside an answer that began well, as gateways send it
        return ended(Outcome.FAILED, errors.ModelFailed(detail=str(failed.get("message") or "")[:500] or "error"))
    if refusal:
        return ended(Outcome.REFUSED, errors.Refused(reason=str(refusal)[:500]))
    if reason == "length":
        most = request.get("max_completion_tokens") or request.get("max_tokens")
        return ended(Outcome.TRUNCATED, errors.Truncated(max_tokens=most or "?"))
    if reason == "content_filter":
        return ended(Outcome.FILTERED, errors.Filtered())
    if not reason:
        return ended(Outcome.INCOMPLETE, errors.Incomplete())
    if not isinstance(content, str) or not content.strip():
        return ended(Outcome.EMPTY, errors.EmptyAnswer())
    if caption is None or not caption.text or not _is_whole(content, request):
        if reason == "stop":
            return ended(Outcome.INVALID, errors.InvalidAnswer())
        return ended(Outcome.INCOMPLETE, errors.Incomplete())
    problems = caption.problems()
    if problems:
        return ended(Outcome.NEEDS_FIXING, errors.NeedsFixing(problems))
    return ended(Outcome.WRITTEN)


def _choice(completion: Any) -> JSON:
    choices = completion.get("choices") if isinstance(completion, dict) else None
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}


def _caption(content: str, *, plain: bool) -> Caption | None:
    """The caption in the model's text: the JSON that was asked for, also fenced or cut off, or else plain prose."""
    told = _object_in(content)
    if told is not None:
        text, tags = told.get("instagram_ad_copy"), told.get("hashtags", [])
        if not isinstance(text, str):
            return None
        given = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
        return Caption.compose(text, [tag for tag in given if isinstance(tag, str)])
    return Caption.compose(content, []) if plain and "{" not in content else None


def _is_whole(content: str, request: JSON) -> bool:
    """Whether the model's text ends where it should: a caption cut in two is shown, but never stored as it is."""
    return _whole_object_in(content) is not None or ("response_format" not in request and "{" not in content)


def _object_in(content: str) -> JSON | None:
    """The JSON object in the text, also one that is cut off."""
    from pydantic_core import from_json

    whole = _whole_object_in(content)
    if whole is not None or "{" not in content:
        return whole
    try:
        told = from_json(content[content.find("{") :], allow_partial="trailing-strings")
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _whole_object_in(content: str) -> JSON | None:
    try:
        told = json.loads(content[content.find("{") : content.rfind("}") + 1], strict=False)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
