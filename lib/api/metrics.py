"""The figures of a period over HTTP."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from lib import pricing, studio
from lib.api.access import Reader, require_tenant
from lib.api.feeds import told
from lib.api.threads import quickly
from lib.errors import InvalidRequest, Problem
from lib.store import figures

router = APIRouter(prefix="/v1", tags=["metrics"])

MOST_DAYS = 366
_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(8999, 12, 31)


class Tokens(BaseModel):
    """Sums over the captions that tell them."""

    prompt: int
    completion: int


class Latency(BaseModel):
    """In milliseconds, over the captions that tell it; null where none does."""

    avg: float | None
    min: float | None
    max: float | None


class Total(BaseModel):
    """What the captions of the period took; each sum stands beside how many captions it does not know."""

    captions: int
    tokens: Tokens
    cost_usd: Decimal | None = Field(description="A decimal number as a string; null where no price is known.")
    without_usage: int
    without_price: int
    without_latency: int
    latency_ms: Latency


class Metrics(BaseModel):
    """The figures of whole days of a time zone."""

    first: dt.date
    last: dt.date
    time_zone: str
    total: Total


@router.get("/metrics", summary="Figures of a period", response_model=Metrics, responses=told())
async def metrics(
    key: Reader,
    tenant_id: str | None = None,
    first: Annotated[dt.date | None, Query(description="Left out: six days before the last.")] = None,
    last: Annotated[dt.date | None, Query(description="Included. Left out: today.")] = None,
    time_zone: Annotated[str, Query(max_length=64)] = "Asia/Seoul",
) -> Metrics:
    """What the captions of the key's tenant took in time, tokens and money, whoever wrote them."""

    def work() -> Metrics:
        tenant = require_tenant(key, tenant_id)
        zone = _zone(time_zone)
        until = last or dt.datetime.now(zone).date()
        since = first or max(until, _FIRST + dt.timedelta(days=6)) - dt.timedelta(days=6)
        if not _FIRST <= since <= until <= _LAST or (until - since).days >= MOST_DAYS:
            raise InvalidRequest([Problem("first", "out_of_range", {"least": until, "most": MOST_DAYS})])
        with studio.current().database.tenant(tenant) as db:
            total = _total(figures.taken(db, tenant, _begins(since, zone), _begins(until + dt.timedelta(days=1), zone)))
        return Metrics(first=since, last=until, time_zone=time_zone, total=total)

    return await quickly(work)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidRequest([Problem("time_zone", "unreadable", {"told": name[:80]})]) from None


def _begins(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _total(rows: Any) -> Total:
    count = used = priced = 0
    prompt = completion = 0
    cost, latencies = Decimal(0), []
    for row in rows:
        count += 1
        if row.latency_ms is not None:
            latencies.append(row.latency_ms)
        sent, written = ((row.usage or {}).get(name) if isinstance(row.usage, dict) else None for name in _COUNTED)
        if not (isinstance(sent, int) and isinstance(written, int)):
            continue
        used, prompt, completion = used + 1, prompt + sent, completion + written
        price = pricing.cost_usd(row.model, row.usage, row.at, service_tier=row.service_tier)
        if price is not None:
            priced, cost = priced + 1, cost + price
    return Total(
        captions=count,
        tokens=Tokens(prompt=prompt, completion=completion),
        cost_usd=cost if priced else None,
        without_usage=count - used,
        without_price=used - priced,
        without_latency=count - len(latencies),
        latency_ms=Latency(
            avg=sum(latencies) / len(latencies) if latencies else None,
            min=min(latencies, default=None),
            max=max(latencies, default=None),
        ),
    )


_COUNTED = ("prompt_tokens", "completion_tokens")
