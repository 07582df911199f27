"""What went wrong, as RFC 9457 problem details: a stable code, the field, and whether the same call may help."""

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

from lib.domain.errors import (
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

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

WAIT_S = {"still_writing": 2, "database_away": 5, "answer_kept": 5, "model_unreachable": 20, "not_sent": 1}
USUAL_WAIT_S = 60
"""Seconds after which a call may be worth repeating, where nobody told us."""

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


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    field: str
    code: str
    detail: str


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


def details(error: StudioError, **more: Any) -> ProblemDetails:
    """The error as it is told to a program."""
    fields = {problem.field for problem in error.problems} if isinstance(error, Invalid) else set()
    errors = [
        FieldProblem(field=problem.field, code=problem.code, detail=words.problem("en", problem))
        for problem in error.problems
    ]
    return ProblemDetails(
        type=f"urn:feed-studio:problem:{error.code}",
        title=error.code.replace("_", " ").capitalize(),
        status=error.status,
        detail=words.error("en", error),
        code=error.code,
        field=fields.pop() if len(fields) == 1 else _FIELDS.get(type(error)),
        errors=errors or None,
        **{"retryable": error.retryable, **more},
    )


def response(error: StudioError, **more: Any) -> JSONResponse:
    """The whole answer, with its headers."""
    headers = {}
    if error.status in (429, 503) or error.code == "still_writing":
        headers["Retry-After"] = str(wait_s(error))
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="feed-studio"'
    body = details(error, **more).model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, error.status, headers, MEDIA_TYPE)


def wait_s(error: StudioError) -> int:
    """After how many whole seconds the call may be worth repeating."""
    told = error.params.get("seconds")
    return max(1, int(told)) if isinstance(told, int | float) else WAIT_S.get(error.code, USUAL_WAIT_S)


# -- what the framework finds -----------------------------------------------------------------------------------------


async def on_studio_error(_request: Request, error: Exception) -> JSONResponse:
    """Whatever a use case raised on purpose."""
    assert isinstance(error, StudioError)  # noqa: S101 - registered for nothing else
    return response(error)


async def on_unreadable(_request: Request, error: Exception) -> JSONResponse:
    """A request that does not fit its description; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    found = [Problem(_field(one["loc"]), one["type"], {"detail": one["msg"]}) for one in error.errors()]
    return response(InvalidRequest(found))


def _field(where: Sequence[int | str]) -> str:
    if where[0] == "body" and isinstance(where[-1], int):  # how far the body could be read as JSON
        return "body"
    return ".".join(map(str, where[1:])) or str(where[0])


async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
    """No such address or method, or a body that broke off."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code == 404:
        return response(NoSuchAddress())
    if error.status_code == 405:
        told = response(MethodNotAllowed())
        told.headers.update(error.headers or {})
        return told
    return response(InvalidRequest([Problem("body", "unreadable", {"value": str(error.detail)})]))


async def on_bug(request: Request, error: Exception) -> JSONResponse:
    """What nobody foresaw: its traceback stands in the log, and nothing of it in the answer."""
    log.error("%s %s failed in a way nobody foresaw: %s", request.method, request.url.path, type(error).__name__)
    return response(StudioError())
