"""The figures of one tenant or several: counted, read and put together; and what a tenant decides about them.

Everything on the metrics page, in its exports and at ``GET /api/v1/metrics`` comes from :func:`figures`.
"""

from __future__ import annotations

import datetime as dt
import time
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib.domain.dimensions import Filters, Settings
from lib.domain.forecast import WEEKS, anomalies, projected
from lib.domain.latency_histogram import merged
from lib.domain.periods import FIRST_DAY, Period, slot_of
from lib.domain.totals import Sums, summed
from lib.metrics.figures import Figures, Histogram, Part, Wanted, added
from lib.store.metrics import counting, queries
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.queries import Dimension
from lib.studio import Studio

FACETS: tuple[Dimension, ...] = ("model", "tone", "source", "prompt", "job")


def count(studio: Studio, tenant_id: str, *, patience_s: float | None = None) -> int:
    """Count what has changed; returns how many rows are left when patience ends (None: it does not)."""
    until = None if patience_s is None else time.monotonic() + patience_s
    while True:
        with studio.database.tenant(tenant_id) as db:
            left = counting.count(db, tenant_id)
        if not left or (until is not None and time.monotonic() > until):
            return left


def versions(studio: Studio, names: Sequence[str]) -> tuple[tuple[int | None, Settings], ...]:
    """Changes whenever the figures do; the number is None for a tenant of whom rows wait to be counted."""
    found = []
    for tenant_id in names:
        with studio.database.tenant(tenant_id) as db:
            settings = stored_settings.get(db, tenant_id)
            found.append((counting.state(db, tenant_id, settings)[0], settings))
    return tuple(found)


def figures(studio: Studio, whose: str | Sequence[str], wanted: Wanted) -> Figures:
    """Everything there is to tell, of the rows as they are now. Raises ``DatabaseAway``."""
    names = (whose,) if isinstance(whose, str) else tuple(whose)
    return _together([_of_tenant(studio, name, wanted) for name in names], wanted)


def breakdown(studio: Studio, names: Sequence[str], wanted: Wanted, facet: Dimension) -> dict[str, Part]:
    """The figures by the values of a facet, the most expensive first; together they are the whole."""
    sums: dict[str, Sums] = {}
    latencies: dict[str, Histogram] = {}
    for tenant_id in names:
        with studio.database.tenant(tenant_id) as db:
            period = _in_zone(wanted.period, stored_settings.get(db, tenant_id))
            told = queries.by_value(db, tenant_id, period, facet, wanted.filters)
            bins = queries.histograms(db, tenant_id, period, None, facet, wanted.filters)
        sums = added([*sums.items(), *told.items()])
        for (_, _, value), histogram in bins.items():
            kept = value if value in told else queries.OTHERS
            latencies[kept] = merged([latencies.get(kept, {}), histogram])
    ordered = sorted(sums.items(), key=lambda one: (one[0] == queries.OTHERS, -one[1].cost, -one[1].rows, one[0]))
    return {value: Part(one, latencies.get(value, {})) for value, one in ordered}


def values(studio: Studio, names: Sequence[str], period: Period, facet: Dimension) -> list[str]:
    """The values that a facet has in the period, the most frequent first."""
    told: dict[str, Sums] = {}
    for tenant_id in names:
        with studio.database.tenant(tenant_id) as db:
            zone = stored_settings.get(db, tenant_id)
            told = added([*told.items(), *queries.by_value(db, tenant_id, _in_zone(period, zone), facet).items()])
    return sorted(told, key=lambda value: (-told[value].rows, value))


def _in_zone(period: Period, settings: Settings) -> Period:
    return replace(period, zone=settings.time_zone)


def _of_tenant(studio: Studio, tenant_id: str, wanted: Wanted) -> Figures:
    count(studio, tenant_id)
    filters, cut = wanted.filters, wanted.cut
    with studio.database.tenant(tenant_id) as db:
        settings = stored_settings.get(db, tenant_id)
        period = _in_zone(wanted.period, settings)
        _, as_of = counting.state(db, tenant_id, settings)
        by_model = queries.over_time(db, tenant_id, period, cut, "model", filters)
        outcomes = queries.over_time(db, tenant_id, period, cut, "outcome", filters, "attempt")
        over_time = queries.histograms(db, tenant_id, period, cut, "all", filters)
        before = queries.by_value(db, tenant_id, period.before, "all", filters)
        bins_before = queries.histograms(db, tenant_id, period.before, None, "all", filters)
        total, latencies = summed(by_model.values()), merged(over_time.values())
        now = as_of.astimezone(zoneinfo.ZoneInfo(settings.time_zone))
        days = _days(db, tenant_id, period, now.date(), filters)
        since = queries.first_day(db, tenant_id)
        last = min(period.last, now.date() - dt.timedelta(days=1))
        this_month = slot_of(now.date(), "month")
        month = {day: sums for day, sums in days.items() if slot_of(day, "month") == this_month}
        return Figures(
            tenants=(tenant_id,),
            wanted=replace(wanted, period=period),
            as_of=as_of,
            settings=settings,
            total=total,
            before=before.get("", Sums()),
            latencies=latencies,
            latencies_before=merged(bins_before.values()),
            by_model={((day, hour), value): sums for (day, hour, value), sums in by_model.items()},
            latencies_over_time={(day, hour): bins for (day, hour, _), bins in over_time.items() if day},
            hours=queries.by_hour(db, tenant_id, period, filters),
            outcomes={((day, hour), value): sums for (day, hour, value), sums in outcomes.items()},
            points=queries.newest_points(db, tenant_id, period, filters),
            undated=queries.undated(db, tenant_id),
            since=since,
            by_tenant={tenant_id: Part(total, latencies)},
            zones={tenant_id: settings.time_zone},
            unusual=anomalies(days, period.first, last, since or now.date()) if last >= period.first else [],
            month=None if filters else projected(summed(month.values()).cost, now),
            month_days={} if filters else month,
        )


def _days(db: Any, tenant_id: str, period: Period, today: dt.date, filters: Filters) -> dict[dt.date, Sums]:
    """The days of the period, of the weeks before it to compare with, and of the current month."""
    first = max(period.first - dt.timedelta(weeks=WEEKS), FIRST_DAY)
    told = queries.over_time(db, tenant_id, Period(first, period.last, period.zone), "day", "all", filters)
    month = Period(today.replace(day=1), today, period.zone)
    if not (first <= month.first and month.last <= period.last):
        told |= queries.over_time(db, tenant_id, month, "day", "all", filters)
    return {day: sums for (day, _, _), sums in told.items()}


def _together(parts: list[Figures], wanted: Wanted) -> Figures:
    if len(parts) == 1:
        return parts[0]

    def all_of(read: Callable[[Figures], Mapping[Any, Sums]]) -> dict[Any, Sums]:
        return added(item for part in parts for item in read(part).items())

    moments = {moment for part in parts for moment in part.latencies_over_time}
    return Figures(
        tenants=tuple(name for part in parts for name in part.tenants),
        wanted=wanted,
        as_of=min((part.as_of for part in parts), default=dt.datetime.now(dt.UTC)),
        settings=Settings(),
        total=summed(part.total for part in parts),
        before=summed(part.before for part in parts),
        latencies=merged(part.latencies for part in parts),
        latencies_before=merged(part.latencies_before for part in parts),
        by_model=all_of(lambda part: part.by_model),
        latencies_over_time={
            moment: merged(part.latencies_over_time.get(moment, {}) for part in parts) for moment in moments
        },
        hours=all_of(lambda part: part.hours),
        outcomes=all_of(lambda part: part.outcomes),
        points=[],
        undated=summed(part.undated for part in parts),
        since=min((part.since for part in parts if part.since), default=None),
        by_tenant={name: one for part in parts for name, one in part.by_tenant.items()},
        zones={name: zone for part in parts for name, zone in part.zones.items()},
        unusual=[],
        month=None,
        month_days={},
    )
