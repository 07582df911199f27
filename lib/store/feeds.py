"""The rows of ``instagram_feeds``: ours and those of every other program that writes there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Integer, Row, Text, Uuid, bindparam, cast, func, insert, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.exc import DataError, IntegrityError, InternalError

from lib.domain.errors import FeedChanged, FeedNotFound, FeedRefused
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
    """The specification's latency figures in milliseconds; None if no row has a latency.

    ``total_count`` counts every row, also those without a latency.
    """

    avg_ms: float | None
    min_ms: float | None
    max_ms: float | None
    total_count: int


# The statements are built once, when the module is imported, and not at every call.

_COLUMNS = [getattr(InstagramFeed, field.name) for field in fields(Feed)]
_MINE = InstagramFeed.tenant_id == bindparam("tenant")
_THIS = InstagramFeed.instagram_feed_id == bindparam("feed")
_NEWEST_FIRST = (InstagramFeed.created_at.desc(), InstagramFeed.instagram_feed_id.desc())

_GET = select(*_COLUMNS).where(_MINE, _THIS)
_EXISTS = select(InstagramFeed.instagram_feed_id).where(_MINE, _THIS)
_LOCK = _GET.with_for_update()
_NEWEST = select(*_COLUMNS).where(_MINE).order_by(*_NEWEST_FIRST).limit(bindparam("limit", type_=Integer()))
_BY_JOB = select(*_COLUMNS).where(_MINE, InstagramFeed.job_id == bindparam("job")).order_by(*_NEWEST_FIRST)
_BY_OVERLAY = select(*_COLUMNS).where(_MINE, InstagramFeed.overlay_id == bindparam("overlay")).order_by(*_NEWEST_FIRST)

_LATENCY = select(
    func.avg(InstagramFeed.latency_ms),
    func.min(InstagramFeed.latency_ms),
    func.max(InstagramFeed.latency_ms),
    func.count(),
).where(_MINE, InstagramFeed.created_at >= func.now() - func.make_interval(0, 0, 0, bindparam("days", type_=Integer())))

_EDIT = (
    update(InstagramFeed)
    .where(_MINE, _THIS, InstagramFeed.updated_at.is_not_distinct_from(bindparam("seen")))
    .values(instagram_ad_copy=bindparam("text"), hashtags=bindparam("tags"))
    .returning(*_COLUMNS)
)
_LINK = (
    update(InstagramFeed)
    .where(_MINE, _THIS)
    .values(job_id=bindparam("job", type_=Uuid()), overlay_id=bindparam("overlay", type_=Uuid()))
    .returning(*_COLUMNS)
)
_DELETE = delete_from(InstagramFeed).where(_MINE, _THIS)

_SET_BY_SERVER = ("pk", "created_at", "updated_at")
_ADD = (
    insert(InstagramFeed)
    .values(
        {field.name: bindparam(field.name) for field in fields(Feed) if field.name not in _SET_BY_SERVER}
        # Set explicitly, because an adopted table may have no defaults.
        | {"created_at": func.now(), "updated_at": func.now()}
    )
    .returning(*(getattr(InstagramFeed, name) for name in _SET_BY_SERVER))
)


def add(
    db: Connection,
    tenant_id: str,
    feed_id: uuid.UUID,
    inputs: Mapping[str, str],
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

    ``inputs`` are the five of the specification by their names. Raises ``FeedRefused`` where the
    database does not take the row: the id is taken, its job or overlay does not exist, or an adopted table has a rule
    of its own. The transaction is over then.
    """
    values: dict[str, Any] = {
        "instagram_feed_id": feed_id,
        "job_id": job_id,
        "overlay_id": overlay_id,
        "tenant_id": tenant_id,
        **inputs,
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
    try:
        by_server = db.execute(_ADD, values).one()
    except (IntegrityError, DataError, InternalError) as error:  # the last: a trigger that raises
        raise FeedRefused(detail=str(error.orig).partition("\n")[0][:300]) from error
    return Feed(**values, **by_server._mapping)


def get(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> Feed:
    """One feed. Raises ``FeedNotFound``, also for another tenant's."""
    row = db.execute(_GET, {"tenant": tenant_id, "feed": feed_id}).one_or_none()
    if row is None:
        raise FeedNotFound(feed_id=feed_id)
    return _feed(row)


def raw_answer(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> str:
    """The model's answer as stored, as JSON text; empty if none is stored. Raises ``FeedNotFound``."""
    statement = select(cast(InstagramFeed.gpt_response_raw, Text)).where(_MINE, _THIS)
    row = db.execute(statement, {"tenant": tenant_id, "feed": feed_id}).one_or_none()
    if row is None:
        raise FeedNotFound(feed_id=feed_id)
    return row[0] or ""


def exists(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> bool:
    """Whether the tenant has this feed."""
    return db.execute(_EXISTS, {"tenant": tenant_id, "feed": feed_id}).first() is not None


def lock(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> Feed:
    """One feed, locked until the transaction ends. Raises ``FeedNotFound``, also for another tenant's."""
    row = db.execute(_LOCK, {"tenant": tenant_id, "feed": feed_id}).one_or_none()
    if row is None:
        raise FeedNotFound(feed_id=feed_id)
    return _feed(row)


def by_job(db: Connection, tenant_id: str, job_id: uuid.UUID) -> list[Feed]:
    """The feeds of a pipeline's job, newest first."""
    return [_feed(row) for row in db.execute(_BY_JOB, {"tenant": tenant_id, "job": job_id})]


def newest(db: Connection, tenant_id: str, limit: int = 10) -> list[Feed]:
    """A tenant's latest feeds, newest first."""
    return [_feed(row) for row in db.execute(_NEWEST, {"tenant": tenant_id, "limit": limit})]


def by_overlay(db: Connection, tenant_id: str, overlay_id: uuid.UUID) -> list[Feed]:
    """The feeds written for an overlay, newest first."""
    return [_feed(row) for row in db.execute(_BY_OVERLAY, {"tenant": tenant_id, "overlay": overlay_id})]


def latency_statistics(db: Connection, tenant_id: str, days: int = 7) -> LatencyStatistics:
    """The latencies of the feeds of the last ``days`` times 24 hours, by the server's clock."""
    return LatencyStatistics(*db.execute(_LATENCY, {"tenant": tenant_id, "days": days}).one())


def edit(
    db: Connection,
    tenant_id: str,
    feed_id: uuid.UUID,
    *,
    instagram_ad_copy: str,
    hashtags: str,
    seen: dt.datetime | None,
) -> Feed:
    """Change a feed's texts and return the new row. ``seen`` is the ``updated_at`` that the author of the change saw.

    Raises ``FeedChanged`` if the feed was changed since then, ``FeedNotFound`` if it does not exist, and
    ``ValueError`` for a ``seen`` without a time zone.
    """
    if seen is not None and seen.tzinfo is None:
        raise ValueError("seen needs a time zone")
    params = {"tenant": tenant_id, "feed": feed_id, "seen": seen, "text": instagram_ad_copy, "tags": hashtags}
    row = db.execute(_EDIT, params).one_or_none()
    if row is None:
        get(db, tenant_id, feed_id)
        raise FeedChanged(feed_id=feed_id)
    return _feed(row)


def link(
    db: Connection, tenant_id: str, feed_id: uuid.UUID, *, job_id: uuid.UUID | None, overlay_id: uuid.UUID | None
) -> Feed:
    """Link a feed to a job and an overlay, or to none, and return the new row. Raises ``FeedNotFound``."""
    params = {"tenant": tenant_id, "feed": feed_id, "job": job_id, "overlay": overlay_id}
    row = db.execute(_LINK, params).one_or_none()
    if row is None:
        raise FeedNotFound(feed_id=feed_id)
    return _feed(row)


def delete(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> None:
    """Delete a feed for good. Raises ``FeedNotFound``."""
    if not db.execute(_DELETE, {"tenant": tenant_id, "feed": feed_id}).rowcount:
        raise FeedNotFound(feed_id=feed_id)


def _feed(row: Row[*tuple[Any, ...]]) -> Feed:
    return Feed(*row)
