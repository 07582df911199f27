"""The figures of one tenant or several: counted, read and put together; and what a tenant decides about them.

Everything on the metrics page, in its exports and at ``GET /api/v1/metrics`` comes from :func:`figures`.
"""

from __future__ import annotations

import datetime as dt
import time
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

from lib.errors import InvalidSettings, Problem
from lib.measures import (
    FIRST_DAY,
    LAST_DAY,
    Filters,
    Period,
    Settings,
    Slot,
    Sums,
    merged,
    percentile,
    slot_of,
    summed,
)
from lib.outlook import WEEKS, Anomaly, Projection, anomalies, projected
from lib.pricing import OwnPrice
from lib.store import metric_counting, metric_settings, metrics
from lib.store.metric_settings import Price
from lib.store.metrics import Facet, Point
from lib.studio import Studio

SHARES = (0.5, 0.9, 0.95, 0.99)
FACETS: tuple[Facet, ...] = ("model", "tone", "source", "prompt", "job")
FAILED_UNLESS = ("written", "needs_fixing", "stopped")
"""Outcomes of a request that are no failure: what was asked for, text that breaks rules, and a person's own doing."""
MOST_VIEWS = 100

Key = TypeVar("Key")
Histogram = dict[int, int]
Moment = tuple[dt.date, int]
"""The first day of a slot, and the hour where the slot is one."""


@dataclass(frozen=True)
class Wanted:
    """Which figures: of which period, narrowed by which filters, cut into which slots (None: what fits the period)."""

    period: Period
    filters: Filters = field(default_factory=Filters)
    slot: Slot | None = None

    @property
    def cut(self) -> Slot:
        """What the period is cut into."""
        return self.slot or self.period.slot


@dataclass(frozen=True)
class Part:
    """The captions that share a value: their sums and their latencies."""

    sums: Sums
    latencies: Histogram


@dataclass(frozen=True)
class Figures:
    """All that the page tells of a period. Values are keys: ``-`` for rows without one, else ``=`` and the value."""

    tenants: tuple[str, ...]
    wanted: Wanted
    as_of: dt.datetime
    settings: Settings
    """Of the only tenant; the defaults where there are several, each of which is cut in its own zone."""
    total: Sums
    before: Sums
    """Of the period before."""
    latencies: Histogram
    latencies_before: Histogram
    by_model: dict[tuple[Moment, str], Sums]
    """Over time."""
    latencies_over_time: dict[Moment, Histogram]
    hours: dict[tuple[int, int], Sums]
    """By weekday (0 is Monday) and hour."""
    outcomes: dict[tuple[Moment, str], Sums]
    """The requests of this app over time, by how they ended."""
    points: list[Point]
    undated: Sums
    """Rows without an instant are in no period."""
    since: dt.date | None
    """The day of the first caption."""
    by_tenant: dict[str, Part]
    zones: dict[str, str]
    """In which each tenant's days are cut."""
    unusual: list[Anomaly]
    month: Projection | None
    """The month of now; None where there are filters or several tenants."""
    month_days: dict[dt.date, Sums]
    """Its days so far."""

    @property
    def comparable(self) -> bool:
        """Whether there were figures already at the beginning of the period before."""
        return self.since is not None and self.since <= self.wanted.period.before.first

    @property
    def over_time(self) -> dict[Moment, Sums]:
        """The sums of each slot."""
        return added((moment, sums) for (moment, _), sums in self.by_model.items())

    @property
    def models(self) -> dict[str, Sums]:
        """The sums of each model, the most expensive first."""
        told = added((value, sums) for (_, value), sums in self.by_model.items())
        return dict(sorted(told.items(), key=lambda one: (-one[1].cost, -one[1].rows, one[0])))

    @property
    def ends(self) -> dict[str, int]:
        """How many requests ended in which way, the most frequent first."""
        told = added((value, sums) for (_, value), sums in self.outcomes.items())
        return {value: sums.rows for value, sums in sorted(told.items(), key=lambda one: (-one[1].rows, one[0]))}

    @property
    def requests(self) -> Sums:
        """All requests of this app, whatever became of them."""
        return summed(self.outcomes.values())

    @property
    def failed(self) -> int:
        """Requests that brought nothing."""
        return sum(count for value, count in self.ends.items() if _is_failure(value))

    @property
    def failed_cost(self) -> Decimal | None:
        """What those requests cost all the same, in USD, as far as it is known."""
        told = summed(sums for (_, value), sums in self.outcomes.items() if _is_failure(value))
        return told.cost if told.priced else None

    @property
    def broken(self) -> int:
        """Requests whose text broke Instagram's rules."""
        return self.ends.get("=needs_fixing", 0)

    def as_json(self) -> dict[str, Any]:
        """For programs: numbers as numbers, money and instants as strings."""
        period = self.wanted.period
        return {
            "tenants": list(self.tenants),
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "time_zone": period.zone,
            "slot": self.wanted.cut,
            "filters": {name: value for name, value in asdict(self.wanted.filters).items() if value is not None},
            "as_of": self.as_of.isoformat(),
            "total": _json(self.total, self.latencies),
            "before": _json(self.before, self.latencies_before),
            "over_time": [
                {"begins": day.isoformat(), "hour": hour, **_json(sums, self.latencies_over_time.get((day, hour), {}))}
                for (day, hour), sums in sorted(self.over_time.items())
            ],
            "models": {value: _json(sums) for value, sums in self.models.items()},
            "outcomes": self.ends,
            "undated": self.undated.rows,
            "percentile_error": "0.01",
        }


def count(studio: Studio, tenant_id: str, *, patience_s: float | None = None) -> int:
    """Count what has changed; returns how many rows are left when patience ends (None: it does not)."""
    until = None if patience_s is None else time.monotonic() + patience_s
    while True:
        with studio.database.tenant(tenant_id) as db:
            left = metric_counting.count(db, tenant_id)
        if not left or (until is not None and time.monotonic() > until):
            return left


def versions(studio: Studio, names: Sequence[str]) -> tuple[tuple[int | None, Settings], ...]:
    """Changes whenever the figures do; the number is None for a tenant of whom rows wait to be counted."""
    found = []
    for tenant_id in names:
        with studio.database.tenant(tenant_id) as db:
            settings = metric_settings.get(db, tenant_id)
            found.append((metric_counting.state(db, tenant_id, settings)[0], settings))
    return tuple(found)


def figures(studio: Studio, whose: str | Sequence[str], wanted: Wanted) -> Figures:
    """Everything there is to tell, of the rows as they are now. Raises :class:`lib.errors.DatabaseAway`."""
    names = (whose,) if isinstance(whose, str) else tuple(whose)
    return _together([_of_tenant(studio, name, wanted) for name in names], wanted)


def breakdown(studio: Studio, names: Sequence[str], wanted: Wanted, facet: Facet) -> dict[str, Part]:
    """The figures by the values of a facet, the most expensive first; together they are the whole."""
    sums: dict[str, Sums] = {}
    latencies: dict[str, Histogram] = {}
    for tenant_id in names:
        with studio.database.tenant(tenant_id) as db:
            period = _in_zone(wanted.period, metric_settings.get(db, tenant_id))
            told = metrics.by_value(db, tenant_id, period, facet, wanted.filters)
            bins = metrics.histograms(db, tenant_id, period, None, facet, wanted.filters)
        sums = added([*sums.items(), *told.items()])
        for (_, _, value), histogram in bins.items():
            kept = value if value in told else metrics.OTHERS
            latencies[kept] = merged([latencies.get(kept, {}), histogram])
    ordered = sorted(sums.items(), key=lambda one: (one[0] == metrics.OTHERS, -one[1].cost, -one[1].rows, one[0]))
    return {value: Part(one, latencies.get(value, {})) for value, one in ordered}


def values(studio: Studio, names: Sequence[str], period: Period, facet: Facet) -> list[str]:
    """The values that a facet has in the period, the most frequent first."""
    told: dict[str, Sums] = {}
    for tenant_id in names:
        with studio.database.tenant(tenant_id) as db:
            zone = metric_settings.get(db, tenant_id)
            told = added([*told.items(), *metrics.by_value(db, tenant_id, _in_zone(period, zone), facet).items()])
    return sorted(told, key=lambda value: (-told[value].rows, value))


def own_prices(settings: Settings, prices: list[Price]) -> list[OwnPrice]:
    """The tenant's prices as ``lib.pricing`` takes them, each from the first instant of its day."""
    return metric_counting.prices_in(settings, prices)


def own_prices_of(studio: Studio, tenant_id: str) -> list[OwnPrice]:
    """The same, looked up: with them a single caption costs what it costs in the figures."""
    settings, prices, _ = settings_of(studio, tenant_id)
    return own_prices(settings, prices)


# -- what a tenant decides ------------------------------------------------------------------------------------------


def settings_of(studio: Studio, tenant_id: str) -> tuple[Settings, list[Price], list[metric_settings.SavedView]]:
    """The tenant's settings, own prices and saved views."""
    with studio.database.tenant(tenant_id) as db:
        return (
            metric_settings.get(db, tenant_id),
            metric_settings.prices(db, tenant_id),
            metric_settings.views(db, tenant_id),
        )


def decide(studio: Studio, tenant_id: str, settings: Settings) -> None:
    """Another zone, budget or rate. Raises :class:`lib.errors.InvalidSettings` with every problem at once."""
    problems = [
        Problem(name, "not_positive")
        for name in ("budget_usd", "krw_per_usd")
        if (value := getattr(settings, name)) is not None and not Decimal(0) < value < Decimal(10) ** 9
    ]
    with studio.database.tenant(tenant_id) as db:
        if settings.time_zone not in zoneinfo.available_timezones() or not metric_settings.knows_zone(
            db, settings.time_zone
        ):
            problems.append(Problem("time_zone", "no_such_zone", {"told": settings.time_zone[:80]}))
        if problems:
            raise InvalidSettings(problems)
        metric_settings.put(db, tenant_id, settings)


def set_price(studio: Studio, tenant_id: str, price: Price) -> None:
    """Say what a model costs from a day on; what was counted since at another price is counted again.

    Raises :class:`lib.errors.InvalidSettings`.
    """
    problems = [] if price.model.strip() else [Problem("model", "missing")]
    problems += [
        Problem(name, "not_positive")
        for name in ("input_usd", "cached_usd", "output_usd")
        if not Decimal(0) <= getattr(price, name) < Decimal(10) ** 9
    ]
    if not FIRST_DAY <= price.starts_on <= LAST_DAY:
        problems.append(Problem("starts_on", "out_of_range", {"least": FIRST_DAY, "most": LAST_DAY}))
    if problems:
        raise InvalidSettings(problems)
    with studio.database.tenant(tenant_id) as db:
        metric_counting.turn(db, tenant_id)
        metric_settings.put_price(db, tenant_id, replace(price, model=price.model.strip()))
        metric_counting.recount_model(db, tenant_id, price.model.strip())


def drop_price(studio: Studio, tenant_id: str, model: str, starts_on: dt.date) -> None:
    """Take a price back."""
    with studio.database.tenant(tenant_id) as db:
        metric_counting.turn(db, tenant_id)
        metric_settings.delete_price(db, tenant_id, model, starts_on)
        metric_counting.recount_model(db, tenant_id, model)


def save_view(studio: Studio, tenant_id: str, name: str, query: Mapping[str, str]) -> None:
    """Keep a period and filters under a name; the same name replaces. Raises :class:`lib.errors.InvalidSettings`."""
    name = " ".join(name.split())
    if not name or len(name) > metric_settings.LONGEST_NAME:
        code = "too_long" if name else "missing"
        told = {"length": len(name), "most": metric_settings.LONGEST_NAME}
        raise InvalidSettings([Problem("view_name", code, told if name else {})])
    with studio.database.tenant(tenant_id) as db:
        metric_settings.put_view(db, tenant_id, name, dict(query))


def drop_view(studio: Studio, tenant_id: str, name: str) -> None:
    """Forget a view."""
    with studio.database.tenant(tenant_id) as db:
        metric_settings.delete_view(db, tenant_id, name)


# -- putting together -----------------------------------------------------------------------------------------------


def added(told: Iterable[tuple[Key, Sums]]) -> dict[Key, Sums]:
    """The sums under each key together."""
    together: dict[Key, Sums] = {}
    for key, sums in told:
        together[key] = together[key] + sums if key in together else sums
    return together


def _is_failure(value: str) -> bool:
    return value.removeprefix("=") not in FAILED_UNLESS


def _in_zone(period: Period, settings: Settings) -> Period:
    return replace(period, zone=settings.time_zone)


def _of_tenant(studio: Studio, tenant_id: str, wanted: Wanted) -> Figures:
    count(studio, tenant_id)
    filters, cut = wanted.filters, wanted.cut
    with studio.database.tenant(tenant_id) as db:
        settings = metric_settings.get(db, tenant_id)
        period = _in_zone(wanted.period, settings)
        _, as_of = metric_counting.state(db, tenant_id, settings)
        by_model = metrics.over_time(db, tenant_id, period, cut, "model", filters)
        outcomes = metrics.over_time(db, tenant_id, period, cut, "outcome", filters, "attempt")
        over_time = metrics.histograms(db, tenant_id, period, cut, "all", filters)
        before = metrics.by_value(db, tenant_id, period.before, "all", filters)
        bins_before = metrics.histograms(db, tenant_id, period.before, None, "all", filters)
        total, latencies = summed(by_model.values()), merged(over_time.values())
        now = as_of.astimezone(zoneinfo.ZoneInfo(settings.time_zone))
        days = _days(db, tenant_id, period, now.date(), filters)
        since = metrics.first_day(db, tenant_id)
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
            hours=metrics.by_hour(db, tenant_id, period, filters),
            outcomes={((day, hour), value): sums for (day, hour, value), sums in outcomes.items()},
            points=metrics.newest_points(db, tenant_id, period, filters),
            undated=metrics.undated(db, tenant_id),
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
    told = metrics.over_time(db, tenant_id, Period(first, period.last, period.zone), "day", "all", filters)
    month = Period(today.replace(day=1), today, period.zone)
    if not (first <= month.first and month.last <= period.last):
        told |= metrics.over_time(db, tenant_id, month, "day", "all", filters)
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


def _json(sums: Sums, latencies: Histogram | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "captions": sums.rows,
        "kept": sums.kept,
        "tokens": {name: getattr(sums, name) for name in ("prompt", "cached", "written", "completion", "reasoning")},
        "cost_usd": str(sums.cost) if sums.priced else None,
        "without_usage": sums.unused,
        "without_price": sums.unpriced,
        "without_latency": sums.rows - sums.timed,
        "latency_ms": {"avg": sums.latency_avg, "min": sums.latency_min, "max": sums.latency_max},
    }
    if latencies is not None:
        told["latency_ms"] |= {f"p{share * 100:.0f}": percentile(latencies, share) for share in SHARES}
    return told
