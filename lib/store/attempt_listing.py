"""The list of a tenant's requests to models, newest first, including those that brought no caption.

The figures count the same rows by the same values (:mod:`lib.store.metrics.counting`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select
from sqlalchemy.dialects.postgresql import JSONB

from lib.domain.cursor import Cursor
from lib.domain.feed_filter import FeedFilter
from lib.store import pagination
from lib.store.tables import Attempt, Generation

REASONED = "failed:"
"""The ending of a failed request is this and the code of its error."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the list shows it. ``ended`` is its outcome, or :data:`REASONED` and the code of its error.

    ``latency_ms`` is in milliseconds. ``at_most`` is the largest possible cost in USD where the bill is unknown.
    """

    attempt_id: uuid.UUID
    created_at: dt.datetime
    run_id: uuid.UUID
    variant: int
    ended: str
    http_status: int | None
    model: str | None
    tone: str | None
    source: str
    product_description: str | None
    latency_ms: float | None
    token_usage: Any
    service_tier: str | None
    at_most: Decimal | None
    feed_id: uuid.UUID | None


Page = pagination.Page[Request]

_ENDED = case(
    (Attempt.outcome == "failed", func.concat(REASONED, Attempt.error_code)),
    else_=Attempt.outcome,
)
_MODEL = func.coalesce(Attempt.model_name, Attempt.request["model"].astext)
_TONE = Generation.brief["tone_style"].astext
_OF_GENERATION = and_(Generation.tenant_id == Attempt.tenant_id, Generation.generation_id == Attempt.generation_id)
_LISTED = select(
    Attempt.attempt_id,
    Attempt.created_at,
    Generation.run_id,
    Generation.variant,
    _ENDED,
    Attempt.http_status,
    _MODEL,
    _TONE,
    Generation.source,
    Generation.brief["product_description"].astext,
    Attempt.latency_ms,
    func.studio_reported_usage(Attempt.token_usage, Attempt.response, type_=JSONB),
    func.left(Attempt.response["service_tier"].astext, 100),
    Attempt.estimated_cost_usd,
    Generation.instagram_feed_id,
).join(Generation, _OF_GENERATION)
_COUNTED = select(func.count()).select_from(Attempt).join(Generation, _OF_GENERATION)


def page(
    db: Connection,
    tenant_id: str,
    filters: FeedFilter,
    ended: Sequence[str] = (),
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = 20,
) -> Page:
    """At most ``limit`` requests, newest first: those after a place, before one, or the newest of all.

    ``ended`` are the endings to list, all if empty. Of the filter, the parts that a request has are used: period,
    model, tone, source, prompt version and experiment.
    """
    listed = _LISTED.where(*_conditions(tenant_id, filters, ended))
    order = (Attempt.created_at, Attempt.attempt_id)
    return pagination.page_of(db.execute, listed, Request, order, limit, after=after, before=before)


def count(db: Connection, tenant_id: str, filters: FeedFilter, ended: Sequence[str] = ()) -> int:
    """How many requests match the filter and ended in one of these ways, or in any if ``ended`` is empty."""
    return int(db.scalar(_COUNTED.where(*_conditions(tenant_id, filters, ended))) or 0)


def endings(db: Connection, tenant_id: str, filters: FeedFilter) -> list[str]:
    """The ways in which the requests of the filter's period ended, the most frequent first."""
    statement = (
        select(_ENDED)
        .where(Attempt.tenant_id == tenant_id, Attempt.outcome.is_not(None), *_within(filters))
        .group_by(_ENDED)
        .order_by(func.count().desc(), _ENDED)
    )
    return list(db.scalars(statement))


def _conditions(tenant_id: str, filters: FeedFilter, ended: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    yield Attempt.tenant_id == tenant_id
    yield Attempt.outcome.is_not(None)
    yield from _within(filters)
    if filters.experiment:
        experiment_id, _, variant = filters.experiment.partition(":")
        mark = Generation.options["experiment"]
        yield mark["id"].astext == experiment_id
        if variant:
            yield mark["variant"].astext == variant
    if ended:
        yield _ENDED.in_(ended)
        # An index holds the outcome, which does not include the reason.
        yield Attempt.outcome.in_(sorted({ending.partition(":")[0] for ending in ended}))
    for column, value in (
        (_MODEL, filters.model),
        (_TONE, filters.tone_key),
        (Generation.source, filters.source),
        (Generation.prompt_version, filters.prompt_version),
    ):
        if value is not None:
            yield func.studio_found_by(column) == value


def _within(filters: FeedFilter) -> Iterator[ColumnElement[bool]]:
    if filters.since:
        yield Attempt.created_at >= filters.since
    if filters.until:
        yield Attempt.created_at < filters.until
