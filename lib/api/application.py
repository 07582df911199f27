"""The FastAPI application that is mounted under ``/api``, with the document that describes it."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lib.api import feeds, metrics, problems
from lib.api.body_limit import BodyLimit
from lib.errors import StudioError

DESCRIPTION = """\
From a brief to a stored Instagram caption. Send an API key as `Authorization: Bearer fs_...`; it belongs to one
tenant, and everything here is that tenant's. What goes wrong is told as RFC 9457 problem details."""

api = FastAPI(
    title="Feed Studio",
    version="1",
    description=DESCRIPTION,
    docs_url=None,  # the pages of FastAPI fetch their programs from elsewhere
    redoc_url=None,
    redirect_slashes=False,
    exception_handlers={
        StudioError: problems.on_studio_error,
        RequestValidationError: problems.on_unreadable,
        HTTPException: problems.on_http_error,
        Exception: problems.on_bug,
    },
)
api.include_router(feeds.router)
api.include_router(metrics.router)
api.add_middleware(BodyLimit)
