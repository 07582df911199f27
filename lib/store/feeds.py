"""The rows of ``instagram_feeds``: ours and those of every other program that writes there."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update
from sqlalchemy import delete as delete_from

from lib.brief import Brief
from lib.errors import FeedChanged, FeedNotFound
from lib.store.tables import InstagramFeed


@dataclass(frozen=True, slots=True)
class Feed:
    """One stored caption, a field for each column of the specification, in its order.

    Instants are aware and in UTC. Other programs may leave out what the specification lets be NULL, and may store any
    JSON in the two documents.
    """

    instagram_feed_id: uuid.UUID
    job_id: uuid.UUID | None
    overlay_id: uuid.UUID | None
    tenant_id: str
    refined_ad_copy_eng: str
    tone_style: str
    product_description: str
    store_information: str
    gpt_prompt: str
    instagram_ad_copy: str
    hashtags: str
    gpt_model_name: str | None
    gpt_max_tokens: int | None
    gpt_temperature: float | None
    gpt_prompt_used: str | None
    gpt_response_raw: Any
    latency_ms: float | None
    token_usage: Any
    pk: int | None
    created_at: dt.datetime | None
    updated_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class LatencyStatistics:
    """The specification's figures of how long calls took, in milliseconds; None where no row says how long.

    ``total_count`` counts every row, also those without a latency.
    """

    avg_ms: float | None
    min_ms: float | None
    max_ms: float | None
    total_count: int


_COLUMNS = [getattr(InstagramFeed, one.name) for one in fields(Feed)]


def _of(tenant_id: str) -> Select[Any]:
    return select(*_COLUMNS).where(InstagramFeed.tenant_id == tenant_id)


_NEWEST_FIRST = (InstagramFeed.created_at.desc(), InstagramFeed.instagram_feed_id.desc())
_GIVEN_BY_THE_SERVER = ("pk", "created_at", "updated_at")
_ADD = (
    insert(InstagramFeed)
    .values(
        {one.name: bindparam(one.name) for one in fields(Feed) if one.name not in _GIVEN_BY_THE_SERVER}
        # Said here and not left to a default, which an adopted table may lack.
        | {"created_at": func.now(), "updated_at": func.now()}
    )
    .returning(*(getattr(InstagramFeed, name) for name in _GIVEN_BY_THE_SERVER))
)


def add(
    db: Connection,
    brief: Brief,
    feed_id: uuid.UUID,
    *,
    instagram_ad_copy: str,
    hashtags: str,
    job_id: uuid.UUID | None = None,
    overlay_id: uuid.UUID | None = None,
    gpt_model_name: str | None = None,
    gpt_max_tokens: int | None = None,
    gpt_temperature: float | None = None,
    gpt_prompt_used: str | None = None,
    gpt_response_raw: dict[str, Any] | None = None,
    latency_ms: float | None = None,
    token_usage: dict[str, Any] | None = None,
) -> Feed:
    """Store a caption under an id of the caller's choosing, so that storing it twice is noticed.

    Raises :class:`sqlalchemy.exc.IntegrityError` when the id is taken, or its job or overlay does not exist.
    """
    values: dict[str, Any] = {
        "instagram_feed_id": feed_id,
        "job_id": job_id,
        "overlay_id": overlay_id,
        "tenant_id": brief.tenant_id,
        **brief.inputs(),
        "instagram_ad_copy": instagram_ad_copy,
        "hashtags": hashtags,
        "gpt_model_name": gpt_model_name,
        "gpt_max_tokens": gpt_max_tokens,
        "gpt_temperature": gpt_temperature,
        "gpt_prompt_used": gpt_prompt_used,
        "gpt_response_raw": gpt_response_raw,
        "latency_ms": latency_ms,
        "token_usage": token_usage,
    }
    given = db.execute(_ADD, values).one()
    return Feed(**values, **given._mapping)


def get(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> Feed:
    """One feed. Raises :class:`lib.errors.FeedNotFound`, also for another tenant's."""
    row = db.execute(_of(tenant_id).where(InstagramFeed.instagram_feed_id == feed_id)).one_or_none()
    if row is None:
        raise FeedNotFound(feed_id=feed_id)
    return _feed(row)


def by_job(db: Connection, tenant_id: str, job_id: uuid.UUID) -> list[Feed]:
    """The feeds of a pipeline's job, newest first."""
    query = _of(tenant_id).where(InstagramFeed.job_id == job_id).order_by(*_NEWEST_FIRST)
    return [_feed(row) for row in db.execute(query)]


def newest(db: Connection, tenant_id: str, limit: int = 10) -> list[Feed]:
    """A tenant's latest feeds, newest first."""
    return [_feed(row) for row in db.execute(_of(tenant_id).order_by(*_NEWEST_FIRST).limit(limit))]


def by_overlay(db: Connection, tenant_id: str, overlay_id: uuid.UUID) -> list[Feed]:
    """The feeds written for an overlay, newest first."""
    query = _of(tenant_id).where(InstagramFeed.overlay_id == overlay_id).order_by(*_NEWEST_FIRST)
    return [_feed(row) for row in db.execute(query)]


def latency_statistics(db: Connection, tenant_id: str, days: int = 7) -> LatencyStatistics:
    """How long the model took over the last ``days`` times 24 hours, by the server's clock."""
    latency = InstagramFeed.latency_ms
    since = func.now() - func.make_interval(0, 0, 0, days)
    query = select(func.avg(latency), func.min(latency), func.max(latency), func.count()).where(
        InstagramFeed.tenant_id == tenant_id, InstagramFeed.created_at >= since
    )
    return LatencyStatistics(*db.execute(query).one())


def edit(
    db: Connection,
    tenant_id: str,
    feed_id: uuid.UUID,
    *,
    instagram_ad_copy: str,
    hashtags: str,
    seen: dt.datetime | None,
) -> Feed:
    """Change a feed's texts, provided that it is still as it was seen: ``seen`` is the ``updated_at`` of that moment.

    Raises :class:`lib.errors.FeedChanged` when somebody was faster, :class:`lib.errors.FeedNotFound` when it is gone,
    ``ValueError`` for a ``seen`` without a time zone.
    """
    if seen is not None and seen.tzinfo is None:
        raise ValueError("seen needs a time zone")
    row = db.execute(
        update(InstagramFeed)
        .where(
            InstagramFeed.tenant_id == tenant_id,
            InstagramFeed.instagram_feed_id == feed_id,
            InstagramFeed.updated_at.is_not_distinct_from(seen),
        )
        .values(instagram_ad_copy=instagram_ad_copy, hashtags=hashtags)
        .returning(*_COLUMNS)
    ).one_or_none()
    if row is None:
        get(db, tenant_id, feed_id)
        raise FeedChanged(feed_id=feed_id)
    return _feed(row)


def delete(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> None:
    """Delete a feed for good. Raises :class:`lib.errors.FeedNotFound`."""
    mine = (InstagramFeed.tenant_id == tenant_id, InstagramFeed.instagram_feed_id == feed_id)
    if not db.execute(delete_from(InstagramFeed).where(*mine)).rowcount:
        raise FeedNotFound(feed_id=feed_id)


def _feed(row: Row[*tuple[Any, ...]]) -> Feed:
    return Feed(*row)
