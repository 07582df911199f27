"""The list of a tenant's requests to models, also those that brought no caption, newest first.

What a request counts as in the figures (``metric_counting``), it is listed as: the same rows, the same values.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select, tuple_

from lib.domain.cursor import Cursor
from lib.domain.feed_filter import FeedFilter
from lib.store import pagination
from lib.store.tables import Attempt, Generation

REASONED = "failed:"
"""Before the code of the error: a request that failed did so for a reason."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the list shows it. ``ended`` is its outcome, with the reason after a failure's colon.

    ``latency_ms`` in ms, ``at_most`` in USD: the most that it may have cost where the bill is not known.
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
    Attempt.token_usage,
    func.left(Attempt.response["service_tier"].astext, 100),
    Attempt.estimated_cost_usd,
    Generation.instagram_feed_id,
).join(Generation, _OF_GENERATION)
_COUNTED = select(func.count()).select_from(Attempt).join(Generation, _OF_GENERATION)


def page(
    db: Connection,
    tenant_id: str,
    wanted: FeedFilter,
    ended: Sequence[str] = (),
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = 20,
) -> Page:
    """The requests that follow the place ``after``, or precede ``before``, that ended in one of these ways (any).

    Of the filter, what a request has is looked at: period, model, tone, source and version of the prompt.
    """
    place, newer = before or after, before is not None
    at = tuple_(Attempt.created_at, Attempt.attempt_id)
    listed = _LISTED.where(*_conditions(tenant_id, wanted, ended))
    if place:
        there = tuple_(literal(place.created_at), literal(place.feed_id))
        listed = listed.where(at > there if newer else at < there)
    order = (Attempt.created_at, Attempt.attempt_id)
    listed = listed.order_by(*(order if newer else (one.desc() for one in order))).limit(limit + 1)
    rows = [Request(*row) for row in db.execute(listed)]
    if newer:
        rows.reverse()
    return pagination.cut(rows, limit, lambda one: Cursor(one.created_at, one.attempt_id), after=after, before=before)


def count(db: Connection, tenant_id: str, wanted: FeedFilter, ended: Sequence[str] = ()) -> int:
    """How many there are."""
    return int(db.scalar(_COUNTED.where(*_conditions(tenant_id, wanted, ended))) or 0)


def endings(db: Connection, tenant_id: str, wanted: FeedFilter) -> list[str]:
    """The ways in which those of the period ended, the most frequent first."""
    told = (
        select(_ENDED)
        .where(Attempt.tenant_id == tenant_id, Attempt.outcome.is_not(None), *_within(wanted))
        .group_by(_ENDED)
        .order_by(func.count().desc(), _ENDED)
    )
    return list(db.scalars(told))


def _conditions(tenant_id: str, wanted: FeedFilter, ended: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    yield Attempt.tenant_id == tenant_id
    yield Attempt.outcome.is_not(None)
    yield from _within(wanted)
    if ended:
        yield _ENDED.in_(ended)
        # What an index can be asked for: the outcome without its reason.
        yield Attempt.outcome.in_(sorted({one.partition(":")[0] for one in ended}))
    for column, value in (
        (_MODEL, wanted.model),
        (_TONE, wanted.tone_key),
        (Generation.source, wanted.source),
        (Generation.prompt_version, wanted.prompt_version),
    ):
        if value is not None:
            yield func.studio_found_by(column) == value


def _within(wanted: FeedFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since:
        yield Attempt.created_at >= wanted.since
    if wanted.until:
        yield Attempt.created_at < wanted.until
