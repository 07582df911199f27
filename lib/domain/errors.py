"""Everything that goes wrong on purpose: one family, each with a code for programs and a sentence for people.

The first paragraph of a class's docstring *is* its English sentence, formatted with the error's ``params``; the
pages look the code up in ``lib/ui/words.toml`` (``error.<code>``) and say it in the reader's language.
Anything that is not a :class:`StudioError` is a bug and must crash loudly into the log.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any, ClassVar


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing wrong with one field: ``code`` is looked up as ``problem.<code>``, ``params`` fill its sentence."""

    field: str
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.field}: {self.code}" + (f" ({told})" if told else "")


class StudioError(Exception):
    """Something went wrong in Feed Studio."""

    code: ClassVar[str] = "studio_error"
    status: ClassVar[int] = 500
    """The HTTP status a door over HTTP answers with."""
    retryable: ClassVar[bool] = False
    """Whether the same request, sent again unchanged, may succeed."""

    def __init__(self, **params: Any) -> None:
        self.params = params
        sentence = " ".join((inspect.getdoc(type(self)) or "").split("\n\n")[0].split())
        super().__init__(sentence.format_map(_Named(params)))

    def as_json(self) -> dict[str, Any]:
        """The parameters as they are recorded; :func:`from_code` makes the error of them again."""
        return dict(self.params)


class _Named(dict[str, Any]):
    """Format parameters that leave a name standing where its value was not given."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


# -- what was asked for ---------------------------------------------------------------------------------------------


class Invalid(StudioError):
    """These fields need a correction first: {problems}."""

    code = "invalid_fields"
    status = 422

    def __init__(self, problems: list[Problem] | str) -> None:
        """``problems`` is a string where the error is made again from its record."""
        self.problems = problems if isinstance(problems, list) else []
        super().__init__(problems=problems if isinstance(problems, str) else "; ".join(map(str, problems)))


class InvalidBrief(Invalid):
    """The brief cannot be sent yet: {problems}."""

    code = "invalid_brief"


class InvalidCaption(Invalid):
    """Instagram would not take this caption: {problems}."""

    code = "invalid_caption"


class InvalidFilter(Invalid):
    """This selection of captions cannot be understood: {problems}. Clear the filters and choose again."""

    code = "invalid_filter"


class FeedNotFound(StudioError):
    """There is no feed {feed_id} for this tenant. Check the link, or choose the tenant it belongs to."""

    code = "feed_not_found"
    status = 404


class FeedRefused(StudioError):
    """The database does not take this feed ({detail}). The text is kept; save it without its job, or ask the owner."""

    code = "feed_refused"
    status = 409


class FeedChanged(StudioError):
    """Somebody else changed feed {feed_id} meanwhile. Reload it and make your change again."""

    code = "feed_changed"
    status = 409


class ScreenChanged(StudioError):
    """The button was pressed on the screen of another team or caption, so nothing was changed. Look and press again."""

    code = "screen_changed"
    status = 409


class MoveNotAllowed(StudioError):
    """Caption {feed_id} has the status {before}, and {after} may not follow. Reload it and choose another status."""

    code = "move_not_allowed"
    status = 409


class VersionNotFound(StudioError):
    """Caption {feed_id} has no version {number}. Reload the page and choose again."""

    code = "version_not_found"
    status = 404


class JobNotFound(StudioError):
    """There is no job {job_id} for this tenant. Check the id, or leave the field empty."""

    code = "job_not_found"
    status = 422


class OverlayNotFound(StudioError):
    """There is no overlay {overlay_id}. Check the id, or leave the field empty."""

    code = "overlay_not_found"
    status = 422


class KeyReused(StudioError):
    """The idempotency key was used before for another brief. Send this brief under a key of its own."""

    code = "key_reused"
    status = 422


class StillWriting(StudioError):
    """A generation under this idempotency key is still being written. Ask again in a few seconds."""

    code = "still_writing"
    status = 409
    retryable = True


# -- figures ---------------------------------------------------------------------------------------------------------


class InvalidSettings(Invalid):
    """These settings of the figures need a correction: {problems}."""

    code = "invalid_settings"


# -- what came back from the model: an answer was received, and paid for --------------------------------------------


class AnswerError(StudioError):
    """The model's answer cannot be used as it is."""

    code = "answer_error"
    status = 502


class NeedsFixing(AnswerError):
    """The answer is stored but breaks Instagram's rules: {told}. Shorten or edit it, then save it."""

    code = "needs_fixing"

    def __init__(self, problems: list[Problem] | None = None, **recorded: Any) -> None:
        super().__init__(told="; ".join(map(str, problems)) if problems else recorded.get("told"))


class Refused(AnswerError):
    """The model declined to write this: {reason}. Change what the brief asks for."""

    code = "refused"


class EmptyAnswer(AnswerError):
    """The model answered with nothing. Try again, or choose another model."""

    code = "empty"
    retryable = True


class InvalidAnswer(AnswerError):
    """The model's answer could not be read. It is kept; try again, or choose another model."""

    code = "invalid"
    retryable = True


class Truncated(AnswerError):
    """The answer was cut off at {max_tokens} tokens. Raise the maximum tokens and try again."""

    code = "truncated"


class Filtered(AnswerError):
    """The provider's content filter stopped the answer. Change what the brief asks for."""

    code = "filtered"


class Incomplete(AnswerError):
    """The answer broke off before its end; what it cost is unknown. Try again."""

    code = "incomplete"
    retryable = True


class Stopped(AnswerError):
    """You stopped the generation. What had arrived is kept; its cost may be unknown."""

    code = "stopped"
    status = 499


class OutcomeUnknown(AnswerError):
    """No answer arrived in time after the request was sent; it may have been billed. Try again if you wish."""

    code = "unknown"
    status = 504
    retryable = True


class ServerDied(OutcomeUnknown):
    """The server stopped while the model was writing; the request may have been billed. Try again if you wish."""

    code = "server_died"


class Interrupted(AnswerError):
    """The server stopped before the request was sent; nothing was billed. Press generate again."""

    code = "not_sent"
    status = 503
    retryable = True


# -- what the endpoint said instead of an answer --------------------------------------------------------------------


class ModelFailed(StudioError):
    """The model's server failed ({detail}). Try again in a minute."""

    code = "model_failed"
    status = 502
    retryable = True
    never_billed: ClassVar[bool] = False
    """Whether a request that failed so certainly cost nothing. A server that broke may have written an answer."""

    def __init_subclass__(cls, *, never_billed: bool) -> None:
        """Every kind of failure has to say whether it is free: without the keyword the class cannot be made."""
        super().__init_subclass__()
        cls.never_billed = never_billed


class NoKey(ModelFailed, never_billed=True):
    """No OpenAI API key is set, so {model} cannot be used. Set OPENAI_API_KEY, or choose the demo model."""

    code = "no_key"
    status = 422
    retryable = False


class WrongKey(ModelFailed, never_billed=True):
    """OpenAI does not accept the API key. Check OPENAI_API_KEY and start again."""

    code = "wrong_key"
    retryable = False


class QuotaExceeded(ModelFailed, never_billed=True):
    """The OpenAI account has no credit left. Add credit or raise its limit, then try again."""

    code = "quota_exceeded"
    status = 503
    retryable = False


class RateLimited(ModelFailed, never_billed=True):
    """OpenAI takes no more requests for now. Try again in {seconds} seconds."""

    code = "rate_limited"
    status = 503


class Busy(RateLimited, never_billed=True):
    """OpenAI takes no more requests for now. Try again in a minute."""

    code = "busy"


class WrongAddress(ModelFailed, never_billed=True):
    """There is no chat model at this address ({detail}). Check OPENAI_BASE_URL, which often ends in /v1."""

    code = "wrong_address"
    retryable = False


class ModelNotFound(ModelFailed, never_billed=True):
    """The model {model} does not exist or was retired. Choose another model."""

    code = "model_not_found"
    status = 422
    retryable = False


class RequestRejected(ModelFailed, never_billed=True):
    """The model's server rejected the request: {detail}. Change the options and try again."""

    code = "request_rejected"
    status = 422
    retryable = False


class ModelUnreachable(ModelFailed, never_billed=True):
    """The model's server cannot be reached ({detail}). Check the network and OPENAI_BASE_URL, then try again."""

    code = "model_unreachable"
    status = 503


# -- the API: who asks, and how -------------------------------------------------------------------------------------


class NotAuthenticated(StudioError):
    """The request carries no valid API key. Send one as "Authorization: Bearer fs_...", or have a new one made."""

    code = "not_authenticated"
    status = 401


class ScopeMissing(StudioError):
    """This API key may not do that: it lacks the scope {scope}. Use a key that has it."""

    code = "scope_missing"
    status = 403


class TenantNotFound(StudioError):
    """There is no tenant {tenant_id} for this API key. Leave the tenant out, or use a key of that tenant."""

    code = "tenant_not_found"
    status = 404


class TooManyRequests(StudioError):
    """This API key has asked too often. Ask again in {seconds} seconds."""

    code = "too_many_requests"
    status = 429
    retryable = True


class ServerFull(StudioError):
    """The server writes as many captions as it can at a time. Ask again in {seconds} seconds; nothing was sent."""

    code = "server_full"
    status = 503
    retryable = True


class BodyTooLarge(StudioError):
    """The body of the request is larger than {most} bytes. Shorten its texts."""

    code = "body_too_large"
    status = 413


class InvalidRequest(Invalid):
    """The request cannot be read as it is: {problems}."""

    code = "invalid_request"


class NoSuchAddress(StudioError):
    """There is nothing at this address. The API is described in /api/openapi.json."""

    code = "no_such_address"
    status = 404


class WrongHost(StudioError):
    """This server does not answer under the name {host}. Its operator can add the name to server.allowedHosts."""

    code = "wrong_host"
    status = 421


class WrongOrigin(StudioError):
    """A page of another origin ({origin}) must not use this server. Its operator can add the origin to
    server.corsAllowedOrigins."""

    code = "wrong_origin"
    status = 403


class MethodNotAllowed(StudioError):
    """This address does not take that method. The API is described in /api/openapi.json."""

    code = "method_not_allowed"
    status = 405


class KeyNotFound(StudioError):
    """There is no API key {key_id} for this tenant, or it was revoked already."""

    code = "key_not_found"
    status = 404


class TooManyKeys(StudioError):
    """There are {most} live API keys called {name} already. Revoke one first, or choose another name."""

    code = "too_many_keys"
    status = 409


class OverlayOfAnotherJob(StudioError):
    """Overlay {overlay_id} belongs to another job than {job_id}. Check both ids, or leave one empty."""

    code = "overlay_of_another_job"
    status = 422


class JobRefused(StudioError):
    """The database does not let job {job_id} begin this step ({detail}). Nothing was sent; ask the owner."""

    code = "job_refused"
    status = 409


# -- the database ---------------------------------------------------------------------------------------------------


class DatabaseAway(StudioError):
    """The database does not answer. What you typed is safe; try again in a moment."""

    code = "database_away"
    status = 503
    retryable = True


class DatabaseUnusable(DatabaseAway):
    """The database answers, but refuses: {detail}. Check DATABASE_URL, and what its role may do."""

    code = "database_unusable"


class DatabaseUrlUnreadable(StudioError):
    """DATABASE_URL cannot be used: {reason}. Expected: {expected}."""

    code = "database_url_unreadable"


class AnswerKept(StudioError):
    """The answer arrived but the database is away. The answer is safe and is stored by itself once it is back."""

    code = "answer_kept"
    status = 503


class NoRoom(StudioError):
    """The server's disk takes nothing more ({detail}). Nothing was sent; make room in {folder} and try again."""

    code = "no_room"
    status = 507
    retryable = True


class DatabaseBusy(StudioError):
    """Another program holds the database's tables, so they cannot be prepared. Start again when it has finished."""

    code = "database_busy"
    status = 503
    retryable = True


class DatabaseRefused(StudioError):
    """This database cannot be adopted. Table {table}, column {column}: found {found}, expected {expected}."""

    code = "database_refused"


class DatabaseNotStarted(StudioError):
    """The embedded PostgreSQL in {folder} did not start: {detail}."""

    code = "database_not_started"
    status = 503


class RunNotFound(StudioError):
    """There is no run {run_id} for this tenant. Check the link, or choose the tenant it belongs to."""

    code = "run_not_found"
    status = 404


# -- exports --------------------------------------------------------------------------------------------------------


class ExportStopped(StudioError):
    """You stopped the export after {rows} captions. No file was made."""

    code = "export_stopped"
    status = 499


def _family(base: type[StudioError]) -> dict[str, type[StudioError]]:
    return {base.code: base} | {code: one for sub in base.__subclasses__() for code, one in _family(sub).items()}


_BY_CODE = _family(StudioError)


def from_code(code: str, params: Mapping[str, Any]) -> StudioError:
    """The error that was recorded by its code and its ``as_json()``."""
    return _BY_CODE.get(code, StudioError)(**params)


def is_never_billed(code: str | None) -> bool:
    """Whether a request that failed with the error of this code certainly cost nothing; False for unknown codes."""
    error = _BY_CODE.get(code or "")
    return error is not None and issubclass(error, ModelFailed) and error.never_billed
