"""The bytes of one exchange become one named outcome, whether they have just arrived or are read after a crash."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from lib.domain import errors
from lib.domain.answer.message import assembled, choices_in, deltas, texts_in
from lib.domain.answer.rejection import Rejection, error_of, read_rejection, rejected_parameter, rejection_in
from lib.domain.answer.text import Reading, read_text, without_wrapping
from lib.domain.answer.usage import read_usage
from lib.domain.caption import Caption
from lib.domain.exchange import JSON, Exchange, events, in_utf8, is_finished, is_stream, loads, plain_words, storable
from lib.domain.prompt import applied


class Outcome(StrEnum):
    """Every way a request can end, each with whether it certainly cost nothing; None: as its error says."""

    never_billed: bool | None

    def __new__(cls, value: str, never_billed: bool | None) -> Outcome:
        """A member cannot be made without saying whether it is free."""
        member = str.__new__(cls, value)
        member._value_, member.never_billed = value, never_billed
        return member

    WRITTEN = "written", False
    NEEDS_FIXING = "needs_fixing", False
    REFUSED = "refused", False
    EMPTY = "empty", False
    INVALID = "invalid", False
    TRUNCATED = "truncated", False
    FILTERED = "filtered", False  # Azure bills the prompt that its filter rejects (Azure OpenAI, content filtering)
    INCOMPLETE = "incomplete", False
    STOPPED = "stopped", False
    FAILED = "failed", None
    UNKNOWN = "unknown", False
    NOT_SENT = "not_sent", True


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
    rejected_parameter: str | None = None
    """The member of the request that the server does not take."""
    retry_after_s: float | None = None
    broke_off: bool = False
    """Whether its stream ended before its time: what some servers count along until then is not the bill."""

    @property
    def model(self) -> str | None:
        """The model that really answered."""
        name = (self.completion or {}).get("model")
        return name[:255] if isinstance(name, str) and name else None

    @cached_property
    def usage(self) -> JSON | None:
        """Token counts under OpenAI's names with their details, None where they are not known."""
        return None if self.broke_off else read_usage(self.completion)

    @property
    def billing_unknown(self) -> bool:
        """Whether it may have been billed without our knowing how much."""
        return self.usage is None and not never_billed(self.outcome, self.error.code if self.error else None)


def never_billed(outcome: str, error_code: str | None) -> bool:
    """Whether a request certainly cost nothing; False for outcomes and errors that only a newer release knows."""
    member = next((member for member in Outcome if member == outcome), None)
    if member is None:
        return False
    return errors.is_never_billed(error_code) if member.never_billed is None else member.never_billed


def read(exchange: Exchange, request: JSON) -> Answer:
    """The outcome of ``request`` (the body as sent) from what travelled. Never raises on what a server sent."""
    answer = _read(exchange, request)
    if exchange.service_tier and answer.completion is not None:
        return replace(answer, completion=answer.completion | {"service_tier": exchange.service_tier})
    return answer


def _read(exchange: Exchange, request: JSON) -> Answer:
    exchange = in_utf8(exchange)
    if not exchange.sent:
        stopped = exchange.ending == "stopped"
        return Answer(Outcome.NOT_SENT, error=errors.Stopped() if stopped else errors.Interrupted())
    if exchange.status is None:
        return _unanswered(exchange)
    if exchange.status >= 400:
        return _failed(read_rejection(exchange), exchange.status, request)
    completion = _completion(exchange)
    finished = is_finished(exchange)
    answer = Answer(Outcome.INVALID, error=errors.InvalidAnswer())
    if completion is not None:
        answer = _judge(completion, request, finished=finished, complete=exchange.ending == "complete")
    elif exchange.ending == "complete" and exchange.body.lstrip()[:1] == b"<":  # a sign-in page, a proxy's greeting
        answer = Answer(Outcome.INVALID, error=errors.WrongAddress(detail=read_rejection(exchange).reason))
    if answer.outcome in (Outcome.INVALID, Outcome.INCOMPLETE) and (words := plain_words(exchange)):
        answer = replace(answer, error=errors.ModelFailed(detail=words))  # a proxy's, in the place of an event
    if completion is not None and answer.outcome is not Outcome.INCOMPLETE:
        return answer  # judged by its content: an answer that is whole counts, however its connection ended
    if exchange.ending == "complete":
        return replace(answer, broke_off=answer.outcome is Outcome.INCOMPLETE and is_stream(exchange))
    if exchange.ending == "stopped":
        return replace(answer, outcome=Outcome.STOPPED, error=errors.Stopped(), broke_off=True)
    error = answer.error if isinstance(answer.error, errors.ModelFailed) else errors.Incomplete()
    return replace(answer, outcome=Outcome.INCOMPLETE, error=error, broke_off=True)


def caption_in(completion: Any) -> Caption | None:
    """The caption in a stored chat.completion object, whoever stored it; None where none can be read."""
    return next(
        (reading.caption for text in texts_in(completion) if (reading := read_text(text, plain=True)).caption), None
    )


def unread_caption(completion: Any, body: bytes | None = None) -> Caption:
    """The text of an answer in which no caption can be read, for a person to make one of it; empty where it has none.

    ``body`` holds the bytes as they came, for an answer that is no chat completion at all.
    """
    texts = texts_in(completion)
    if not texts and not choices_in(completion) and body and body.lstrip()[:1] != b"<":
        texts = [body.decode("utf-8", errors="replace")]
    text = str(storable(texts[0])) if texts else ""
    return Caption(without_wrapping(text) or text, ())


# -- no answer ---------------------------------------------------------------------------------------------------


def _unanswered(exchange: Exchange) -> Answer:
    if exchange.ending == "not_delivered":
        detail = storable(exchange.error_detail or exchange.error_class or "")
        return Answer(Outcome.FAILED, error=errors.ModelUnreachable(detail=detail))
    if exchange.ending == "stopped":
        return Answer(Outcome.STOPPED, error=errors.Stopped())
    error = errors.ServerDied() if exchange.ending is None else errors.OutcomeUnknown()
    return Answer(Outcome.UNKNOWN, error=error)


def _failed(rejection: Rejection, status: int, request: JSON, completion: JSON | None = None) -> Answer:
    error = error_of(rejection, status, request.get("model"))
    return Answer(
        Outcome.FILTERED if isinstance(error, errors.Filtered) else Outcome.FAILED,
        completion=completion,
        error=error,
        error_code=rejection.code,
        rejected_parameter=(
            rejected_parameter(rejection, request) if isinstance(error, errors.RequestRejected) else None
        ),
        retry_after_s=rejection.wait_s,
    )


# -- an answer ---------------------------------------------------------------------------------------------------

_CUT_OFF = re.compile(r"length|max_?(output_?)?tokens|token_?limit|context_?window|incomplete", re.IGNORECASE)
_FILTERED = re.compile(
    r"filter|safety|prohibited|blocklist|recitation|spii|sensitive|guardrail|refusal|moderation", re.IGNORECASE
)
_FINISHED = re.compile(r"stop|eos|end|complete|finish|success|tool|function", re.IGNORECASE)
"""What the three usual ends of an answer have in their names, whoever names them: OpenAI's name first."""


_REASON_PREFIX = re.compile(r"\AFINISH_REASON_", re.IGNORECASE)


def _completion(exchange: Exchange) -> JSON | None:
    """The answer as one chat.completion object, whether it was streamed or not."""
    value = loads(exchange.body)
    if isinstance(value, str):
        value = loads(value)
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else [value]
    if items and isinstance(items[0], dict):
        choices = choices_in(items[0])
        in_pieces = (
            any(delta for item in items for delta, _ in deltas(item))
            and not any("message" in choice for choice in choices)
            and (bool(choices) or len(items) > 1)
        )
        return assembled(items) if in_pieces else items[0]
    return assembled(events(exchange.body))


def _judge(completion: JSON, request: JSON, *, finished: bool, complete: bool) -> Answer:
    choice = next(iter(choices_in(completion)), {})
    message = choice.get("message")
    refusal = message.get("refusal") if isinstance(message, dict) else None
    reason = str(choice.get("finish_reason") or "")
    texts = texts_in(completion)
    reading = _best([read_text(text, plain="response_format" not in request) for text in texts])
    caption = reading.caption
    if caption and caption.text:
        caption = applied(caption, request.get("messages"))
    whole = reading.whole and bool(caption and caption.text)

    def ended(outcome: Outcome, error: errors.StudioError | None = None) -> Answer:
        return Answer(outcome, caption=caption, completion=completion, error=error)

    failure = _failure(completion, answered=bool(texts))
    if failure and not whole:
        rejection = rejection_in(failure)
        if texts:  # it failed in the middle: what it wrote until then may be billed
            return ended(Outcome.INCOMPLETE, errors.ModelFailed(detail=rejection.reason))
        return _failed(rejection, 200, request, completion)
    if refusal:
        return ended(Outcome.REFUSED, errors.Refused(reason=str(refusal)[:500]))
    if _CUT_OFF.search(reason):
        most = request.get("max_completion_tokens") or request.get("max_tokens")
        return ended(Outcome.TRUNCATED, errors.Truncated(max_tokens=most or "?"))
    if _FILTERED.search(reason):
        return ended(Outcome.FILTERED, errors.Filtered())
    if not texts and (reason or finished):
        if "choices" in completion or read_usage(completion):
            return ended(Outcome.EMPTY, errors.EmptyAnswer())
        return ended(Outcome.INVALID, errors.InvalidAnswer())
    # Without a reason only an object that is closed, in a body that came to its end, is known to be whole.
    if not whole or not (reason or (complete and reading.closed)):
        if _FINISHED.match(_REASON_PREFIX.sub("", reason)):
            return ended(Outcome.INVALID, errors.InvalidAnswer())
        return ended(Outcome.INCOMPLETE, errors.Incomplete())
    problems = caption.problems() if caption else []
    if problems:
        return ended(Outcome.NEEDS_FIXING, errors.NeedsFixing(problems))
    return ended(Outcome.WRITTEN)


def _best(readings: list[Reading]) -> Reading:
    whole = (reading for reading in readings if reading.whole)
    return next(whole, next((reading for reading in readings if reading.caption), Reading()))


def _failure(completion: JSON, *, answered: bool) -> Any:
    """The error inside an answer with status 200; without text and usage, whatever the body says instead of them."""
    for place in (completion, *choices_in(completion)):
        if place.get("error"):
            return place["error"]
    if answered or choices_in(completion) or read_usage(completion):
        return None
    failed = (name in _FAILURES or name.lower().startswith("err") for name, value in completion.items() if value)
    return completion if any(failed) else None


_FAILURES = ("detail", "message", "msg", "base_resp", "fault")
