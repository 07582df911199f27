"""What the model's server answers, and what it answers instead of a caption."""

from __future__ import annotations

from typing import ClassVar

from lib.domain.errors.base import StudioError, family


class AnswerError(StudioError):
    """Base of all answers of a model that do not become a feed. Most of them were paid for."""

    code = "answer_error"
    status = 502


class NeedsFixing(AnswerError):
    """The answer is a caption that breaks Instagram's rules. ``problems`` says which, and a person may edit it."""

    code = "needs_fixing"


class Refused(AnswerError):
    """The model declined; ``reason`` is the model's own text."""

    code = "refused"


class EmptyAnswer(AnswerError):
    """The answer has no text."""

    code = "empty"
    retryable = True


class InvalidAnswer(AnswerError):
    """The answer's text is not the JSON that was asked for. Its bytes are stored."""

    code = "invalid"
    retryable = True


class Truncated(AnswerError):
    """The answer ended at the limit of ``max_tokens``."""

    code = "truncated"


class Filtered(AnswerError):
    """The provider's content filter stopped the answer."""

    code = "filtered"


class Incomplete(AnswerError):
    """The connection broke after a part of the answer had arrived."""

    code = "incomplete"
    retryable = True


class Stopped(AnswerError):
    """A person stopped the generation. The text that had arrived is stored."""

    code = "stopped"
    status = 499


class OutcomeUnknown(AnswerError):
    """The request was sent and no answer arrived in time."""

    code = "unknown"
    status = 504
    retryable = True


class ServerDied(OutcomeUnknown):
    """The process ended after it sent the request and before it stored an answer."""

    code = "server_died"


class Interrupted(AnswerError):
    """The process ended before it sent the request."""

    code = "not_sent"
    status = 503
    retryable = True


class ModelFailed(StudioError):
    """The model's server answered with an error (5xx, or one of no known kind), or not in its protocol."""

    code = "model_failed"
    status = 502
    retryable = True
    never_billed: ClassVar[bool] = False
    """Whether a request that failed like this cost nothing for certain. A server that broke may have answered."""

    def __init_subclass__(cls, *, never_billed: bool) -> None:
        """Each kind of failure must state whether it is free: a class without the keyword cannot be defined."""
        super().__init_subclass__()
        cls.never_billed = never_billed


class NoKey(ModelFailed, never_billed=True):
    """A model other than the demo model was chosen, and ``OPENAI_API_KEY`` is not set."""

    code = "no_key"
    status = 422
    retryable = False


class WrongKey(ModelFailed, never_billed=True):
    """The model's server answered 401 or 403."""

    code = "wrong_key"
    retryable = False


class QuotaExceeded(ModelFailed, never_billed=True):
    """The model's server answered that the account has no credit or has reached its spending limit."""

    code = "quota_exceeded"
    status = 503
    retryable = False


class RateLimited(ModelFailed, never_billed=True):
    """The model's server answered 429 and said after how many ``seconds`` to try again."""

    code = "rate_limited"
    status = 503


class Busy(RateLimited, never_billed=True):
    """The model's server answered 429 or 503 without saying when to try again."""

    code = "busy"


class QueueFull(RateLimited, never_billed=True):
    """The account has too many tokens in the queue of the Batch API; ``seconds`` until it is asked again."""

    code = "queue_full"


class NotInTime(ModelFailed, never_billed=True):
    """The Batch API did not come to the request within its 24 hours."""

    code = "not_in_time"


class CancelledThere(ModelFailed, never_billed=True):
    """Somebody cancelled the request's batch at the model's server before the request was executed."""

    code = "cancelled_there"
    retryable = False


class NoBatchApi(ModelFailed, never_billed=True):
    """The ``model`` cannot be asked through a Batch API: its server has none."""

    code = "no_batch_api"
    status = 422
    retryable = False


class WrongAddress(ModelFailed, never_billed=True):
    """The address of ``OPENAI_BASE_URL`` has no chat completions."""

    code = "wrong_address"
    retryable = False


class ModelNotFound(ModelFailed, never_billed=True):
    """The model's server does not have the model."""

    code = "model_not_found"
    status = 422
    retryable = False


class RequestRejected(ModelFailed, never_billed=True):
    """The model's server rejects an option or the content of the request; ``detail`` is its reason."""

    code = "request_rejected"
    status = 422
    retryable = False


class ModelUnreachable(ModelFailed, never_billed=True):
    """No connection to the model's server could be made; nothing was sent."""

    code = "model_unreachable"
    status = 503


def is_never_billed(code: str | None) -> bool:
    """Whether a request that failed with the error of this code cost nothing for certain; False for other codes."""
    error = family(ModelFailed).get(code or "")
    return error is not None and error.never_billed
