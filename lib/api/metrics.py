"""The figures of the metrics page over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/v1", tags=["metrics"])
