"""The figures of a period, as the page, the API and the report show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from lib.domain.dimensions import Filters, Settings
from lib.domain.forecast import Anomaly, Projection
from lib.domain.latency_histogram import percentile
from lib.domain.periods import Granularity, Period
from lib.domain.totals import Sums, summed
from lib.store.metrics.queries import Point

SHARES = (0.5, 0.9, 0.95, 0.99)
FAILED_UNLESS = ("written", "needs_fixing", "stopped")
"""Outcomes of a request that are no failure: what was asked for, text that breaks rules, and a person's own doing."""

Key = TypeVar("Key")
Histogram = dict[int, int]
Bucket = tuple[dt.date, int]
"""The first day of a slot, and the hour where the slot is one."""


@dataclass(frozen=True)
class Wanted:
    """Which figures: of which period, narrowed by which filters, cut into which slots (None: what fits the period)."""

    period: Period
    filters: Filters = field(default_factory=Filters)
    slot: Granularity | None = None

    @property
    def cut(self) -> Granularity:
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
    by_model: dict[tuple[Bucket, str], Sums]
    """Over time."""
    latencies_over_time: dict[Bucket, Histogram]
    hours: dict[tuple[int, int], Sums]
    """By weekday (0 is Monday) and hour."""
    outcomes: dict[tuple[Bucket, str], Sums]
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
    def over_time(self) -> dict[Bucket, Sums]:
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


# -- putting together -----------------------------------------------------------------------------------------------


def added(told: Iterable[tuple[Key, Sums]]) -> dict[Key, Sums]:
    """The sums under each key together."""
    together: dict[Key, Sums] = {}
    for key, sums in told:
        together[key] = together[key] + sums if key in together else sums
    return together


def _is_failure(value: str) -> bool:
    return value.removeprefix("=") not in FAILED_UNLESS


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
