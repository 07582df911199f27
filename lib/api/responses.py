"""What the API answers: a feed, or a problem (RFC 9457) with its code, its field and whether to repeat the call."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from lib.api.schemas import FeedOut, FieldProblem
from lib.domain.completion import never_billed
from lib.domain.errors import (
    AnswerKept,
    Invalid,
    InvalidRequest,
    JobNotFound,
    JobRefused,
    KeyReused,
    MethodNotAllowed,
    ModelNotFound,
    NoKey,
    NoSuchAddress,
    NotAuthenticated,
    OverlayNotFound,
    OverlayOfAnotherJob,
    Problem,
    StudioError,
    TenantNotFound,
)
from lib.i18n import words
from lib.store import attempts, feed_states
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_DESCRIPTIONS = {
    401: "No valid API key.",
    403: "The key lacks the scope.",
    404: "Not there, or another tenant's.",
    408: "The body did not arrive in time.",
    409: "Not now: the caption is still being written, somebody else changed it, or its status does not allow this.",
    413: "The body is too large.",
    422: "Something in the request must be corrected first; nothing was spent.",
    429: "Too many calls with this key.",
    499: "The generation was stopped.",
    500: "A bug in Feed Studio.",
    502: "The model's answer cannot be used; its attempt is on record.",
    503: "Not at the moment.",
    504: "No answer in time; it may have been billed.",
    507: "The server's disk is full; nothing was sent.",
}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds until the call may be repeated.", "schema": {"type": "integer"}}
}

RETRY_AFTER_S = {"still_writing": 2, "database_away": 5, "answer_kept": 5, "model_unreachable": 20, "not_sent": 1}
USUAL_RETRY_AFTER_S = 60
"""Seconds after which a call may be repeated, where neither the error nor the table says how many."""

_FIELDS: dict[type[StudioError], str] = {
    JobNotFound: "job_id",
    JobRefused: "job_id",
    OverlayNotFound: "overlay_id",
    OverlayOfAnotherJob: "overlay_id",
    ModelNotFound: "model",
    NoKey: "model",
    TenantNotFound: "tenant_id",
    KeyReused: "Idempotency-Key",
    NotAuthenticated: "Authorization",
}


class ProblemDetails(BaseModel):
    """RFC 9457, with our own members beside it."""

    type: str = Field(description="Stable, one for each code.", examples=["urn:feed-studio:problem:job_not_found"])
    title: str
    status: int
    detail: str = Field(description="A sentence for people; it may change.")
    code: str = Field(description="Stable, for programs.", examples=["job_not_found"])
    retryable: bool = Field(description="Whether the same call, unchanged, may succeed later.")
    field: str | None = Field(None, description="What in the request is the reason, where that is one thing.")
    errors: list[FieldProblem] | None = Field(
        None, description="Everything wrong with the fields of the request or of the caption, at once."
    )
    attempt_id: uuid.UUID | None = Field(None, description="The request to the model that is on record.")
    key_is_spent: bool | None = Field(
        None,
        description="Under this Idempotency-Key the answer stays as it is, because the request may have been billed; "
        "who wants to pay for another try sends another key.",
    )
    generation_id: uuid.UUID | None = Field(None, description="What that request belongs to.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of a route for the API's document: those that every route may answer with, and ``statuses``."""
    return {
        status: {
            "description": _DESCRIPTIONS[status],
            "model": ProblemDetails,
            **({"headers": _RETRY_AFTER} if status in (409, 429, 503) else {}),
        }
        for status in (401, 403, 404, 408, 413, 422, 429, 500, 503, *statuses)
    }


def details(error: StudioError, **members: Any) -> ProblemDetails:
    """The problem as a program reads it; ``members`` of :class:`ProblemDetails` win over what the error says."""
    fields = {problem.field for problem in error.problems} if isinstance(error, Invalid) else set()
    errors = [FieldProblem.of(problem) for problem in error.problems]
    return ProblemDetails(
        type=f"urn:feed-studio:problem:{error.code}",
        title=error.code.replace("_", " ").capitalize(),
        status=error.status,
        detail=words.error("en", error),
        code=error.code,
        field=fields.pop() if len(fields) == 1 else _FIELDS.get(type(error)),
        errors=errors or None,
        **{"retryable": error.retryable} | members,
    )


def problem(error: StudioError, **members: Any) -> JSONResponse:
    """The error as a response, with its headers: ``Retry-After`` in seconds, ``WWW-Authenticate``."""
    headers = {}
    if error.status in (429, 503) or error.code == "still_writing":
        headers["Retry-After"] = str(retry_after_s(error))
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="feed-studio"'
    body = details(error, **members).model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, error.status, headers, MEDIA_TYPE)


def retry_after_s(error: StudioError) -> int:
    """Whole seconds after which the call may be repeated."""
    seconds = error.params.get("seconds")
    usual = RETRY_AFTER_S.get(error.code, USUAL_RETRY_AFTER_S)
    return max(1, int(seconds)) if isinstance(seconds, int | float) else usual


def attempt_members(studio: Studio, generation: Generation, error: StudioError) -> dict[str, Any]:
    """The members of a problem that name its generation and attempt, and say whether its key may be sent again."""
    is_kept = isinstance(error, AnswerKept)
    try:
        with studio.database.tenant(generation.tenant_id) as db:
            rows = attempts.of_generation(db, generation.tenant_id, generation.generation_id)
    except StudioError:  # the database is away: the generation can be looked up later
        rows = []
    members: dict[str, Any] = {
        "generation_id": generation.generation_id,
        "attempt_id": rows[-1].attempt_id if rows else None,
    }
    if generation.idempotency_key:
        is_billed = bool(rows) and not never_billed(rows[-1].outcome or "", rows[-1].error_code)
        members["key_is_spent"] = is_billed and not is_kept
        if is_kept:  # the same key finds the feed once it is stored
            members["retryable"] = True
    return members


def feed(studio: Studio, row: Feed, status: int = 200, **headers: str) -> JSONResponse:
    """A stored feed with its state as a response; a new one (201) with its ``Location``."""
    with studio.database.tenant(row.tenant_id) as db:
        state = feed_states.get(db, row.tenant_id, row.instagram_feed_id)
    if status == 201:
        headers["Location"] = f"/api/v1/feeds/{row.instagram_feed_id}"
    return JSONResponse(FeedOut.of(row, state).model_dump(mode="json"), status, headers)


# -- what the framework finds -----------------------------------------------------------------------------------------


async def on_studio_error(_request: Request, error: Exception) -> JSONResponse:
    """A ``StudioError`` of a use case."""
    assert isinstance(error, StudioError)  # noqa: S101 - registered for nothing else
    return problem(error)


async def on_unreadable(request: Request, error: Exception) -> JSONResponse:
    """A request that does not fit its description; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    content_type = request.headers.get("content-type", "")
    if "json" not in content_type and any(row["loc"] == ("body",) for row in error.errors()):
        return problem(InvalidRequest([Problem("Content-Type", "not_json", {"value": content_type[:200]})]))
    problems = [Problem(_field(row["loc"]), row["type"], {"detail": row["msg"]}) for row in error.errors()]
    return problem(InvalidRequest(problems))


def _field(where: Sequence[int | str]) -> str:
    if where[0] == "body" and isinstance(where[-1], int):  # how far the body could be read as JSON
        return "body"
    return ".".join(map(str, where[1:])) or str(where[0])


async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
    """No such address or method, or a body that broke off."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code == 404:
        return problem(NoSuchAddress())
    if error.status_code == 405:
        response = problem(MethodNotAllowed())
        response.headers.update(error.headers or {})
        return response
    if isinstance(error.__cause__, UnicodeDecodeError):
        return problem(InvalidRequest([Problem("body", "not_utf8")]))
    return problem(InvalidRequest([Problem("body", "unreadable", {"value": str(error.detail)})]))


async def on_bug(request: Request, error: Exception) -> JSONResponse:
    """A bug: the log has its traceback, the response nothing of it."""
    log.error("%s %s failed with a bug: %s", request.method, request.url.path, type(error).__name__)
    return problem(StudioError())
