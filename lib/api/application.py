"""The FastAPI application that is mounted under ``/api``, with the document that describes it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lib import __version__
from lib.api import batches, docs, feeds, metrics, responses
from lib.api.body_limit import BodyLimit
from lib.domain.errors import StudioError

DESCRIPTION = """\
From a brief to a stored Instagram caption. Send an API key as `Authorization: Bearer fs_...`; it belongs to one
tenant, and every call reads and writes that tenant's captions. Errors are RFC 9457 problem details."""


class _Api(FastAPI):
    """FastAPI, with the media type of problems in its document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        for operation in (operation for path in document["paths"].values() for operation in path.values()):
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "application/json" in answer["content"]:
                    answer["content"] = {responses.MEDIA_TYPE: answer["content"]["application/json"]}
        return document


api = _Api(
    title="Feed Studio",
    version=__version__,
    description=DESCRIPTION,
    docs_url=None,  # FastAPI's own pages fetch their programs from elsewhere
    redoc_url=None,
    redirect_slashes=False,
    exception_handlers={
        StudioError: responses.on_studio_error,
        RequestValidationError: responses.on_unreadable,
        HTTPException: responses.on_http_error,
        Exception: responses.on_bug,
    },
)
api.include_router(feeds.router)
api.include_router(batches.router)
api.include_router(metrics.router)
api.add_middleware(BodyLimit)
docs.serve(api)
