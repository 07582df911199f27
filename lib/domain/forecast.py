"""What the figures mean: where a month's cost is heading, which days are unlike their weekday, what another model would
cost. Pure arithmetic over sums."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lib.domain import pricing
from lib.domain.periods import bucket_end
from lib.domain.pricing import OwnPrice, Tokens
from lib.domain.totals import Cost, Sums

WEEKS = 8
"""How many weeks back a weekday's habit is looked for."""
LEAST_WEEKS = 4
_FAR = 4
_SPREAD = 1.4826
"""The median distance from the median, times this, is a standard deviation where values are normally distributed."""
_LEAST = {"cost": 0.01, "rows": 5.0, "latency": 200.0}
"""A difference below this (USD, captions, ms) is nothing to be told."""


@dataclass(frozen=True)
class Projection:
    """What was spent in a month so far, and on a straight line to its end."""

    spent: Cost
    elapsed_days: Decimal
    """Days of the month that have passed, today's part included; at least one."""
    month_days: int
    expected: Decimal | None
    """USD at the end of the month; None if nothing of what was spent is known."""


def projected(spent: Cost, now: dt.datetime) -> Projection:
    """The straight projection of what was spent so far in the month of ``now`` (aware, in the tenant's zone)."""
    passed = Decimal(now.hour * 3600 + now.minute * 60 + now.second) / 86_400
    elapsed = max(Decimal(1), now.day - 1 + passed)
    month_days = bucket_end(now.date().replace(day=1), "month").day
    expected = None if spent.amount is None else spent.amount / elapsed * month_days
    return Projection(spent, elapsed, month_days, expected)


@dataclass(frozen=True)
class Anomaly:
    """A day far from its weekday's habit: ``value`` instead of ``usual``, the median of ``weeks`` such weekdays.

    For cost, ``because`` says which of its two factors is far from usual, and ``was`` and ``is_`` are that factor.
    """

    day: dt.date
    what: Literal["cost", "rows", "latency"]
    value: float
    usual: float
    weeks: int
    because: Literal["rows", "each"] | None = None
    was: float = 0.0
    is_: float = 0.0


def anomalies(days: Mapping[dt.date, Sums], first: dt.date, last: dt.date, since: dt.date) -> list[Anomaly]:
    """The unusual days from ``first`` to ``last``; ``since`` is the first day of the tenant's figures.

    A day is compared with at least four and at most eight earlier days of its weekday. It is unusual if it differs from
    their median by more than half of it, and by more than four of their (robust) standard deviations. Days whose cost
    is not known are not compared by cost.
    """
    unusual = []
    weeks = [dt.timedelta(weeks=week) for week in range(WEEKS + 1)]
    for day in sorted({date + week for date in days for week in weeks}):  # on any other day, nothing is usual
        if not first <= day <= last:
            continue
        earlier = [day - dt.timedelta(weeks=week) for week in range(1, WEEKS + 1)]
        unusual += _unlike(day, days.get(day, Sums()), [days.get(date, Sums()) for date in earlier if date >= since])
    return unusual


def _unlike(day: dt.date, sums: Sums, habit: list[Sums]) -> list[Anomaly]:
    unusual = []
    costs = [earlier for earlier in habit if earlier.cost.is_comparable] if sums.cost.is_comparable else []
    if usual := _far(float(sums.cost_usd), [float(earlier.cost_usd) for earlier in costs], _LEAST["cost"]):
        rows = (statistics.median(earlier.rows for earlier in costs), float(sums.rows))
        each = (statistics.median(_each(earlier) for earlier in costs), _each(sums))
        more_rows = _change(*rows) >= _change(*each)
        was, is_ = rows if more_rows else each
        because: Literal["rows", "each"] = "rows" if more_rows else "each"
        unusual.append(Anomaly(day, "cost", float(sums.cost_usd), usual, len(costs), because, was, is_))
    elif usual := _far(sums.rows, [float(earlier.rows) for earlier in habit], _LEAST["rows"]):
        unusual.append(Anomaly(day, "rows", sums.rows, usual, len(habit)))
    averages = [average for earlier in habit if (average := earlier.latency_avg_ms) is not None]
    average = sums.latency_avg_ms
    if average is not None and (usual := _far(average, averages, _LEAST["latency"])):
        unusual.append(Anomaly(day, "latency", average, usual, len(averages)))
    return unusual


def _each(sums: Sums) -> float:
    return float(sums.cost_per_caption or 0)


def _change(was: float, is_: float) -> float:
    return abs(is_ - was) / max(was, is_, 1e-12)


def _far(value: float, habit: list[float], least: float) -> float | None:
    """The habit's median if the value is far from it, else None; a median of 0 is returned as the least number."""
    if len(habit) < LEAST_WEEKS:
        return None
    middle = statistics.median(habit)
    spread = _SPREAD * statistics.median(abs(earlier - middle) for earlier in habit)
    distance = abs(value - middle)
    return (middle or 1e-12) if distance > max(_FAR * spread, middle / 2, least) else None


@dataclass(frozen=True)
class WhatIf:
    """The same tokens on another model, at today's price of it; ``cost`` is None where that is unknown."""

    model: str
    cost: Decimal | None
    rows: int
    """Captions whose tokens are known; the others are in neither sum."""
    dearer_beyond: int | None = None
    """Longer prompts than this many tokens cost more there, which is not counted."""


def what_if(total: Sums, model: str, now: dt.datetime, own: list[OwnPrice]) -> WhatIf:
    """What these captions would have cost on the model today, had it used as many tokens."""
    tariffs = [tariff for tariff in pricing.tariffs(model, None, own) if tariff.starts_at <= now < tariff.ends_at]
    tariff = next((tariff for tariff in tariffs if tariff.prompt_over == 0), None)
    tokens = Tokens(total.prompt_tokens, total.completion_tokens, total.cached_tokens, total.cache_write_tokens)
    dearer = tariff.prompt_to if tariff and tariff.prompt_to < pricing.MOST_TOKENS else None
    return WhatIf(model, tariff.cost(tokens) if tariff and total.with_usage else None, total.with_usage, dearer)
