"""Reads and puts together the figures of one tenant or several, as they are once every row is counted.

Everything on the metrics page, in its exports and at ``GET /api/v1/metrics`` comes from here. Who asks while rows wait
to be counted starts a count (:mod:`lib.metrics.counts`), waits for it as long as they like, and then gets the figures
of now, or the last ones, with the instant of which they are.
"""

from __future__ import annotations

import datetime as dt
import threading
import weakref
import zoneinfo
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from lib.demo.samples import is_sample_tenant
from lib.domain.dimensions import GROUPED, OTHERS, Dimension, DimensionValue
from lib.domain.errors import FiguresBeingCounted
from lib.domain.forecast import WEEKS, Anomaly, anomalies, projected
from lib.domain.latency_histogram import Histogram, merged, without
from lib.domain.periods import DEFAULT_ZONE, FIRST_DAY, NO_DAY, Period, bucket_start
from lib.domain.totals import summed
from lib.metrics import counts
from lib.metrics.figures import Figures, Part, View, most_expensive_first
from lib.store import tenants as directory
from lib.store.metrics import counting, every_team, queries
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.counting import State
from lib.store.metrics.every_team import EVERY_TEAM
from lib.store.metrics.queries import MOST_VALUES, SPENT_KINDS, Added, Grouping
from lib.store.metrics.settings import MetricSettings
from lib.studio import Studio

PATIENCE_S = 60.0
"""How long :func:`figures` waits for rows to be counted."""
MOST_CHOICES = 100
"""Values of a dimension that a filter offers; any other can be typed."""
MOST_OUTCOMES = 50
MOST_KEPT = 20
"""Figures that a process keeps, for those who ask again and those who must wait."""

_lock = threading.Lock()
_reads: weakref.WeakValueDictionary[tuple[tuple[str, ...], View], threading.Lock] = weakref.WeakValueDictionary()
"""The locks of the figures that are read now; one that nobody holds or waits for is gone."""
ViewOf = Callable[[MetricSettings], View]
"""Makes the view of the settings, whose time zone says what day it is."""


def figures(studio: Studio, tenants: str | Sequence[str], view: View, patience_s: float = PATIENCE_S) -> Figures:
    """The figures of the rows as they are now, or the last ones if counting takes longer than ``patience_s``.

    Raises ``DatabaseAway``, and ``FiguresBeingCounted`` if the process has no earlier figures.
    """
    names = (tenants,) if isinstance(tenants, str) else tuple(tenants)
    if newest := current(studio, names, lambda _: view):
        return newest
    if counts.start(studio, names).wait(patience_s):
        return counted(studio, names, lambda _: view)
    return last(studio, names, lambda _: view)


def current(studio: Studio, tenants: tuple[str, ...], view_of: ViewOf) -> Figures | None:
    """The figures if every row is counted, None if rows wait. Raises ``DatabaseAway``.

    One transaction; one more for changed figures of all teams, which names the teams that are shown, or each of them
    where their rows are read.
    """
    figures = None
    with _transaction(studio, tenants) as db:
        states = _states(db, tenants, everywhere=not studio.knows_every_team)
        if not all(state.is_current for state in states):
            return None
        studio.knows_every_team |= EVERY_TEAM in tenants
        if not _reads_every_team(tenants, _settled(view_of, states[0])) or _kept(studio, states, view_of):
            figures = _get(studio, db, states, view_of, tenants)
    return _in_zones(studio, figures) if figures else counted(studio, tenants, view_of)


def counted(studio: Studio, tenants: tuple[str, ...], view_of: ViewOf) -> Figures:
    """The figures after a count has ended; rows that came since may wait. Raises ``DatabaseAway``."""
    names = _names(studio, tenants, view_of(MetricSettings()))
    with _transaction(studio, tenants, names) as db:
        figures = _get(studio, db, _states(db, tenants), view_of, names)
    return _in_zones(studio, figures)


def last(studio: Studio, tenants: tuple[str, ...], view_of: ViewOf) -> Figures:
    """The figures that the process has read last, with their time. Raises ``FiguresBeingCounted`` without any."""
    with _transaction(studio, tenants) as db:
        first = _states(db, tenants)[0]
    earlier = _earlier(studio, tenants, _settled(view_of, first))
    if earlier is None:
        left = max((count.left for count in list(studio.counts.values()) if count.tenants == tenants), default=0)
        raise FiguresBeingCounted(seconds=min(max(2, left // 3_000), 60))
    return earlier


def versions(studio: Studio, tenants: Sequence[str]) -> tuple[tuple[int | None, MetricSettings], ...]:
    """A version and the settings of each tenant, which change whenever its figures do.

    The version is None for a tenant with rows that wait to be counted.
    """
    with _transaction(studio, tenants) as db:
        states = _states(db, tenants)
    return tuple((state.version if state.is_current else None, state.settings) for state in states)


def breakdown(studio: Studio, tenants: Sequence[str], view: View, dimension: Dimension) -> dict[DimensionValue, Part]:
    """The figures by value of the dimension, the most expensive first; together they are the whole."""
    names = _names(studio, tenants, view, dimension)
    with _transaction(studio, tenants, names) as db:
        grouping = Grouping(dimension, view.period, most=MOST_VALUES)
        sums = queries.add_up(db, tenants, [grouping], view.filters, rows_of=names)[0]
        return _parts(db, tenants, view, grouping, sums, names)


def values(studio: Studio, tenants: Sequence[str], period: Period) -> dict[Dimension, list[DimensionValue]]:
    """The values that captions of the period have in each dimension but the job, the most frequent first.

    At most :data:`MOST_CHOICES` of each dimension.
    """
    names = [name for name in GROUPED if name != "job"]
    groupings = [Grouping(name, period, most=MOST_CHOICES, by_rows=True) for name in names]
    with _transaction(studio, tenants) as db:
        added = [grouping.by_value() for grouping in queries.add_up(db, tenants, groupings)]
    return {
        name: sorted(of_name.keys() - {OTHERS}, key=lambda value, of=of_name: (-of[value].rows, value))  # type: ignore[misc]
        for name, of_name in zip(names, added, strict=True)
    }


def _transaction(studio: Studio, tenants: Sequence[str], names: Sequence[str] = ()) -> AbstractContextManager[Any]:
    """A transaction of the tenants, and of those that ``names`` has besides."""
    own = [tenant_id for tenant_id in tenants if tenant_id != EVERY_TEAM]
    return studio.database.tenants(list(dict.fromkeys([*own, *names])), every=EVERY_TEAM in tenants)


def _reads_every_team(tenants: Sequence[str], view: View, dimension: Dimension | None = None) -> bool:
    """Whether the rows of each of all teams are read, because what is stored of all together does not tell."""
    return EVERY_TEAM in tenants and (bool(view.filters) or view.granularity == "hour" or dimension == "job")


def _names(studio: Studio, tenants: Sequence[str], view: View, dimension: Dimension | None = None) -> list[str]:
    """The tenants whose rows are read: themselves, and where need be each of all teams."""
    own = [tenant_id for tenant_id in tenants if tenant_id != EVERY_TEAM]
    if not _reads_every_team(tenants, view, dimension):
        return own
    with studio.database.directory() as db:
        return [*(tenant_id for tenant_id in directory.list_ids(db) if not is_sample_tenant(tenant_id)), *own]


def _in_zones(studio: Studio, figures: Figures) -> Figures:
    """The figures, with the time zones of the teams that are shown of all teams; read once."""
    shown = [value.text for value in figures.by_tenant if value != OTHERS]
    if EVERY_TEAM in figures.tenants and EVERY_TEAM not in figures.zones and shown:
        with studio.database.tenants(shown) as db:
            figures.zones.update({EVERY_TEAM: DEFAULT_ZONE, **stored_settings.zones(db, shown)})
    return figures


def _states(db: Any, tenants: Sequence[str], *, everywhere: bool = False) -> list[State]:
    of_each = counting.states(db, [tenant_id for tenant_id in tenants if tenant_id != EVERY_TEAM])
    return [every_team.state(db, everywhere=everywhere), *of_each] if EVERY_TEAM in tenants else of_each


def _settled(view_of: ViewOf, state: State) -> View:
    """The view in the tenant's time zone; of all teams, each of which has its own, as it is."""
    view, zone = view_of(state.settings), state.settings.time_zone
    return view if state.tenant_id == EVERY_TEAM else replace(view, period=replace(view.period, zone=zone))


def _kept(studio: Studio, states: list[State], view_of: ViewOf) -> Figures | None:
    """The figures that were read last, if they have not changed since."""
    view, now = _settled(view_of, states[0]), min(state.now for state in states)
    earlier = _earlier(studio, tuple(state.tenant_id for state in states), view)
    if earlier is None or earlier.versions != _versions(states) or _day(earlier.as_of, view) != _day(now, view):
        return None
    return replace(earlier, as_of=now)


def _versions(states: list[State]) -> tuple[tuple[int, MetricSettings], ...]:
    return tuple((state.version, state.settings) for state in states)


def _get(studio: Studio, db: Any, states: list[State], view_of: ViewOf, names: Sequence[str]) -> Figures:
    """The figures, read only if they have changed since they were read last; ``names`` are the tenants of the rows."""
    tenants, view = tuple(state.tenant_id for state in states), _settled(view_of, states[0])
    with _reading(tenants, view):  # who comes together reads once
        figures = _kept(studio, states, view_of) or _read(db, states, view, names)
        with _lock:
            studio.figures[tenants, view] = figures
            studio.figures.move_to_end((tenants, view))
            if len(studio.figures) > MOST_KEPT:
                studio.figures.popitem(last=False)
    return figures


def _reading(tenants: tuple[str, ...], view: View) -> threading.Lock:
    with _lock:
        return _reads.setdefault((tenants, view), threading.Lock())


def _earlier(studio: Studio, tenants: tuple[str, ...], view: View) -> Figures | None:
    with _lock:
        return studio.figures.get((tenants, view))


def _day(instant: dt.datetime, view: View) -> dt.date:
    return instant.astimezone(zoneinfo.ZoneInfo(view.period.zone)).date()


def _read(
    db: Any,
    states: list[State],
    view: View,
    names: Sequence[str],
) -> Figures:
    tenants, now = [state.tenant_id for state in states], min(state.now for state in states)
    is_one, settings = tenants != [EVERY_TEAM] and len(tenants) == 1, states[0].settings
    period, unit, filters = view.period, view.granularity, view.filters
    today = _day(now, view)
    month = Period(bucket_start(today, "month"), today, period.zone)
    weeks_before = Period(max(period.first - dt.timedelta(weeks=WEEKS), FIRST_DAY), period.last, period.zone)
    groupings = {
        "total": Grouping("all", period),
        "before": Grouping("all", period.before),
        "by_model": Grouping("model", period, unit, most=MOST_VALUES),
        "latencies": Grouping("all", period, unit, is_histogram=True),
        "latencies_before": Grouping("all", period.before, is_histogram=True),
        "outcomes": Grouping("outcome", period, unit, kinds=("attempt",), most=MOST_OUTCOMES, by_rows=True),
        "spent": Grouping("spent", period, kinds=SPENT_KINDS),
        "spent_before": Grouping("spent", period.before, kinds=SPENT_KINDS),
        "undated": Grouping("all", Period(NO_DAY, NO_DAY)),
    }
    is_whole = not view.only_sums
    if is_whole:
        groupings["hours"] = Grouping("hour", period, "weekday")
    if not is_one:
        groupings["tenants"] = Grouping("tenant", period, most=MOST_VALUES)
    elif is_whole:
        groupings["days"] = Grouping("all", weeks_before, "day")
    if is_one and is_whole and not filters:
        groupings["month"] = Grouping("spent", month, "day", kinds=SPENT_KINDS)
    added = dict(
        zip(groupings, queries.add_up(db, tenants, list(groupings.values()), filters, rows_of=names), strict=True)
    )
    days = queries.days_with_captions(db, tenants)
    latencies = added["latencies"].histograms_by_bucket()
    month_days = (
        {bucket.starts_on: sums for bucket, sums in added["month"].by_bucket().items()} if "month" in added else {}
    )
    total, merged_latencies = added["total"].total, merged(latencies.values())
    last_whole_day = min(period.last, today - dt.timedelta(days=1))
    return Figures(
        tenants=tuple(tenants),
        view=view,
        versions=_versions(states),
        as_of=now,
        settings=settings if is_one else MetricSettings(),
        total=total,
        before=added["before"].total,
        latencies=merged_latencies,
        latencies_before=added["latencies_before"].histogram,
        spent=added["spent"].total.cost,
        spent_before=added["spent_before"].total.cost,
        by_model={(place.bucket, place.value): sums for place, sums in added["by_model"].sums.items()},
        latencies_over_time=latencies,
        hours=added["hours"].by_hour() if "hours" in added else {},
        outcomes={(place.bucket, place.value): sums for place, sums in added["outcomes"].sums.items()},
        points=queries.newest_points(db, tenants[0], period, filters) if "days" in added else [],
        undated=added["undated"].total,
        first_day=days.first,
        last_day=days.last,
        by_tenant=_parts(db, tenants, view, groupings["tenants"], added["tenants"], names)
        if "tenants" in groupings
        else {DimensionValue.of(tenants[0]): Part(total, merged_latencies)},
        zones=stored_settings.zones(db, names),
        unusual=_unusual(added["days"], period.first, last_whole_day, days.first or today) if "days" in added else [],
        month=projected(summed(month_days.values()).cost, now.astimezone(zoneinfo.ZoneInfo(period.zone)))
        if "month" in groupings
        else None,
        month_days=month_days,
    )


def _unusual(days: Added, first: dt.date, last: dt.date, since: dt.date) -> list[Anomaly]:
    sums = {bucket.starts_on: day for bucket, day in days.by_bucket().items()}
    return anomalies(sums, first, last, since) if last >= first else []


def _parts(
    db: Any, tenants: Sequence[str], view: View, grouping: Grouping, added: Added, names: Sequence[str]
) -> dict[DimensionValue, Part]:
    """The values with their latencies; those of the others are what the latencies of all have more."""
    sums = dict(sorted(added.by_value().items(), key=most_expensive_first))
    named = [value for value in sums if value != OTHERS]
    by_value, whole = queries.add_up(
        db,
        tenants,
        [replace(grouping, is_histogram=True), Grouping("all", view.period, is_histogram=True)],
        view.filters,
        named,
        rows_of=names,
    )
    latencies: dict[DimensionValue, Histogram] = {
        place.value: histogram for place, histogram in by_value.histograms.items()
    }
    latencies[OTHERS] = without(whole.histogram, latencies.values())
    return {value: Part(of_value, latencies.get(value, {})) for value, of_value in sums.items()}
