"""Counts, reads and puts together the figures of one tenant or several.

Everything on the metrics page, in its exports and at ``GET /api/v1/metrics`` comes from :func:`figures`.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib.domain.dimensions import FILTERED, OTHERS, Dimension, DimensionValue
from lib.domain.errors import DatabaseAway
from lib.domain.forecast import WEEKS, anomalies, projected
from lib.domain.latency_histogram import Histogram, merged
from lib.domain.periods import FIRST_DAY, Bucket, Period, bucket_start
from lib.domain.totals import Cost, Sums, summed, summed_by_key
from lib.metrics.figures import Figures, Part, View
from lib.store.metrics import counting, queries
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.queries import CountedRows
from lib.store.metrics.settings import MetricSettings
from lib.studio import Studio

LEAST_ROWS = 200
"""Rows of a chunk that must be counted in time."""


def count(studio: Studio, tenant_id: str) -> Iterator[int]:
    """Count the rows of a tenant that have changed until now, chunk by chunk; yields how many changes are left.

    Each chunk is a transaction of its own. A chunk that takes longer than a statement may is tried again with fewer
    rows. Raises ``DatabaseAway``.
    """
    progress, most = None, counting.MOST
    while progress is None or progress.left:
        try:
            with studio.database.tenant(tenant_id) as db:
                progress = counting.count(db, tenant_id, progress, most)
        except DatabaseAway:
            if most <= LEAST_ROWS:
                raise
            most //= 8
            continue
        yield progress.left


def versions(studio: Studio, tenants: Sequence[str]) -> tuple[tuple[int | None, MetricSettings], ...]:
    """A version and the settings of each tenant, which change whenever its figures do.

    The version is None for a tenant with rows that wait to be counted.
    """
    versions = []
    for tenant_id in tenants:
        with studio.database.tenant(tenant_id) as db:
            settings = stored_settings.get(db, tenant_id)
            versions.append((counting.state(db, tenant_id, settings)[0], settings))
    return tuple(versions)


def figures(studio: Studio, tenants: str | Sequence[str], view: View) -> Figures:
    """The figures of the rows as they are now. Raises ``DatabaseAway``."""
    names = (tenants,) if isinstance(tenants, str) else tuple(tenants)
    return _together([_of_tenant(studio, name, view) for name in names], view)


def breakdown(studio: Studio, tenants: Sequence[str], view: View, dimension: Dimension) -> dict[DimensionValue, Part]:
    """The figures by value of the dimension, the most expensive first; together they are the whole."""
    sums: dict[DimensionValue, Sums] = {}
    latencies: dict[DimensionValue, Histogram] = {}
    for tenant_id in tenants:
        with studio.database.tenant(tenant_id) as db:
            rows = CountedRows(tenant_id, _in_zone(view.period, stored_settings.get(db, tenant_id)), view.filters)
            values = queries.by_value(db, rows, dimension)
            histograms = queries.latencies_by_value(db, rows, dimension)
        sums = summed_by_key([*sums.items(), *values.items()])
        for value, histogram in histograms.items():
            drawn = value if value in values else OTHERS
            latencies[drawn] = merged([latencies.get(drawn, {}), histogram])
    ordered = sorted(sums.items(), key=lambda item: (item[0] == OTHERS, -item[1].cost_usd, -item[1].rows, item[0]))
    return {value: Part(part, latencies.get(value, {})) for value, part in ordered}


def values(studio: Studio, tenants: Sequence[str], period: Period) -> dict[Dimension, list[DimensionValue]]:
    """The values that captions of the period have in each dimension but the job, the most frequent first."""
    sums: dict[Dimension, dict[DimensionValue, Sums]] = {name: {} for name in FILTERED if name != "job"}
    for tenant_id in tenants:
        with studio.database.tenant(tenant_id) as db:
            rows = CountedRows(tenant_id, _in_zone(period, stored_settings.get(db, tenant_id)))
            for name, values in sums.items():
                sums[name] = summed_by_key([*values.items(), *queries.by_value(db, rows, name).items()])
    return {
        name: sorted(values, key=lambda value, of=values: (-of[value].rows, value))  # type: ignore[misc]
        for name, values in sums.items()
    }


def _in_zone(period: Period, settings: MetricSettings) -> Period:
    return replace(period, zone=settings.time_zone)


def _of_tenant(studio: Studio, tenant_id: str, view: View) -> Figures:
    deque(count(studio, tenant_id), maxlen=0)
    with studio.database.tenant(tenant_id) as db:
        settings = stored_settings.get(db, tenant_id)
        view = replace(view, period=_in_zone(view.period, settings))
        period, filters, granularity = view.period, view.filters, view.granularity
        rows, requests = CountedRows(tenant_id, period, filters), CountedRows(tenant_id, period, filters, "attempt")
        rows_before = replace(rows, period=period.before)
        _, as_of = counting.state(db, tenant_id, settings)
        by_model = queries.over_time_by(db, rows, granularity, "model")
        latencies_over_time = queries.latencies_over_time(db, rows, granularity)
        total, latencies = summed(by_model.values()), merged(latencies_over_time.values())
        now = as_of.astimezone(zoneinfo.ZoneInfo(settings.time_zone))
        days = _days(db, rows)
        first_day, last_day = queries.days_with_captions(db, tenant_id)
        last = min(period.last, now.date() - dt.timedelta(days=1))
        this_month = Period(bucket_start(now.date(), "month"), now.date(), period.zone)
        spent, month = queries.spent_by_day(db, rows), queries.spent_by_day(db, replace(rows, period=this_month))
        return Figures(
            tenants=(tenant_id,),
            view=view,
            as_of=as_of,
            settings=settings,
            total=total,
            before=queries.totals(db, rows_before),
            latencies=latencies,
            spent=summed(spent.values()).cost,
            spent_before=summed(queries.spent_by_day(db, rows_before).values()).cost,
            latencies_before=queries.latencies(db, rows_before),
            by_model=by_model,
            latencies_over_time=latencies_over_time,
            hours=queries.by_hour(db, rows),
            outcomes=queries.over_time_by(db, requests, granularity, "outcome"),
            points=queries.newest_points(db, rows),
            undated=queries.undated(db, tenant_id),
            first_day=first_day,
            last_day=last_day,
            by_tenant={tenant_id: Part(total, latencies)},
            zones={tenant_id: settings.time_zone},
            unusual=anomalies(days, period.first, last, first_day or now.date()) if last >= period.first else [],
            month=None if filters else projected(summed(month.values()).cost, now),
            month_days={} if filters else month,
        )


def _days(db: Any, rows: CountedRows) -> dict[dt.date, Sums]:
    """The sums by day of the period, and of the weeks before it to compare with."""
    period = rows.period
    first = max(period.first - dt.timedelta(weeks=WEEKS), FIRST_DAY)
    days = queries.over_time(db, replace(rows, period=Period(first, period.last, period.zone)), "day")
    return {bucket.starts_on: sums for bucket, sums in days.items()}


def _together(parts: list[Figures], view: View) -> Figures:
    if len(parts) == 1:
        return parts[0]

    def all_of(read: Callable[[Figures], Mapping[Any, Sums]]) -> dict[Any, Sums]:
        return summed_by_key(item for part in parts for item in read(part).items())

    buckets: set[Bucket] = {bucket for part in parts for bucket in part.latencies_over_time}
    return Figures(
        tenants=tuple(name for part in parts for name in part.tenants),
        view=view,
        as_of=min((part.as_of for part in parts), default=dt.datetime.now(dt.UTC)),
        settings=MetricSettings(),
        total=summed(part.total for part in parts),
        before=summed(part.before for part in parts),
        latencies=merged(part.latencies for part in parts),
        spent=sum((part.spent for part in parts), Cost()),
        spent_before=sum((part.spent_before for part in parts), Cost()),
        latencies_before=merged(part.latencies_before for part in parts),
        by_model=all_of(lambda part: part.by_model),
        latencies_over_time={
            bucket: merged(part.latencies_over_time.get(bucket, {}) for part in parts) for bucket in buckets
        },
        hours=all_of(lambda part: part.hours),
        outcomes=all_of(lambda part: part.outcomes),
        points=[],
        undated=summed(part.undated for part in parts),
        first_day=min((part.first_day for part in parts if part.first_day), default=None),
        last_day=max((part.last_day for part in parts if part.last_day), default=None),
        by_tenant={name: part for figures in parts for name, part in figures.by_tenant.items()},
        zones={name: zone for part in parts for name, zone in part.zones.items()},
        unusual=[],
        month=None,
        month_days={},
    )
