"""The figures of the metrics page over HTTP."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from lib import studio as studios
from lib.api.access import Reader, require_tenant
from lib.api.responses import documented
from lib.api.threads import run_in_db_thread
from lib.domain.dimensions import MISSING, OTHERS, DimensionValue, Filters
from lib.domain.errors import InvalidRequest, Problem
from lib.domain.latency_histogram import LARGEST_ERROR
from lib.domain.periods import Granularity, Period
from lib.domain.totals import Sums
from lib.metrics import counts, service
from lib.metrics.figures import PERCENTILES, Figures, Part, View
from lib.store.metrics.settings import MetricSettings

router = APIRouter(prefix="/v1", tags=["metrics"])

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
"""What can be asked for, as on the page."""
PATIENCE_S = 5.0
"""How long a call waits for rows to be counted before it is answered with the last figures, or with 503."""
_PERCENTILES = [f"p{share * 100:.0f}" for share in PERCENTILES]
MOST_DAYS_BY_HOUR = 14
"""Days of a period whose hours can be asked for, as on the page."""


class Tokens(BaseModel):
    """Sums over the captions with a readable usage, null where none has one; cached and written are part of the prompt,
    reasoning of the completion."""

    prompt: int | None
    cached: int | None
    written: int | None
    completion: int | None
    reasoning: int | None


class Latency(BaseModel):
    """In milliseconds, over the captions with a latency; null without one. Percentiles are within 1 %."""

    avg: float | None
    min: float | None
    max: float | None


class LatencyPercentiles(Latency):
    """In milliseconds, over the captions with a latency; null without one. Percentiles are within 1 %."""

    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None


class CaptionTotals(BaseModel):
    """The sums of some captions; each sum names how many captions it does not cover."""

    captions: int
    kept: int = Field(description="Approved or posted.")
    tokens: Tokens
    cost_usd: str | None = Field(description="A decimal number; null where no price is known.")
    without_usage: int
    without_price: int
    without_latency: int
    latency_ms: Latency


class PeriodTotals(CaptionTotals):
    """The sums of the captions of a period."""

    latency_ms: LatencyPercentiles
    percentiles_cut: bool = Field(description="Whether a percentile beyond 2.8 hours is only the least it can be.")


class Spent(BaseModel):
    """All that was asked of models in the period: captions, requests that brought none, and what is deleted since."""

    cost_usd: str | None = Field(description="A decimal number; null where no price is known.")
    priced: int = Field(description="Rows whose cost is in the sum.")
    unpriced: int = Field(description="Rows that are missing from the sum.")


class BucketTotals(PeriodTotals):
    """The sums of an hour, day, week or month of the period."""

    begins: dt.date
    hour: int


class ModelTotals(CaptionTotals):
    """The sums of a model's captions."""

    model: str | None = Field(description="null for captions that name no model, and where `others` is true.")
    others: bool = Field(description="Whether these are the models beyond the 20 most expensive ones, together.")


class BucketModelTotals(ModelTotals):
    """The sums of a model's captions in an hour, day, week or month of the period."""

    begins: dt.date
    hour: int


class Metrics(BaseModel):
    """The figures of whole days in the tenant's time zone, as the metrics page shows them."""

    tenants: list[str]
    first: dt.date
    last: dt.date
    time_zone: str
    slot: Granularity
    filters: dict[str, str | None] = Field(description="By dimension; null selects the captions without a value.")
    as_of: AwareDatetime = Field(
        description="Earlier than the call where many rows wait to be counted: the figures are those of then."
    )
    total: PeriodTotals
    before: PeriodTotals = Field(description="The sums of the period of the same length just before.")
    spent: Spent
    over_time: list[BucketTotals]
    models: list[ModelTotals] = Field(description="The most expensive first.")
    models_over_time: list[BucketModelTotals] | None = Field(
        description="By bucket and model, if `by=model` asks for it; null otherwise."
    )
    outcomes: dict[str, int] = Field(description="The number of requests to models by outcome.")
    undated: int
    percentile_error: str


@router.get("/metrics", summary="Figures of a period", response_model=Metrics, responses=documented())
async def figures(
    key: Reader,
    tenant_id: str | None = None,
    first: Annotated[dt.date | None, Query(description="Left out: 29 days before the last.")] = None,
    last: Annotated[dt.date | None, Query(description="Included. Left out: today in the tenant's time zone.")] = None,
    model: Annotated[str | None, Query(max_length=255)] = None,
    job_id: Annotated[str | None, Query(max_length=36, description="`-` for captions without one.")] = None,
    slot: Annotated[
        Granularity | None,
        Query(description="Left out: what fits the period. The next larger one, where it makes more than 800 buckets."),
    ] = None,
    by: Annotated[Literal["model"] | None, Query(description="`model` adds `models_over_time`.")] = None,
) -> Response:
    """What the captions of the key's tenant took in time, tokens and money, whoever wrote them."""

    studio, tenants = studios.current(), (require_tenant(key, tenant_id),)

    def view_of(settings: MetricSettings) -> View:
        until = last or dt.datetime.now(zoneinfo.ZoneInfo(settings.time_zone)).date()
        if not EARLIEST <= until <= LATEST or not EARLIEST <= (first or EARLIEST) <= until:
            raise InvalidRequest([Problem("first", "out_of_range", {"least": EARLIEST, "most": min(until, LATEST)})])
        since = first or max(EARLIEST, until - dt.timedelta(days=29))
        period, filters = Period(since, until, settings.time_zone), Filters(model=_value(model), job=_value(job_id))
        view = View(period, filters, slot, only_sums=True)
        if slot == "hour" and view.period.days > MOST_DAYS_BY_HOUR:
            raise InvalidRequest([Problem("slot", "out_of_range", {"least": 1, "most": MOST_DAYS_BY_HOUR})])
        return view

    figures = await run_in_db_thread(service.current, studio, tenants, view_of)
    if figures is None:  # rows wait to be counted: no thread does so meanwhile
        is_counted = await counts.start(studio, tenants).wait_async(PATIENCE_S)
        read = service.counted if is_counted else service.last
        figures = await run_in_db_thread(read, studio, tenants, view_of)
    return Response(_body(figures, by_model=by == "model"), media_type="application/json")


def _body(figures: Figures, *, by_model: bool) -> str:
    """The figures as JSON; put together once, as long as they do not change."""
    body = figures.made_of_them.get(by_model)
    if body is None:
        body = figures.made_of_them[by_model] = as_metrics(figures, by_model=by_model)
    return str(body.model_copy(update={"as_of": figures.as_of}).model_dump_json())


def as_metrics(figures: Figures, *, by_model: bool = False) -> Metrics:
    """The figures for programs: numbers as numbers, money as decimal strings, unknown as null."""
    period = figures.view.period
    return Metrics(
        tenants=list(figures.tenants),
        first=period.first,
        last=period.last,
        time_zone=period.zone,
        slot=figures.view.granularity,
        filters={name: value.plain for name, value in figures.view.filters.given().items()},
        as_of=figures.as_of,
        total=PeriodTotals(**_with_percentiles(figures.whole)),
        before=PeriodTotals(**_with_percentiles(Part(figures.before, figures.latencies_before))),
        spent=Spent(
            cost_usd=str(figures.spent.usd) if figures.spent.priced else None,
            priced=figures.spent.priced,
            unpriced=figures.spent.unpriced,
        ),
        over_time=[
            BucketTotals(begins=bucket.starts_on, hour=bucket.hour, **_with_percentiles(part))
            for bucket, part in sorted(figures.part_over_time.items())
        ],
        models=[
            ModelTotals(**_model(model), latency_ms=Latency(**_latency(sums)), **_totals(sums))
            for model, sums in figures.models.items()
        ],
        models_over_time=[
            BucketModelTotals(
                begins=bucket.starts_on,
                hour=bucket.hour,
                **_model(model),
                latency_ms=Latency(**_latency(sums)),
                **_totals(sums),
            )
            for (bucket, model), sums in sorted(figures.by_model.items())
        ]
        if by_model
        else None,
        outcomes={str(outcome.plain): count for outcome, count in figures.outcome_counts.items()},
        undated=figures.undated.rows,
        percentile_error=f"{LARGEST_ERROR:.2f}",
    )


def _model(model: DimensionValue) -> dict[str, Any]:
    return {"model": None if model == OTHERS else model.plain, "others": model == OTHERS}


def _totals(sums: Sums) -> dict[str, Any]:
    return {
        "captions": sums.rows,
        "kept": sums.approved,
        "tokens": Tokens(**sums.token_counts),
        "cost_usd": str(sums.cost_usd) if sums.with_cost else None,
        "without_usage": sums.without_usage,
        "without_price": sums.without_price,
        "without_latency": sums.without_latency,
    }


def _latency(sums: Sums) -> dict[str, float | None]:
    return {"avg": sums.latency_avg_ms, "min": sums.latency_min_ms, "max": sums.latency_max_ms}


def _with_percentiles(part: Part) -> dict[str, Any]:
    percentiles = dict(zip(_PERCENTILES, part.percentiles, strict=True))
    latency = LatencyPercentiles(**_latency(part.sums), **percentiles)
    return {**_totals(part.sums), "latency_ms": latency, "percentiles_cut": part.is_cut}


def _value(text: str | None) -> DimensionValue | None:
    """The value that a parameter names; ``-`` is the missing one."""
    if text is None:
        return None
    return MISSING if text == "-" else DimensionValue.of(text.replace("\0", ""))  # PostgreSQL has no NUL
