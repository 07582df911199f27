"""Reads sums and latencies of a period, by bucket, value and hour.

Without a filter, a period is read from the totals of its days, so the cost grows with the days and not with the rows.
Jobs, single hours and everything filtered are read from the counted rows of the period, one narrow row each.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)

from lib.domain.dimensions import Dimension, DimensionValue, Filters
from lib.domain.latency_histogram import Histogram
from lib.domain.periods import FIRST_DAY, NO_DAY, Bucket, Granularity, Period, whole_buckets
from lib.domain.totals import Sums
from lib.store.metrics import dimension_keys
from lib.store.tables import InstagramFeed
from lib.store.tables import MetricCell as Daily
from lib.store.tables import MetricFact as Counted
from lib.store.tables import MetricLatency as Latency

Kind = Literal["feed", "attempt"]
Key = TypeVar("Key")
SPENT_KINDS = ("feed", "attempt", "deleted")
"""The kinds of counted rows that money was spent on."""
MOST_JOBS = 20
"""Jobs beyond the most expensive are added up as :data:`lib.domain.dimensions.OTHERS`."""
LONGEST_POINT_MS = 1e9
"""A scatter chart leaves out latencies from eleven days on, beside which no other could be seen."""
POINTS_LOOKED_AT = 10
"""Rows that are looked at for each point of a scatter chart that is asked for."""


@dataclass(frozen=True)
class CountedRows:
    """The rows of a tenant that figures are read of: captions (``feed``) or requests to a model (``attempt``)."""

    tenant_id: str
    period: Period
    filters: Filters = field(default_factory=Filters)
    kind: Kind = "feed"


@dataclass(frozen=True)
class Point:
    """One caption in a scatter chart; its tokens and latency are known."""

    feed_id: uuid.UUID
    created_at: dt.datetime
    model: str | None
    completion_tokens: int
    latency_ms: float


def totals(db: Connection, rows: CountedRows) -> Sums:
    """The sums of all rows."""
    statement = _of_counted(rows) if rows.filters else _of_daily(rows, "all")
    return _sums(db.execute(statement).one())


def by_value(db: Connection, rows: CountedRows, dimension: Dimension) -> dict[DimensionValue, Sums]:
    """The sums by value of the dimension; of jobs, the most expensive and all others together."""
    if dimension == "job":
        statement = _largest_jobs(rows)
    elif rows.filters:
        statement = _of_counted(rows, _key(dimension).label("key"))
    else:
        statement = _of_daily(rows, dimension, Daily.value.label("key"))
    return {dimension_keys.read(row.key): _sums(row) for row in db.execute(statement)}


def over_time(db: Connection, rows: CountedRows, granularity: Granularity) -> dict[Bucket, Sums]:
    """The sums by bucket; a bucket without rows is left out."""
    if rows.filters or granularity == "hour":
        statement = _of_counted(rows, *_bucket(Counted.day, granularity))
    else:
        statement = _of_daily(rows, "all", *_bucket(Daily.day, granularity))
    return {Bucket(row.starts_on, row.at_hour): _sums(row) for row in db.execute(statement)}


def over_time_by(
    db: Connection, rows: CountedRows, granularity: Granularity, dimension: Dimension
) -> dict[tuple[Bucket, DimensionValue], Sums]:
    """The sums by bucket and value of the dimension; what has no rows is left out."""
    if rows.filters or granularity == "hour" or dimension == "job":
        statement = _of_counted(rows, *_bucket(Counted.day, granularity), _key(dimension).label("key"))
    else:
        statement = _of_daily(rows, dimension, *_bucket(Daily.day, granularity), Daily.value.label("key"))
    return {
        (Bucket(row.starts_on, row.at_hour), dimension_keys.read(row.key)): _sums(row) for row in db.execute(statement)
    }


def by_hour(db: Connection, rows: CountedRows) -> dict[tuple[int, int], Sums]:
    """The sums by hour of the week: weekday (0 is Monday) and hour."""
    if rows.filters:
        statement = _of_counted(rows, _weekday(Counted.day), Counted.hour.label("at_hour"))
    else:
        hour = cast(Daily.value, BigInteger).label("at_hour")
        statement = _of_daily(rows, "hour", _weekday(Daily.day), hour)
    return {(row.weekday, row.at_hour): _sums(row) for row in db.execute(statement)}


def spent_by_day(db: Connection, rows: CountedRows) -> dict[dt.date, Sums]:
    """The sums by day of all that was asked of a model: requests, captions without one, deleted rows of either."""
    if rows.filters:
        statement = select(Counted.day, *_COUNTED_SUMS).where(_on_days(Counted, rows), Counted.spent)
        statement = statement.where(*_narrowed(rows.filters)).group_by(Counted.day)
    else:
        statement = select(Daily.day, *_DAILY_SUMS).where(_on_days(Daily, rows), Daily.facet == "spent")
        statement = statement.where(Daily.kind.in_(SPENT_KINDS)).group_by(Daily.day).having(func.sum(Daily.rows) != 0)
    return {row.day: _sums(row) for row in db.execute(statement)}


def undated(db: Connection, tenant_id: str, kind: Kind = "feed") -> Sums:
    """The sums of rows without a usable instant, which are in no period."""
    return totals(db, CountedRows(tenant_id, Period(NO_DAY, NO_DAY), kind=kind))


def latencies(db: Connection, rows: CountedRows) -> Histogram:
    """How many latencies are in each bin."""
    if rows.filters:
        statement = _bins_of_counted(rows)
    else:
        stored = _stored_bins(rows, "all", "month")
        statement = select(stored.c.bin, _whole(func.sum(stored.c.latencies)).label("latencies")).group_by(stored.c.bin)
    return {row.bin: row.latencies for row in db.execute(statement) if row.latencies}


def latencies_by_value(db: Connection, rows: CountedRows, dimension: Dimension) -> dict[DimensionValue, Histogram]:
    """How many latencies are in each bin, by value of the dimension."""
    if rows.filters or dimension == "job":
        statement = _bins_of_counted(rows, _key(dimension).label("key"))
    else:
        stored = _stored_bins(rows, dimension, "month")
        count = _whole(func.sum(stored.c.latencies)).label("latencies")
        statement = select(stored.c.key, stored.c.bin, count).group_by(stored.c.key, stored.c.bin)
    return _histograms(db, statement, lambda row: dimension_keys.read(row.key))


def latencies_over_time(db: Connection, rows: CountedRows, granularity: Granularity) -> dict[Bucket, Histogram]:
    """How many latencies are in each bin, by bucket."""
    if rows.filters or granularity == "hour":
        statement = _bins_of_counted(rows, *_bucket(Counted.day, granularity))
    else:
        stored = _stored_bins(rows, "all", granularity)
        count = _whole(func.sum(stored.c.latencies)).label("latencies")
        bucket = _bucket(stored.c.begins, granularity)
        statement = select(*bucket, stored.c.bin, count).group_by(*bucket, stored.c.bin)
    return _histograms(db, statement, lambda row: Bucket(row.starts_on, row.at_hour))


def newest_points(db: Connection, rows: CountedRows, limit: int = 1000) -> list[Point]:
    """The newest captions of which both tokens and latency are known, out of at most ten times as many."""
    shown = (Counted.row_id, Counted.created_at, Counted.model, Counted.completion, Counted.latency_ms)
    is_drawn = and_(Counted.completion.is_not(None), Counted.latency_ms < LONGEST_POINT_MS)
    if rows.filters:
        statement = select(*shown).where(_within(Counted, rows), *_narrowed(rows.filters), is_drawn)
        statement = statement.order_by(Counted.day.desc(), Counted.created_at.desc()).limit(limit)
    else:  # read as the list of feeds is, so that the cost does not grow with the rows of a day
        since, until = rows.period.instants()
        newest = (
            select(InstagramFeed.instagram_feed_id, InstagramFeed.created_at)
            .where(InstagramFeed.tenant_id == rows.tenant_id)
            .where(InstagramFeed.created_at >= since, InstagramFeed.created_at < until)
            .order_by(InstagramFeed.created_at.desc(), InstagramFeed.instagram_feed_id.desc())
            .limit(POINTS_LOOKED_AT * limit)
            .subquery("newest")
        )
        counted = (
            select(*shown)
            .where(Counted.tenant_id == rows.tenant_id, Counted.kind == "feed")
            .where(Counted.day == cast(func.timezone(rows.period.zone, newest.c.created_at), Date))
            .where(Counted.row_id == newest.c.instagram_feed_id)
            .limit(1)
            .lateral("counted")
        )
        statement = select(counted).select_from(newest.join(counted, true()))
        statement = statement.where(counted.c.completion.is_not(None), counted.c.latency_ms < LONGEST_POINT_MS).limit(
            limit
        )
    return [
        Point(row.row_id, row.created_at, row.model, row.completion, row.latency_ms) for row in db.execute(statement)
    ]


def days_with_captions(db: Connection, tenant_id: str) -> tuple[dt.date | None, dt.date | None]:
    """The day of the oldest caption and of the newest; None if no caption has a day."""
    params = {"tenant": tenant_id}
    return db.scalar(_DAY.order_by(Daily.day), params), db.scalar(_DAY.order_by(Daily.day.desc()), params)


_DAY = (
    select(Daily.day)
    .where(Daily.tenant_id == bindparam("tenant"), Daily.kind == "feed", Daily.facet == "all")
    .where(Daily.day >= FIRST_DAY, Daily.rows > 0)
    .limit(1)
)


# -- parts of statements --------------------------------------------------------------------------------------------


def _whole(number: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum of whole numbers as an ``int``; PostgreSQL makes it a ``numeric``."""
    return cast(func.coalesce(number, literal_column("0")), BigInteger)


def _money(number: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(number, literal_column("0::numeric"))


_DAILY_SUMS: list[ColumnElement[Any]] = [
    _whole(func.sum(Daily.rows)).label("rows"),
    _whole(func.sum(Daily.kept)).label("approved"),
    _whole(func.sum(Daily.timed)).label("with_latency"),
    _money(func.sum(Daily.latency_sum)).label("latency_sum_ms"),
    func.min(Daily.latency_min).label("latency_min_ms"),
    func.max(Daily.latency_max).label("latency_max_ms"),
    _whole(func.sum(Daily.used)).label("with_usage"),
    _whole(func.sum(Daily.prompt)).label("prompt_tokens"),
    _whole(func.sum(Daily.cached)).label("cached_tokens"),
    _whole(func.sum(Daily.written)).label("cache_write_tokens"),
    _whole(func.sum(Daily.completion)).label("completion_tokens"),
    _whole(func.sum(Daily.reasoning)).label("reasoning_tokens"),
    _whole(func.sum(Daily.priced)).label("with_cost"),
    _money(func.sum(Daily.cost)).label("cost_usd"),
]
_COUNTED_SUMS: list[ColumnElement[Any]] = [
    func.count().label("rows"),
    func.count().filter(Counted.kept).label("approved"),
    func.count(Counted.latency_ms).label("with_latency"),
    _money(func.sum(cast(Counted.latency_ms, Daily.latency_sum.type))).label("latency_sum_ms"),
    func.min(Counted.latency_ms).label("latency_min_ms"),
    func.max(Counted.latency_ms).label("latency_max_ms"),
    func.count(Counted.prompt).label("with_usage"),
    _whole(func.sum(Counted.prompt)).label("prompt_tokens"),
    _whole(func.sum(Counted.cached)).label("cached_tokens"),
    _whole(func.sum(Counted.written)).label("cache_write_tokens"),
    _whole(func.sum(Counted.completion)).label("completion_tokens"),
    _whole(func.sum(Counted.reasoning)).label("reasoning_tokens"),
    func.count(Counted.cost).label("with_cost"),
    _money(func.sum(Counted.cost)).label("cost_usd"),
]
_NAMES = [column.name for column in _DAILY_SUMS]

_COLUMNS: dict[Dimension, ColumnElement[Any]] = {
    "model": Counted.model.expression,
    "tone": Counted.tone.expression,
    "source": Counted.source.expression,
    "prompt": Counted.prompt_version.expression,
    "job": cast(Counted.job_id, Text),
    "outcome": Counted.outcome.expression,
}


def _sums(row: Any) -> Sums:
    return Sums(**{name: getattr(row, name) for name in _NAMES})


def _key(dimension: Dimension) -> ColumnElement[str]:
    return func.studio_metric_key(_COLUMNS[dimension], type_=Text)


def _bucket(day: Any, granularity: Granularity) -> list[ColumnElement[Any]]:
    if granularity in ("week", "month"):
        unit: ColumnElement[str] = literal_column(
            f"'{granularity}'"
        )  # a parameter would not be the same expression in GROUP BY
        day = cast(func.date_trunc(unit, cast(day, DateTime)), Date)
    hour = Counted.hour if granularity == "hour" else cast(literal_column("0"), BigInteger)
    return [day.label("starts_on"), hour.label("at_hour")]


def _weekday(day: Any) -> ColumnElement[Any]:
    return (cast(func.extract("isodow", day), BigInteger) - literal_column("1")).label("weekday")


def _on_days(table: type[Daily | Counted], rows: CountedRows) -> ColumnElement[bool]:
    return and_(table.tenant_id == rows.tenant_id, table.day.between(rows.period.first, rows.period.last))


def _within(table: type[Daily | Counted], rows: CountedRows) -> ColumnElement[bool]:
    return and_(_on_days(table, rows), table.kind == rows.kind)


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    return [_is(dimension, value) for dimension, value in filters.given().items()]


def _is(dimension: Dimension, value: DimensionValue) -> ColumnElement[bool]:
    if value.kind == "missing":
        return _COLUMNS[dimension].is_(None)
    if value.kind == "hashed":
        return _key(dimension) == dimension_keys.write_hashed(value)
    return _COLUMNS[dimension] == value.text


def _of_daily(rows: CountedRows, facet: Dimension | Literal["all", "hour"], *groups: ColumnElement[Any]) -> Select[Any]:
    statement = select(*groups, *_DAILY_SUMS).where(_within(Daily, rows), Daily.facet == facet)
    return statement.group_by(*groups).having(func.sum(Daily.rows) != 0) if groups else statement


def _of_counted(rows: CountedRows, *groups: ColumnElement[Any]) -> Select[Any]:
    return select(*groups, *_COUNTED_SUMS).where(_within(Counted, rows), *_narrowed(rows.filters)).group_by(*groups)


def _largest_jobs(rows: CountedRows) -> Select[Any]:
    jobs = _of_counted(rows, _key("job").label("key")).subquery("jobs")
    place = func.row_number().over(
        order_by=[(jobs.c.key == "-").desc(), jobs.c.cost_usd.desc(), jobs.c.rows.desc(), jobs.c.key]
    )
    placed = select(jobs, place.label("place")).subquery("placed")
    extremes: dict[str, Callable[..., ColumnElement[Any]]] = {"latency_min_ms": func.min, "latency_max_ms": func.max}
    added = [
        extremes[name](placed.c[name]).label(name) if name in extremes
        else func.sum(placed.c[name]).label(name) if name in ("latency_sum_ms", "cost_usd")
        else _whole(func.sum(placed.c[name])).label(name)
        for name in _NAMES
    ]  # fmt: skip
    key = case((placed.c.place <= MOST_JOBS, placed.c.key), else_=dimension_keys.OTHERS_KEY).label("key")
    return select(key, *added).group_by(literal_column("1"))


def _bins_of_counted(rows: CountedRows, *groups: ColumnElement[Any]) -> Select[Any]:
    statement = select(*groups, Counted.bin, func.count().label("latencies"))
    statement = statement.where(_within(Counted, rows), *_narrowed(rows.filters), Counted.bin.is_not(None))
    return statement.group_by(*groups, Counted.bin)


def _stored_bins(rows: CountedRows, facet: Dimension | Literal["all"], span: Granularity) -> Subquery:
    """The stored histograms that together are the period: of its whole buckets, and of the days beside them."""
    first, last = whole_buckets(rows.period, span)
    start, of_days = Latency.begins, Latency.span == "day"
    return (
        select(
            start.label("begins"), Latency.value.label("key"),
            func.unnest(Latency.bins).label("bin"), func.unnest(Latency.counts).label("latencies"),
        )
        .where(Latency.tenant_id == rows.tenant_id, Latency.kind == rows.kind, Latency.facet == facet)
        .where(
            or_(
                and_(Latency.span == span, start.between(first, last)),
                and_(of_days, start >= rows.period.first, start < first),
                and_(of_days, start > last, start <= rows.period.last),
            )
        )
        .subquery("stored")
    )  # fmt: skip


def _histograms(db: Connection, statement: Select[Any], key: Callable[[Any], Key]) -> dict[Key, Histogram]:
    histograms: dict[Key, Histogram] = {}
    for row in db.execute(statement):
        if row.latencies:
            histograms.setdefault(key(row), {})[row.bin] = row.latencies
    return histograms
