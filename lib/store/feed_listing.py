"""The list of a tenant's feeds: those that match a filter, newest first, equally fast at any depth.

A search lists the feeds that hold its words as written, then those that spell them otherwise.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    Double,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    false,
    func,
    join,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from lib.domain.cursor import Cursor
from lib.domain.feed_filter import FeedFilter
from lib.domain.pricing import OwnPrice
from lib.store import pagination
from lib.store.feed_versions import Version
from lib.store.feeds import Feed
from lib.store.tables import FeedState, Generation, InstagramFeed

COUNTED = 1_000
"""How far the matches of a search for words are counted: PostgreSQL has to read each of them."""
LONGEST_TEXT = 5_000
"""Characters of each text that the list reads, which are those that a search looks at."""
NEWEST_READ = 1_000
"""How many of the newest feeds are read for the choices of a filter. Any other value can be typed."""
MOST_TONES = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A feed as the list shows it: its row without the long documents, its status and its source.

    Texts are cut after :data:`LONGEST_TEXT` characters.
    ``similar`` is True where the words of a search are spelled otherwise.
    ``source`` is None for a feed that another program wrote. ``sample`` is True for the app's own sample data.
    """

    feed_id: uuid.UUID
    created_at: dt.datetime | None
    instagram_ad_copy: str
    hashtags: str
    tone_style: str
    product_description: str
    refined_ad_copy_eng: str
    store_information: str
    gpt_model_name: str | None
    latency_ms: float | None
    token_usage: Any
    job_id: uuid.UUID | None
    overlay_id: uuid.UUID | None
    service_tier: str | None
    sample: bool
    status: str
    favourite: bool
    source: str | None
    similar: bool = False


@dataclass(frozen=True, slots=True)
class KeptFeed(Feed):
    """A whole row with its status. Versions, own prices and findings are empty unless the caller fills them in."""

    status: str
    favourite: bool
    similar: bool = False
    versions: Sequence[Version] = ()
    own_prices: Sequence[OwnPrice] = ()
    findings: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of the newest feeds that a filter can ask for, the most frequent first."""

    models: list[str]
    tones: list[str]


Page = pagination.Page[Listed]

_TENANT = bindparam("tenant", type_=Text())
_FILTER: tuple[Any, ...] = (
    _TENANT,
    bindparam("facets", type_=ARRAY(Text())),
    bindparam("words", type_=ARRAY(Text())),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("latency_from", type_=Double()),
    bindparam("latency_to", type_=Double()),
)
_PLACE = (
    bindparam("from_at", type_=DateTime(timezone=True)),
    bindparam("from_id", type_=Uuid()),
    bindparam("newer", type_=Boolean()),
)
_MOST = bindparam("most", type_=Integer())
_RESPELLED = bindparam("respelled", type_=JSONB(none_as_null=True))
_MATCH = func.studio_find_feeds(*_FILTER, *_PLACE, _MOST, _RESPELLED).table_valued(
    column("feed_id", Uuid()), column("created_at", DateTime(timezone=True)), name="match"
)
_ROW = and_(InstagramFeed.tenant_id == _TENANT, InstagramFeed.instagram_feed_id == _MATCH.c.feed_id)
_STATE = and_(FeedState.tenant_id == _TENANT, FeedState.feed_id == _MATCH.c.feed_id)
_SOURCE = (
    select(Generation.source)
    .where(Generation.tenant_id == _TENANT, Generation.instagram_feed_id == _MATCH.c.feed_id)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_STATUS = func.coalesce(FeedState.status, literal_column("'draft'"))
_FAVOURITE = func.coalesce(FeedState.favourite, false())
_TEXTS = [field.name for field in fields(Listed)[2:8]]
_RAW = InstagramFeed.gpt_response_raw


def _matches(*columns: Any) -> Select[Any]:
    """These columns of the feeds that match the filter, newest first."""
    rows = join(_MATCH, InstagramFeed, _ROW).outerjoin(FeedState, _STATE)
    return select(*columns).select_from(rows).order_by(_MATCH.c.created_at.desc(), _MATCH.c.feed_id.desc())


_LISTED = _matches(
    _MATCH.c.feed_id,
    func.nullif(_MATCH.c.created_at, literal_column("'-infinity'")),
    *(func.left(getattr(InstagramFeed, name), LONGEST_TEXT) for name in _TEXTS),
    InstagramFeed.gpt_model_name,
    InstagramFeed.latency_ms,
    func.studio_reported_usage(InstagramFeed.token_usage, _RAW, type_=JSONB),
    InstagramFeed.job_id,
    InstagramFeed.overlay_id,
    _RAW["service_tier"].astext,
    func.coalesce(_RAW["sample"].astext == literal_column("'true'"), false()),
    _STATUS,
    _FAVOURITE,
    _SOURCE,
)
_KEPT_OF_ANSWER = ("service_tier", "usage", "sample")
_ANSWER = case(
    (
        func.jsonb_typeof(_RAW) == literal_column("'object'"),
        func.jsonb_build_object(
            *(
                part
                for name in _KEPT_OF_ANSWER
                for part in (literal_column(f"'{name}'"), _RAW[literal_column(f"'{name}'")])
            )
        ),
    ),
    else_=null(),
).label("gpt_response_raw")
_COLUMNS = {field.name: getattr(InstagramFeed, field.name) for field in fields(Feed)}
_WHOLE = _matches(*_COLUMNS.values(), _STATUS, _FAVOURITE)
_WITHOUT_ANSWER = _matches(*(_COLUMNS | {"gpt_response_raw": _ANSWER}).values(), _STATUS, _FAVOURITE)
_BYTES: ColumnElement[int] = sum(
    (func.coalesce(func.octet_length(each), 0) for each in _COLUMNS.values() if isinstance(each.type, Text)),
    func.coalesce(func.pg_column_size(InstagramFeed.token_usage), 0),
)
"""The bytes of a row's texts: from their headers, none is read for it."""
_SIZES = _matches(_BYTES)
_SIZES_WITH_ANSWERS = _matches(_BYTES + func.coalesce(func.pg_column_size(_RAW), 0))
_COUNT = select(func.studio_count_feeds(*_FILTER, _MOST, _RESPELLED))

_NEWEST = (
    select(
        func.studio_value(InstagramFeed.gpt_model_name).label("model"),
        func.studio_value(InstagramFeed.tone_style).label("tone"),
    )
    .where(InstagramFeed.tenant_id == _TENANT)
    .order_by(InstagramFeed.created_at.desc(), InstagramFeed.instagram_feed_id.desc())
    .limit(NEWEST_READ)
    .cte("newest")
)


def _by_frequency(value: ColumnElement[str]) -> Select[Any]:
    return select(value).group_by(value).order_by(func.count().desc())


_CHOICES = select(
    func.array(_by_frequency(_NEWEST.c.model).scalar_subquery()),
    func.array(_by_frequency(_NEWEST.c.tone).limit(MOST_TONES).scalar_subquery()),
)


def page(
    db: Connection,
    tenant_id: str,
    filters: FeedFilter,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = 20,
) -> Page:
    """At most ``limit`` feeds that match, newest first: those after a place, before one, or the newest of all."""
    newer = before is not None
    rows = [Listed(*row) for row in _find(db, tenant_id, filters, before or after, newer, limit + 1, _LISTED)]
    return pagination.to_page(rows, limit, _place_of, after=after, before=before)


def _place_of(row: Listed) -> Cursor:
    return Cursor(row.created_at, row.feed_id, row.similar)


def feeds(
    db: Connection,
    tenant_id: str,
    filters: FeedFilter,
    *,
    after: Cursor | None = None,
    limit: int = 20,
    with_answers: bool = True,
) -> list[KeptFeed]:
    """At most ``limit`` rows that match, newest first: those after a place, or the newest of all.

    Without answers, ``gpt_response_raw`` holds of each raw answer only what tells its cost and whether it is a sample:
    answers may be long.
    """
    statement = _WHOLE if with_answers else _WITHOUT_ANSWER
    return [
        KeptFeed(*row) for row in _find(db, tenant_id, filters, after, newer=False, most=limit, statement=statement)
    ]


def fitting(
    db: Connection,
    tenant_id: str,
    filters: FeedFilter,
    *,
    after: Cursor | None,
    limit: int,
    most_bytes: int,
    with_answers: bool,
) -> tuple[int, bool]:
    """How many of the next ``limit`` rows hold ``most_bytes`` together, at least one; and whether others follow.

    A raw answer counts as many bytes as it takes on the disk, where it may be compressed.
    """
    statement = _SIZES_WITH_ANSWERS if with_answers else _SIZES
    sizes = [row[0] for row in _find(db, tenant_id, filters, after, newer=False, most=limit + 1, statement=statement)]
    together = list(accumulate(sizes[:limit]))
    fit = sum(size <= most_bytes for size in together) or min(1, len(together))
    return fit, len(sizes) > fit


def count(db: Connection, tenant_id: str, filters: FeedFilter) -> int | None:
    """How many feeds match; None where the filter has words and more than :data:`COUNTED` match."""
    most = COUNTED + 1 if filters.words else None
    counted = 0
    for params in _params(tenant_id, filters):
        counted += int(db.scalar(_COUNT, params | {"most": most}) or 0)
        if most and counted >= most:
            return None
    return counted


def choices(db: Connection, tenant_id: str) -> Choices:
    """What the tenant's :data:`NEWEST_READ` newest feeds have that can be filtered by."""
    return Choices(*db.execute(_CHOICES, {"tenant": tenant_id}).one())


def _find(
    db: Connection,
    tenant_id: str,
    filters: FeedFilter,
    place: Cursor | None,
    newer: bool,
    most: int,
    statement: Select[Any],
) -> list[Any]:
    at = {"from_at": place.created_at if place else None, "from_id": place.feed_id if place else None, "newer": newer}
    stretches = _params(tenant_id, filters)
    rows: list[Any] = []
    for params in reversed(stretches) if newer else stretches:
        similar = params["respelled"] is not None
        beyond = at
        if place and similar != place.similar:
            if place.similar is not newer:
                continue
            beyond = at | {"from_at": None, "from_id": None}
        elif place and place.created_at and _is_passed(params, place.created_at, newer):
            continue
        matches = db.execute(statement, params | beyond | {"most": most - len(rows)})
        more = [(*row, similar) for row in matches]
        rows = more + rows if newer else rows + more
        if len(rows) == most:
            break
    return rows


def _is_passed(params: dict[str, Any], at: dt.datetime, newer: bool) -> bool:
    """Whether a stretch of time lies wholly on the side of ``at`` that the list comes from."""
    edge: dt.datetime | None = params["until"] if newer else params["since"]
    return edge is not None and (edge <= at if newer else edge > at)


def _params(tenant_id: str, filters: FeedFilter) -> list[dict[str, Any]]:
    """The values of the filter's parameters, once for each stretch of time, the newest first.

    Where a word of the search has other spellings, they come again for the feeds that have one of those.
    """
    params = {
        "tenant": tenant_id,
        "facets": filters.facets,
        "words": filters.words,
        "latency_from": filters.latency_from_ms,
        "latency_to": filters.latency_to_ms,
    }
    similar = [
        {"pattern": term.pattern, "spellings": term.spellings} if term.pattern else None for term in filters.terms
    ]
    return [
        params | {"since": since, "until": until, "respelled": spelled}
        for spelled in ([None, similar] if any(similar) else [None])
        for since, until in filters.stretches
    ]
