"""Reads sums and latencies of a period, by bucket, value and hour, for one tenant or several.

Without a filter, a period is read from the totals of its days, so the cost grows with the days and the values of each
and not with the rows. Jobs, single hours and everything filtered are added up from the counted rows of the period, one
narrow row each. One statement reads all that a page shows.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from sqlalchemy import Connection, Date, Text, TextClause, and_, cast, func, literal_column, select, text, true

from lib.domain.dimensions import FILTERED, Dimension, DimensionValue, Filters
from lib.domain.latency_histogram import Histogram
from lib.domain.periods import FIRST_DAY, Bucket, Granularity, Period, whole_buckets
from lib.domain.totals import Sums
from lib.store.database import use_memory
from lib.store.metrics import dimension_keys
from lib.store.tables import Generation, InstagramFeed
from lib.store.tables import MetricFact as Counted

Kind = Literal["feed", "attempt", "deleted"]
GroupBy = Dimension | Literal["all", "spent", "hour", "tenant"]
Key = TypeVar("Key")
SPENT_KINDS: tuple[Kind, ...] = ("feed", "attempt", "deleted")
"""The kinds of counted rows that money was spent on."""
MOST_VALUES = 20
"""Values beyond the most expensive are added up as :data:`lib.domain.dimensions.OTHERS`."""
LONGEST_POINT_MS = 1e9
"""A scatter chart leaves out latencies from eleven days on, beside which no other could be seen."""
POINTS_LOOKED_AT = 10
"""Rows that are looked at for each point of a scatter chart that is asked for."""


@dataclass(frozen=True)
class Grouping:
    """One way to add up the rows of a period.

    ``unit`` is that of the buckets, ``weekday`` for the hours of a week, None for the whole period at once. Of the
    values of the facet, ``most`` are told by name, the most expensive ones, or the most frequent if ``by_rows``; the
    others are added up as :data:`lib.domain.dimensions.OTHERS`. ``kinds`` are those of the rows: captions (``feed``),
    requests to a model (``attempt``), rows of either that are ``deleted``.
    """

    facet: GroupBy
    period: Period
    unit: Granularity | Literal["weekday"] | None = None
    kinds: tuple[Kind, ...] = ("feed",)
    most: int | None = None
    by_rows: bool = False
    is_histogram: bool = False
    """How many latencies are in which bin, instead of sums."""


class Place(NamedTuple):
    """Where sums belong: to a bucket (the whole period without one) and a value."""

    bucket: Bucket
    value: DimensionValue


WHOLE = Bucket(FIRST_DAY)
"""The bucket of what is not divided into buckets."""


@dataclass
class Added:
    """What a grouping was added up to: the sums of each place, or its histogram."""

    sums: dict[Place, Sums] = field(default_factory=dict)
    histograms: dict[Place, Histogram] = field(default_factory=dict)

    @property
    def total(self) -> Sums:
        """The sums of a grouping without buckets and values."""
        return next(iter(self.sums.values()), Sums())

    @property
    def histogram(self) -> Histogram:
        """The histogram of a grouping without buckets and values."""
        return next(iter(self.histograms.values()), {})

    def by_value(self) -> dict[DimensionValue, Sums]:
        """The sums by value of a grouping without buckets."""
        return {place.value: sums for place, sums in self.sums.items()}

    def by_bucket(self) -> dict[Bucket, Sums]:
        """The sums by bucket of a grouping without values."""
        return {place.bucket: sums for place, sums in self.sums.items()}

    def histograms_by_bucket(self) -> dict[Bucket, Histogram]:
        """The histograms by bucket of a grouping without values."""
        return {place.bucket: histogram for place, histogram in self.histograms.items()}

    def by_hour(self) -> dict[tuple[int, int], Sums]:
        """The sums by hour of the week of a grouping of hours: weekday (0 is Monday) and hour."""
        return {(place.bucket.starts_on.weekday(), int(place.value.text)): sums for place, sums in self.sums.items()}


@dataclass(frozen=True)
class Point:
    """One caption in a scatter chart; its tokens and latency are known."""

    feed_id: uuid.UUID
    created_at: dt.datetime
    model: str | None
    completion_tokens: int
    latency_ms: float


@dataclass(frozen=True)
class Days:
    """The day of the oldest caption and of the newest; None if no caption has a day."""

    first: dt.date | None
    last: dt.date | None


_FIGURES = text((Path(__file__).parent / "figures.sql").read_text(encoding="utf-8"))
_PLAN_FOR_MANY = text("SET LOCAL enable_sort = off; SET LOCAL enable_indexscan = off; SET LOCAL jit = off")
_PLAN_AS_USUAL = text("RESET enable_sort; RESET enable_indexscan; RESET jit")
"""As the server is set: its operator may have switched off more."""
_DAYS = text("""
    SELECT min(oldest.day), max(newest.day) FROM unnest(CAST(:tenants AS text[])) AS team (tenant)
    LEFT JOIN LATERAL (
        SELECT day FROM studio_metric_cells
        WHERE tenant_id = tenant AND kind = 'feed' AND facet = 'all' AND day >= :least AND rows > 0
        ORDER BY day LIMIT 1
    ) AS oldest ON true
    LEFT JOIN LATERAL (
        SELECT day FROM studio_metric_cells
        WHERE tenant_id = tenant AND kind = 'feed' AND facet = 'all' AND day >= :least AND rows > 0
        ORDER BY day DESC LIMIT 1
    ) AS newest ON true
""")


def add_up(
    db: Connection,
    tenants: Sequence[str],
    groupings: Sequence[Grouping],
    filters: Filters | None = None,
    values: Sequence[DimensionValue] = (),
    rows_of: Sequence[str] = (),
) -> list[Added]:
    """What each of the groupings adds up to, over the rows of the tenants that the filters leave.

    Places without rows are left out.

    ``values`` are those of which histograms by value are read. ``rows_of`` are the tenants whose counted rows are added
    up where totals cannot tell, if they are others than those of the totals. Rows without a usable instant are on the
    day :data:`lib.domain.periods.NO_DAY`, which no filter narrows.
    """
    filters = filters or Filters()
    rows = [
        row for number, grouping in enumerate(groupings) for row in _rows(number, grouping, is_filtered=bool(filters))
    ]
    params: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    params["tenants"] = list(tenants)
    params["rows_of"] = list(rows_of or tenants) if any(params["from_rows"]) else []  # planning for many takes long
    params["ranked"] = [grouping.facet for grouping in groupings if grouping.most is not None]
    params["values"] = [dimension_keys.write(value) for value in values]
    params |= dict.fromkeys(FILTERED)
    params |= {name: dimension_keys.write(value) for name, value in filters.given().items()}
    added = [Added() for _ in groupings]
    for number, starts_on, at_hour, key, bins, latencies, *sums in _many_rows(db, _FIGURES, params):
        facet = groupings[number].facet
        value = DimensionValue.of(key) if facet in ("all", "spent", "hour") else dimension_keys.read(key)
        place = Place(Bucket(starts_on, at_hour) if starts_on else WHOLE, value)
        if bins is None:
            added[number].sums[place] = Sums(*sums)
        elif bins:  # a histogram whose rows are gone is empty
            histogram = added[number].histograms.setdefault(place, {})
            for bin_number, count in zip(bins, latencies, strict=True):
                histogram[bin_number] = histogram.get(bin_number, 0) + count
    return added


def _many_rows(db: Connection, statement: TextClause, params: dict[str, Any]) -> Sequence[Any]:
    """The rows of the statement, planned for many rows: PostgreSQL cannot know how many totals there are.

    So it reads them page by page and not one by one, and adds them up without sorting them. It compiles nothing (JIT),
    which takes longer than the statement does.
    """
    use_memory(db)
    db.execute(_PLAN_FOR_MANY)
    rows = db.execute(statement, params).all()
    db.execute(_PLAN_AS_USUAL)
    return rows


def _rows(number: int, grouping: Grouping, *, is_filtered: bool) -> Iterator[dict[str, Any]]:
    """The rows of the statement's table of groupings."""
    from_rows = (
        (is_filtered and grouping.period.first >= FIRST_DAY) or grouping.unit == "hour" or grouping.facet == "job"
    )
    spans: list[tuple[str | None, dt.date, dt.date]] = [(None, grouping.period.first, grouping.period.last)]
    if grouping.is_histogram:
        spans = [("day", grouping.period.first, grouping.period.last)] if from_rows else list(_spans(grouping))
    for span, first, last in spans:
        for kind in grouping.kinds:
            yield {
                "number": number, "kind": kind, "facet": grouping.facet, "first": first, "last": last,
                "unit": grouping.unit or "all", "span": span, "from_rows": from_rows, "most": grouping.most,
                "by_rows": grouping.by_rows,
            }  # fmt: skip


def _spans(grouping: Grouping) -> Iterator[tuple[str, dt.date, dt.date]]:
    """The stored histograms that together are the period: of its whole buckets, and of the days beside them."""
    period, day = grouping.period, dt.timedelta(days=1)
    span: Granularity = grouping.unit if grouping.unit in ("day", "week") else "month"
    first, last = whole_buckets(period, span)
    for name, since, until in (
        (span, first, last),
        ("day", period.first, min(first - day, period.last)),
        ("day", max(last + day, period.first), period.last),
    ):
        if since <= until:
            yield name, since, until


def newest_points(db: Connection, tenant_id: str, period: Period, filters: Filters, limit: int = 1000) -> list[Point]:
    """The newest captions of which both tokens and latency are known, out of at most ten times as many."""
    shown = (Counted.row_id, Counted.created_at, Counted.model, Counted.completion, Counted.latency_ms)
    mine = (Counted.tenant_id == tenant_id, Counted.kind == "feed")
    if filters:
        statement = select(*shown).where(*mine, Counted.day.between(period.first, period.last))
        statement = statement.where(*(_is(name, value) for name, value in filters.given().items()))
        statement = statement.where(Counted.completion.is_not(None), Counted.latency_ms < LONGEST_POINT_MS)
        statement = statement.order_by(Counted.day.desc(), Counted.created_at.desc()).limit(limit)
    else:  # read as the list of feeds is, so that the cost does not grow with the rows of a day
        since, until = period.instants()
        newest = (
            select(
                InstagramFeed.instagram_feed_id,
                # Told here: behind row-level security, PostgreSQL looks for nothing that a function makes of a row.
                cast(func.timezone(period.zone, InstagramFeed.created_at), Date).label("day"),
            )
            .where(InstagramFeed.tenant_id == tenant_id)
            .where(InstagramFeed.created_at >= since, InstagramFeed.created_at < until)
            .order_by(InstagramFeed.created_at.desc(), InstagramFeed.instagram_feed_id.desc())
            .limit(POINTS_LOOKED_AT * limit)
            .subquery("newest")
        )
        counted = (
            select(*shown)
            .where(*mine)
            .where(Counted.day == newest.c.day, Counted.row_id == newest.c.instagram_feed_id)
            .offset(literal_column("0"))  # or PostgreSQL may read whole tables: see count.sql
            .lateral("counted")
        )
        statement = select(counted).select_from(newest.join(counted, true()))
        is_drawn = and_(counted.c.completion.is_not(None), counted.c.latency_ms < LONGEST_POINT_MS)
        statement = statement.where(is_drawn).limit(limit)
    return [
        Point(row.row_id, row.created_at, row.model, row.completion, row.latency_ms) for row in db.execute(statement)
    ]


def days_with_captions(db: Connection, tenants: Sequence[str]) -> Days:
    """The days of the oldest and the newest caption of the tenants."""
    return Days(*db.execute(_DAYS, {"tenants": list(tenants), "least": FIRST_DAY}).one())


_COLUMNS: Mapping[Dimension, Any] = {
    "model": Counted.model, "tone": Counted.tone, "source": Counted.source, "prompt": Counted.prompt_version,
    "job": cast(Counted.job_id, Text),
}  # fmt: skip


def _is(dimension: Dimension, value: DimensionValue) -> Any:
    if dimension == "experiment":
        return Counted.row_id.in_(_of_experiment(value.text))
    column = _COLUMNS[dimension]
    if value.kind == "missing":
        return column.is_(None)
    if value.kind == "hashed":
        return func.studio_metric_key(column) == dimension_keys.write(value)
    return column == value.text


def _of_experiment(text: str) -> Any:
    """The captions of an experiment, or of one of its variants, named as ``Dimension`` says."""
    experiment_id, _, variant = text.partition(":")
    mark = Generation.options["experiment"]
    mine = [mark["id"].astext == experiment_id, Generation.instagram_feed_id.is_not(None)]
    if variant:
        mine.append(mark["variant"].astext == variant)
    return select(Generation.instagram_feed_id).where(Generation.tenant_id == Counted.tenant_id, *mine)
