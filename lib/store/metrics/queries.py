"""The figures as they were counted: sums, histograms and points of a period, from cells or, filtered, from facts.

Without a filter a period is read from the sums of its days, so what that costs grows with the days and not with the
rows. Jobs, single hours and everything filtered are read from the facts of the period, one narrow row each.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Connection, TextClause, text

from lib.domain.dimensions import Filters
from lib.domain.periods import FIRST_DAY, NO_DAY, Granularity, Period, whole_slots
from lib.domain.totals import Sums

Kind = Literal["feed", "attempt"]
Dimension = Literal["all", "model", "tone", "source", "prompt", "job", "hour", "outcome"]

OTHERS = "+"
"""The key under which jobs beyond the largest are told together."""
MOST_JOBS = 20

_VALUE: dict[str, str] = {
    "all": "''",
    "model": "studio_metric_key(model)",
    "tone": "studio_metric_key(tone)",
    "source": "studio_metric_key(source)",
    "prompt": "studio_metric_key(prompt_version)",
    "job": "studio_metric_key(job_id::text)",
    "hour": "lpad(hour::text, 2, '0')",
    "outcome": "studio_metric_key(outcome)",
}
_SLOT: dict[str, str] = {
    "hour": "day",
    "day": "day",
    "week": "date_trunc('week', day::timestamp)::date",
    "month": "date_trunc('month', day::timestamp)::date",
}
_FROM_CELLS = """
    sum(rows), sum(kept), sum(timed), sum(latency_sum), min(latency_min), max(latency_max), sum(used),
    sum(prompt), sum(cached), sum(written), sum(completion), sum(reasoning), sum(priced), sum(cost)
"""
_FROM_FACTS = """
    count(*), count(*) FILTER (WHERE kept), count(latency_ms), coalesce(sum(latency_ms::numeric), 0),
    min(latency_ms), max(latency_ms), count(prompt), coalesce(sum(prompt), 0), coalesce(sum(cached), 0),
    coalesce(sum(written), 0), coalesce(sum(completion), 0), coalesce(sum(reasoning), 0), count(cost),
    coalesce(sum(cost), 0)
"""
"""The fields of ``Sums``, in their order."""


@dataclass(frozen=True)
class Point:
    """One caption in a scatter chart; its tokens and latency are known."""

    feed_id: uuid.UUID
    created_at: dt.datetime
    model: str | None
    completion: int
    latency_ms: float


def over_time(
    db: Connection,
    tenant_id: str,
    period: Period,
    slot: Granularity,
    facet: Dimension = "all",
    filters: Filters = Filters(),  # noqa: B008 - frozen
    kind: Kind = "feed",
) -> dict[tuple[dt.date, int, str], Sums]:
    """What was counted by the first day of each slot, hour (0 but for hours) and value of the facet."""
    if slot == "hour":
        told = _facts(f"day, hour, {_VALUE[facet]} AS value", filters)
    elif filters or facet == "job":
        told = _facts(f"{_SLOT[slot]} AS slot, 0, {_VALUE[facet]} AS value", filters)
    else:
        told = _cells(f"{_SLOT[slot]} AS slot, 0, value")
    rows = db.execute(told, _asked(tenant_id, period, facet, filters, kind))
    return {(row[0], row[1], row[2]): Sums(*_ints(row[3:])) for row in rows}


def by_value(
    db: Connection,
    tenant_id: str,
    period: Period,
    facet: Dimension,
    filters: Filters = Filters(),  # noqa: B008 - frozen
    kind: Kind = "feed",
) -> dict[str, Sums]:
    """What was counted by value of the facet. Jobs beyond the most expensive are told together, as :data:`OTHERS`."""
    asked = _asked(tenant_id, period, facet, filters, kind)
    if facet == "job":
        return {row[0]: Sums(*_ints(row[1:])) for row in db.execute(_jobs(filters), asked)}
    told = _facts(f"{_VALUE[facet]} AS value", filters) if filters else _cells("value")
    return {row[0]: Sums(*_ints(row[1:])) for row in db.execute(told, asked)}


def by_hour(
    db: Connection,
    tenant_id: str,
    period: Period,
    filters: Filters = Filters(),  # noqa: B008 - frozen
) -> dict[tuple[int, int], Sums]:
    """What was counted in each hour of the week, by weekday (0 is Monday) and hour."""
    weekday = "extract(isodow FROM day)::integer - 1"
    if filters:
        told = _facts(f"{weekday} AS weekday, hour", filters)
    else:
        told = _cells(f"{weekday} AS weekday, value::integer AS hour")
    rows = db.execute(told, _asked(tenant_id, period, "hour", filters, "feed"))
    return {(row[0], row[1]): Sums(*_ints(row[2:])) for row in rows}


def undated(db: Connection, tenant_id: str, kind: Kind = "feed") -> Sums:
    """What was counted of rows without a usable instant, which are in no period."""
    asked = {"tenant": tenant_id, "kind": kind, "facet": "all", "first": NO_DAY, "last": NO_DAY}
    rows = list(db.execute(_cells("value"), asked))
    return Sums(*_ints(rows[0][1:])) if rows else Sums()


def histograms(
    db: Connection,
    tenant_id: str,
    period: Period,
    slot: Granularity | None,
    facet: Dimension = "all",
    filters: Filters = Filters(),  # noqa: B008 - frozen
) -> dict[tuple[dt.date | None, int, str], dict[int, int]]:
    """How many latencies are in each bin, by slot (None: the whole period), hour and value of the facet."""
    asked = _asked(tenant_id, period, facet, filters, "feed")
    if filters or facet == "job" or slot == "hour":
        when = "NULL::date, 0" if slot is None else "day, hour" if slot == "hour" else f"{_SLOT[slot]}, 0"
        told = text(
            f"SELECT {when}, {_VALUE[facet]}, bin, count(*) FROM studio_metric_facts "
            f"WHERE {_WITHIN} AND bin IS NOT NULL {_narrowed(filters)} GROUP BY 1, 2, 3, 4"
        )
    else:
        span = slot or "month"
        first, last = whole_slots(period, span)
        asked |= {"span": span, "from": first, "to": last}
        when = "NULL::date" if slot is None else f"date_trunc('{slot}', begins::timestamp)::date"
        told = text(f"SELECT {when}, 0, value, bin, sum(rows) FROM ({_LATENCIES}) AS told GROUP BY 1, 3, 4")
    found: dict[tuple[dt.date | None, int, str], dict[int, int]] = {}
    for begins, hour, value, number, rows in db.execute(told, asked):
        if rows:
            found.setdefault((begins, hour, value), {})[number] = int(rows)
    return found


def newest_points(
    db: Connection,
    tenant_id: str,
    period: Period,
    filters: Filters = Filters(),  # noqa: B008 - frozen
    limit: int = 1000,
) -> list[Point]:
    """The newest captions of the period of which both tokens and latency are known, of at most ten times as many."""
    since, until = period.instants()
    asked = _asked(tenant_id, period, "all", filters, "feed") | {"limit": limit}
    asked |= {"since": since, "until": until, "looked_at": 10 * limit, "zone": period.zone}
    told = text(f"""
        SELECT {_POINT} FROM studio_metric_facts AS facts WHERE {_WITHIN} AND {_KNOWN_POINT} {_narrowed(filters)}
        ORDER BY day DESC, created_at DESC LIMIT :limit
    """)
    return [Point(*row) for row in db.execute(told if filters else _NEWEST_POINTS, asked)]


_POINT = "row_id, facts.created_at, model, completion, facts.latency_ms"
_KNOWN_POINT = "completion IS NOT NULL AND facts.latency_ms IS NOT NULL"
_NEWEST_POINTS = text(f"""
    SELECT {_POINT} FROM (
        SELECT instagram_feed_id, created_at FROM instagram_feeds
        WHERE tenant_id = :tenant AND created_at >= :since AND created_at < :until
        ORDER BY created_at DESC, instagram_feed_id DESC LIMIT :looked_at
    ) AS newest JOIN LATERAL (
        SELECT * FROM studio_metric_facts
        WHERE tenant_id = :tenant AND day = (newest.created_at AT TIME ZONE :zone)::date
            AND kind = :kind AND row_id = newest.instagram_feed_id LIMIT 1
    ) AS facts ON {_KNOWN_POINT} LIMIT :limit
""")
"""As the list of feeds is read, so that it costs the same however many there are a day."""


def first_day(db: Connection, tenant_id: str) -> dt.date | None:
    """The day of the oldest caption; None of none."""
    found: dt.date | None = db.scalar(_FIRST_DAY, {"tenant": tenant_id, "since": FIRST_DAY})
    return found


_FIRST_DAY = text("""
    SELECT day FROM studio_metric_cells
    WHERE tenant_id = :tenant AND kind = 'feed' AND facet = 'all' AND day >= :since AND rows > 0
    ORDER BY day LIMIT 1
""")
_LATENCIES = """
    SELECT begins, value, unnest(bins) AS bin, unnest(counts) AS rows FROM studio_metric_latencies
    WHERE tenant_id = :tenant AND kind = :kind AND facet = :facet AND (
        span = :span AND begins BETWEEN :from AND :to
        OR span = 'day' AND (begins >= :first AND begins < :from OR begins > :to AND begins <= :last))
"""
_WITHIN = "tenant_id = :tenant AND kind = :kind AND day BETWEEN :first AND :last"


def _cells(groups: str) -> TextClause:
    return text(
        f"SELECT {groups}, {_FROM_CELLS} FROM studio_metric_cells "
        f"WHERE {_WITHIN} AND facet = :facet GROUP BY {_numbers(groups)} HAVING sum(rows) <> 0"
    )


def _facts(groups: str, filters: Filters) -> TextClause:
    return text(
        f"SELECT {groups}, {_FROM_FACTS} FROM studio_metric_facts "
        f"WHERE {_WITHIN} {_narrowed(filters)} GROUP BY {_numbers(groups)}"
    )


def _jobs(filters: Filters) -> TextClause:
    how = {"latency_min": "min", "latency_max": "max"}
    named, added = ", ".join(_NAMES), ", ".join(f"{how.get(name, 'sum')}({name})" for name in _NAMES)
    return text(f"""
        WITH jobs (value, {named}) AS (
            SELECT {_VALUE["job"]}, {_FROM_FACTS} FROM studio_metric_facts
            WHERE {_WITHIN} {_narrowed(filters)} GROUP BY 1
        ), placed AS (
            SELECT *, row_number() OVER (ORDER BY value = '-' DESC, cost DESC, rows DESC, value) AS place FROM jobs
        )
        SELECT CASE WHEN place <= {MOST_JOBS} THEN value ELSE '{OTHERS}' END, {added} FROM placed GROUP BY 1
    """)


_NAMES = [one.name for one in fields(Sums)]


def _numbers(groups: str) -> str:
    """``GROUP BY`` by place; commas within parentheses part nothing."""
    depth, count = 0, 1
    for sign in groups:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        count += sign == "," and depth == 0
    return ", ".join(str(number) for number in range(1, count + 1))


def _narrowed(filters: Filters) -> str:
    return "".join(f" AND {_VALUE[name]} = :only_{name}" for name, _ in _given(filters))


def _given(filters: Filters) -> Iterator[tuple[str, str]]:
    for one in fields(filters):
        value = getattr(filters, one.name)
        if value is not None:
            yield one.name, value


def _asked(tenant_id: str, period: Period, facet: str, filters: Filters, kind: Kind) -> dict[str, Any]:
    asked = {"tenant": tenant_id, "kind": kind, "facet": facet, "first": period.first, "last": period.last}
    return asked | {f"only_{name}": value for name, value in _given(filters)}


def _ints(row: Any) -> list[Any]:
    """PostgreSQL's sums of whole numbers are numeric; ours are ints, but for the money and the milliseconds."""
    return [
        value if value is None or name in _AS_THEY_ARE else int(value) for name, value in zip(_NAMES, row, strict=True)
    ]


_AS_THEY_ARE = ("latency_ms", "latency_min", "latency_max", "cost")
