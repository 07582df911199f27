"""The figures of the metrics page over HTTP."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lib import studio as studios
from lib.api.access import Reader, require_tenant
from lib.api.feeds import told
from lib.api.threads import run_in_db_thread
from lib.domain.dimensions import Filters
from lib.domain.errors import InvalidRequest, Problem
from lib.domain.periods import Granularity, Period
from lib.metrics import service, settings
from lib.metrics.figures import Wanted

router = APIRouter(prefix="/v1", tags=["metrics"])

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
"""What can be asked for, as on the page."""


class Tokens(BaseModel):
    """Sums over the captions that tell them; cached and written are of the prompt, reasoning is of the completion."""

    prompt: int
    cached: int
    written: int
    completion: int
    reasoning: int


class Latency(BaseModel):
    """In milliseconds, over the captions that tell it; null where none does. Percentiles are within 1 %."""

    model_config = ConfigDict(extra="allow")

    avg: float | None
    min: float | None
    max: float | None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None


class Figures(BaseModel):
    """What some captions took; each sum stands beside how many captions it does not know."""

    captions: int
    kept: int = Field(description="Approved or posted.")
    tokens: Tokens
    cost_usd: str | None = Field(description="A decimal number; null where no price is known.")
    without_usage: int
    without_price: int
    without_latency: int
    latency_ms: Latency


class SlotFigures(Figures):
    """The figures of a stretch of the period."""

    begins: dt.date
    hour: int


class Metrics(BaseModel):
    """The figures of whole days in the tenant's time zone, as the metrics page tells them."""

    tenants: list[str]
    first: dt.date
    last: dt.date
    time_zone: str
    slot: Granularity
    filters: dict[str, str]
    as_of: AwareDatetime
    total: Figures
    before: Figures = Field(description="The same of as many days just before.")
    over_time: list[SlotFigures]
    models: dict[str, Figures] = Field(description="By model: `=` and its name, or `-` for captions that name none.")
    outcomes: dict[str, int] = Field(description="How the requests to models ended.")
    undated: int
    percentile_error: str


@router.get("/metrics", summary="Figures of a period", response_model=Metrics, responses=told())
async def figures(
    key: Reader,
    tenant_id: str | None = None,
    first: Annotated[dt.date | None, Query(description="Left out: 29 days before the last.")] = None,
    last: Annotated[dt.date | None, Query(description="Included. Left out: today in the tenant's time zone.")] = None,
    model: Annotated[str | None, Query(max_length=255)] = None,
    job_id: Annotated[str | None, Query(max_length=36, description="`-` for captions without one.")] = None,
) -> Response:
    """What the captions of the key's tenant took in time, tokens and money, whoever wrote them."""

    def work() -> Response:
        studio, tenant = studios.current(), require_tenant(key, tenant_id)
        zone = settings.settings_of(studio, tenant)[0].time_zone
        until = last or dt.datetime.now(zoneinfo.ZoneInfo(zone)).date()
        if not EARLIEST <= until <= LATEST or not EARLIEST <= (first or EARLIEST) <= until:
            raise InvalidRequest([Problem("first", "out_of_range", {"least": EARLIEST, "most": min(until, LATEST)})])
        since = first or max(EARLIEST, until - dt.timedelta(days=29))
        wanted = Wanted(Period(since, until, zone), Filters(model=_key(model), job=_key(job_id)))
        return JSONResponse(service.figures(studio, tenant, wanted).as_json())

    return await run_in_db_thread(work)


def _key(value: Any) -> str | None:
    """A value as the figures are filtered by it."""
    return None if value is None else "-" if value == "-" else f"={value}"
