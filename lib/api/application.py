"""The FastAPI application that is mounted under ``/api``, with the document that describes it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lib.api import docs, feeds, metrics, problems
from lib.api.body_limit import BodyLimit
from lib.domain.errors import StudioError

DESCRIPTION = """\
From a brief to a stored Instagram caption. Send an API key as `Authorization: Bearer fs_...`; it belongs to one
tenant, and everything here is that tenant's. What goes wrong is told as RFC 9457 problem details."""


class _Api(FastAPI):
    """FastAPI, whose document says of what media type its problems are."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        for operation in (one for path in document["paths"].values() for one in path.values()):
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "application/json" in answer["content"]:
                    answer["content"] = {problems.MEDIA_TYPE: answer["content"]["application/json"]}
        return document


api = _Api(
    title="Feed Studio",
    version="1",
    description=DESCRIPTION,
    docs_url=None,  # FastAPI's own pages fetch their programs from elsewhere
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
docs.serve(api)
