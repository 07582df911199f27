"""The list of a tenant's feeds: those that match a filter, newest first, equally fast at any depth.

A search lists the feeds that hold its words as written, then those that spell them otherwise.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    Double,
    FromClause,
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
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from lib.domain.cursor import Cursor
from lib.domain.feed_filter import FeedFilter
from lib.domain.pricing import OwnPrice
from lib.store import pagination
from lib.store.feed_versions import Version
from lib.store.feeds import Feed
from lib.store.tables import FeedFindings, FeedState, Generation, InstagramFeed

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
    """A whole row with its status, and its findings as JSON, None where it was not checked since it changed.

    Versions and own prices are empty unless the caller fills them in.
    """

    status: str
    favourite: bool
    findings: Sequence[Any] | None
    similar: bool = False
    versions: Sequence[Version] = ()
    own_prices: Sequence[OwnPrice] = ()


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
_MATCH = func.studio_find_feeds(
    *_FILTER, *_PLACE, _MOST, _RESPELLED, bindparam("exact_too", type_=Boolean())
).table_valued(
    column("feed_id", Uuid()),
    column("created_at", DateTime(timezone=True)),
    column("is_respelled", Boolean()),
    name="match",
)
_ROOM = bindparam("room", type_=BigInteger())
_ROW = and_(InstagramFeed.tenant_id == _TENANT, InstagramFeed.instagram_feed_id == _MATCH.c.feed_id)


def _of_match(table: type[FeedState] | type[FeedFindings], *columns: Any) -> FromClause:
    """These columns of the row of a match in a table of ours, looked up by its primary key.

    OFFSET 0 lets PostgreSQL do nothing else: it knows no statistics of teams there, and takes a team for a few rows.
    """
    statement = select(*columns).where(table.tenant_id == _TENANT, table.feed_id == _MATCH.c.feed_id)
    return statement.correlate(_MATCH).offset(literal_column("0")).lateral(table.__tablename__)


_STATE = _of_match(FeedState, FeedState.status, FeedState.favourite)
_FINDINGS = _of_match(FeedFindings, FeedFindings.findings)
_SOURCE = (
    select(Generation.source)
    .where(Generation.tenant_id == _TENANT, Generation.instagram_feed_id == _MATCH.c.feed_id)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_STATUS = func.coalesce(_STATE.c.status, literal_column("'draft'"))
_FAVOURITE = func.coalesce(_STATE.c.favourite, false())
_TEXTS = [field.name for field in fields(Listed)[2:8]]
_RAW = InstagramFeed.gpt_response_raw


_ROWS = join(_MATCH, InstagramFeed, _ROW).outerjoin(_STATE, true())


def _unpacked(answer: Any) -> FromClause:
    """A raw answer, taken from the disk and unpacked once for all that looks at it; each look would do so by itself."""
    whole = answer.op("||", return_type=JSONB())(literal_column("'{}'::jsonb")).label("whole")
    return select(whole).correlate(answer.table).offset(literal_column("0")).lateral("answer")


_ORDER = (_MATCH.c.is_respelled, _MATCH.c.created_at.desc(), _MATCH.c.feed_id.desc())
_ANSWER = _unpacked(_RAW)
_LISTED = (
    select(
        _MATCH.c.feed_id,
        func.nullif(_MATCH.c.created_at, literal_column("'-infinity'")),
        *(func.left(getattr(InstagramFeed, name), LONGEST_TEXT) for name in _TEXTS),
        InstagramFeed.gpt_model_name,
        InstagramFeed.latency_ms,
        func.studio_reported_usage(InstagramFeed.token_usage, _ANSWER.c.whole, type_=JSONB),
        InstagramFeed.job_id,
        InstagramFeed.overlay_id,
        _ANSWER.c.whole["service_tier"].astext,
        func.coalesce(_ANSWER.c.whole["sample"].astext == literal_column("'true'"), false()),
        _STATUS,
        _FAVOURITE,
        _SOURCE,
        _MATCH.c.is_respelled,
    )
    .select_from(_ROWS.join(_ANSWER, true()))
    .order_by(*_ORDER)
)
_KEPT_OF_ANSWER: list[Any] = [literal_column(f"'{name}'") for name in ("service_tier", "usage", "sample")]
_COLUMNS = {field.name: getattr(InstagramFeed, field.name) for field in fields(Feed)}
_BYTES: ColumnElement[int] = sum(
    (func.coalesce(func.octet_length(each), 0) for each in _COLUMNS.values() if isinstance(each.type, Text)),
    func.coalesce(func.pg_column_size(InstagramFeed.token_usage), 0),
)
"""The bytes of a row's texts: from their headers, none is read for it."""


def _whole(size: ColumnElement[int], *, with_answers: bool) -> Select[Any]:
    """Whole rows that match, newest first, and whether others follow each: the first, and those that fit beside it.

    Sizes are added up before any long text is read.
    """
    sized = (
        select(
            *_COLUMNS.values(),
            _STATUS.label("status"),
            _FAVOURITE.label("favourite"),
            _FINDINGS.c.findings,
            _MATCH.c.is_respelled.label("similar"),
            _MATCH.c.created_at.label("listed_at"),
            func.lead(_MATCH.c.feed_id).over(order_by=_ORDER).is_not(None).label("others_follow"),
            func.sum(size).over(order_by=_ORDER).label("together"),
            func.row_number().over(order_by=_ORDER).label("place"),
        )
        .select_from(_ROWS.outerjoin(_FINDINGS, true()))
        .subquery("sized")
    )
    row, rows = sized.c, list[FromClause]([sized])
    columns: dict[str, Any] = {name: row[name] for name in (*_COLUMNS, "status", "favourite", "findings", "similar")}
    if not with_answers:
        answer = _unpacked(row.gpt_response_raw)
        whole, rows = answer.c.whole, [sized.join(answer, true())]
        members: list[Any] = [each for name in _KEPT_OF_ANSWER for each in (name, whole[name])]
        columns["gpt_response_raw"] = case(
            (func.jsonb_typeof(whole) == literal_column("'object'"), func.jsonb_build_object(*members)), else_=null()
        )
    fits = or_(_ROOM.is_(None), row.place == literal_column("1"), row.together <= _ROOM)
    statement = select(*columns.values(), row.others_follow, row.together).select_from(*rows).where(fits)
    return statement.order_by(row.similar, row.listed_at.desc(), row.instagram_feed_id.desc())


_WHOLE = _whole(_BYTES + func.coalesce(func.pg_column_size(_RAW), 0), with_answers=True)
_WITHOUT_ANSWER = _whole(_BYTES, with_answers=False)
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
    most_bytes: int | None = None,
    with_answers: bool = True,
) -> tuple[list[KeptFeed], Cursor | None]:
    """At most ``limit`` whole rows that match, newest first, and the place where the list goes on, None at its end.

    They come after a place, or are the newest of all. ``most_bytes`` is how many their texts hold together; one row
    comes in any case. A raw answer counts as many bytes as it takes on the disk, where it may be compressed.

    Without answers, ``gpt_response_raw`` holds of each raw answer only what tells its cost and whether it is a sample:
    answers may be long.
    """
    statement = _WHOLE if with_answers else _WITHOUT_ANSWER
    rows, together = list[KeptFeed](), 0
    for params in _stretches(tenant_id, filters, after, newer=False):
        room, left = most_bytes and most_bytes - together, limit - len(rows)
        matches = db.execute(statement, params | {"most": left + 1, "room": room}).all()
        fitting = matches[:left]
        if rows and room is not None and fitting and fitting[0].together > room:
            fitting = []
        rows += [KeptFeed(*row[:-2]) for row in fitting]
        if len(fitting) < len(matches) or (fitting and fitting[-1].others_follow):
            last = rows[-1]
            return rows, Cursor(last.created_at, last.instagram_feed_id, last.similar)
        together += fitting[-1].together if fitting else 0
    return rows, None


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
    rows: list[Any] = []
    for params in _stretches(tenant_id, filters, place, newer=newer):
        more = list(db.execute(statement, params | {"most": most - len(rows)}))
        rows = more + rows if newer else rows + more
        if len(rows) == most:
            break
    return rows


def _stretches(tenant_id: str, filters: FeedFilter, place: Cursor | None, *, newer: bool) -> Iterator[dict[str, Any]]:
    """The values of the parameters for each stretch of time that lies beyond the place, in the order of the list."""
    at = {"from_at": place.created_at if place else None, "from_id": place.feed_id if place else None, "newer": newer}
    stretches = _params(tenant_id, filters)
    if place is None and len(stretches) == 2 and stretches[-1]["respelled"]:
        yield stretches[-1] | at | {"exact_too": True}  # one look for those that are spelled so, and otherwise
        return
    for params in reversed(stretches) if newer else stretches:
        similar = params["respelled"] is not None
        if place and similar != place.similar:
            if place.similar is newer:
                yield params | at | {"from_at": None, "from_id": None, "exact_too": False}
        elif not (place and place.created_at and _is_passed(params, place.created_at, newer)):
            yield params | at | {"exact_too": False}


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
