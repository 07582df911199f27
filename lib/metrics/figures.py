"""The figures of a period, as the page, the API and the report show them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lib.domain.dimensions import OTHERS, DimensionValue, Filters
from lib.domain.forecast import Anomaly, Projection
from lib.domain.latency_histogram import Histogram, is_cut, percentile, percentiles
from lib.domain.periods import Bucket, Granularity, Period
from lib.domain.totals import Cost, Sums, summed, summed_by_key
from lib.store.metrics.every_team import EVERY_TEAM
from lib.store.metrics.queries import Point
from lib.store.metrics.settings import MetricSettings

PERCENTILES = (0.5, 0.9, 0.95, 0.99)
WRITTEN, NEEDS_FIXING = DimensionValue.of("written"), DimensionValue.of("needs_fixing")
NOT_FAILED = (WRITTEN, NEEDS_FIXING, DimensionValue.of("stopped"))
"""Outcomes of a request that are no failure: a caption, a caption that breaks rules, and a person's own stop."""


@dataclass(frozen=True)
class View:
    """What figures are asked for: a period, filters and a granularity (None: the one that fits the period).

    ``only_sums`` leaves out what only the page shows: hours of the week, single captions, unusual days, the month.
    """

    period: Period
    filters: Filters = field(default_factory=Filters)
    chosen: Granularity | None = None
    only_sums: bool = False

    @property
    def granularity(self) -> Granularity:
        """The granularity that charts over time have: as it was chosen, unless that makes too many buckets."""
        return self.period.drawable(self.chosen) if self.chosen else self.period.granularity

    @property
    def is_coarser(self) -> bool:
        """Whether the chosen granularity makes too many buckets."""
        return self.chosen is not None and self.granularity != self.chosen


@dataclass(frozen=True)
class Part:
    """The captions that share a value: their sums and their latencies."""

    sums: Sums = field(default_factory=Sums)
    latencies: Histogram = field(default_factory=dict)

    def percentile(self, share: float) -> float | None:
        """The latency in ms that this share of the captions does not exceed, within 1 %; None without latencies."""
        return percentile(self.latencies, share, self.sums.latency_min_ms, self.sums.latency_max_ms)

    @property
    def percentiles(self) -> list[float | None]:
        """The latency of each of :data:`PERCENTILES`."""
        return percentiles(self.latencies, PERCENTILES, self.sums.latency_min_ms, self.sums.latency_max_ms)

    @property
    def is_cut(self) -> bool:
        """Whether a percentile is only the least that it can be: it lies beyond the histogram, about 2.8 hours."""
        beyond = (self.percentile(share) for share in PERCENTILES if is_cut(self.latencies, share))
        return any(value != self.sums.latency_max_ms for value in beyond)


def most_expensive_first(item: tuple[DimensionValue, Sums]) -> Any:
    """The order in which values are shown, the others last."""
    value, sums = item
    return value == OTHERS, -sums.cost_usd, -sums.rows, value


@dataclass(frozen=True)
class Figures:
    """All that the metrics page shows of a period."""

    tenants: tuple[str, ...]
    view: View
    versions: tuple[tuple[int, MetricSettings], ...]
    """The version of each tenant's figures, and its settings: with the same ones, the figures are the same."""
    as_of: dt.datetime
    settings: MetricSettings
    """Those of the only tenant; the defaults for several tenants, each of which has days in its own time zone."""
    total: Sums
    before: Sums
    """The sums of the period before."""
    latencies: Histogram
    latencies_before: Histogram
    spent: Cost
    """All that was spent in the period: on captions, on requests that brought none, and on what is deleted since."""
    spent_before: Cost
    by_model: dict[tuple[Bucket, DimensionValue], Sums]
    """By bucket and model; models beyond the most expensive ones together."""
    latencies_over_time: dict[Bucket, Histogram]
    hours: dict[tuple[int, int], Sums]
    """By weekday (0 is Monday) and hour."""
    outcomes: dict[tuple[Bucket, DimensionValue], Sums]
    """The requests of this app to models, by bucket and outcome."""
    points: list[Point]
    undated: Sums
    """The rows without a usable instant, which are in no period."""
    first_day: dt.date | None
    """The day of the oldest caption."""
    last_day: dt.date | None
    """The day of the newest caption."""
    by_tenant: dict[DimensionValue, Part]
    """Of several tenants, the most expensive first, beyond some as the others together."""
    zones: dict[str, str]
    """The time zones of the shown tenants that have set something; that of the others is the default."""
    unusual: list[Anomaly]
    month: Projection | None
    """The projection of the current month; None if there are filters or several tenants."""
    month_days: dict[dt.date, Sums]
    """What was spent on the days of the current month so far."""
    made_of_them: dict[Any, Any] = field(default_factory=dict, compare=False)
    """What was made of these figures, for those who ask again while they do not change."""

    @property
    def is_of_several(self) -> bool:
        """Whether the figures are of several tenants, or of all together."""
        return self.tenants == (EVERY_TEAM,) or len(self.tenants) > 1

    @property
    def comparable(self) -> bool:
        """Whether captions existed already on the first day of the period before."""
        return self.first_day is not None and self.first_day <= self.view.period.before.first

    @property
    def whole(self) -> Part:
        """All captions of the period."""
        return Part(self.total, self.latencies)

    @property
    def whole_before(self) -> Part:
        """All captions of the period before; none if it cannot be compared."""
        return Part(self.before, self.latencies_before) if self.comparable else Part()

    @cached_property
    def part_over_time(self) -> dict[Bucket, Part]:
        """The captions by bucket."""
        latencies = self.latencies_over_time
        return {bucket: Part(sums, latencies.get(bucket, {})) for bucket, sums in self.over_time.items()}

    @property
    def priced(self) -> Sums:
        """The captions that can be compared with another model: of models and buckets of which each has a price."""
        return summed(sums for sums in self.by_model.values() if sums.with_cost and not sums.without_price)

    @cached_property
    def over_time(self) -> dict[Bucket, Sums]:
        """The sums by bucket."""
        return summed_by_key((bucket, sums) for (bucket, _), sums in self.by_model.items())

    @cached_property
    def models(self) -> dict[DimensionValue, Sums]:
        """The sums by model, the most expensive first."""
        models = summed_by_key((model, sums) for (_, model), sums in self.by_model.items())
        return dict(sorted(models.items(), key=most_expensive_first))

    @cached_property
    def outcome_counts(self) -> dict[DimensionValue, int]:
        """The number of requests by outcome, the most frequent first."""
        outcomes = summed_by_key((outcome, sums) for (_, outcome), sums in self.outcomes.items())
        return {value: sums.rows for value, sums in sorted(outcomes.items(), key=lambda item: (-item[1].rows, item[0]))}

    @property
    def requests(self) -> Sums:
        """The sums of all requests, whatever their outcome."""
        return summed(self.outcomes.values())

    @property
    def failed(self) -> int:
        """The number of requests that failed."""
        return sum(count for outcome, count in self.outcome_counts.items() if outcome not in NOT_FAILED)

    @property
    def failed_cost(self) -> Cost:
        """The cost of failed requests."""
        return summed(sums for (_, outcome), sums in self.outcomes.items() if outcome not in NOT_FAILED).cost

    @property
    def rule_breaking(self) -> int:
        """The number of requests whose caption broke Instagram's rules."""
        return self.outcome_counts.get(NEEDS_FIXING, 0)
