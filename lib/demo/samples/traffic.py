"""When sample captions were written, by which model, how long it took and how many tokens: a year of a growing team.

Seoul's office hours and weekdays, more from month to month, log-normal latencies, and a few days that stand out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

DAYS = 365
MEDIAN_LATENCY_MS = 2400.0
SPREAD = 0.45
"""The standard deviation of the logarithm of a latency."""

EDITED = 0.05
"""The share of rows that somebody changed within a day."""

MODELS: tuple[str | None, ...] = ("gpt-6-luna", "gpt-5-mini", "gpt-4o-mini", "demo", "studio-writer-7b", None)
"""The last two are rare: a model whose price nobody knows, and a row of a program that names none."""
REASONS = (True, True, False, False, False, False)
"""Whether each of them spends tokens on thinking."""

CAMPAIGN_DAY, OUTAGE_DAY, SLOW_DAY, WORDY_DAY = 12, 40, 75, 110
"""Days before the last one: many captions, hardly any, twice as slow, three times the tokens."""

_HOURS = np.array([1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 3, 8, 16, 20, 18, 10, 15, 20, 21, 19, 15, 9, 6, 5, 4, 3, 2])
"""How busy each hour is in Seoul."""
_WEEKDAYS = np.array([1.05, 1.1, 1.15, 1.1, 1.0, 0.35, 0.28])
"""Monday first."""
_SEOUL_H = 9
_HOUR_US = 3600 * 1e6


class Call(NamedTuple):
    """How one row came to be; times in UTC, ``model`` is an index into :data:`MODELS`."""

    model: int
    latency_ms: float
    prompt: int
    completion: int
    reasoning: int
    """Of the completion's tokens; 0 for models that do not."""
    cached: int
    """Of the prompt's tokens."""
    created_s: int
    """Since 1970."""
    created: str
    updated: str


class Timeline:
    """The year up to ``until`` (aware), hour by hour; the same for the same seed."""

    def __init__(self, until: dt.datetime, seed: int) -> None:
        end = until.astimezone(dt.UTC).replace(tzinfo=None)
        self._end = np.datetime64(end, "us")
        ago_h = np.arange(DAYS * 24, 0, -1)
        hours = (self._end - ago_h.astype("timedelta64[h]")).astype("datetime64[h]").astype(np.int64) + _SEOUL_H
        weekday = (hours // 24 + 3) % 7  # 1970-01-01 was a Thursday
        day = np.random.default_rng([seed, 1]).lognormal(0, 0.12, DAYS).repeat(24)
        growth = np.linspace(0.6, 1.5, ago_h.size)
        weights = _HOURS[hours % 24] * _WEEKDAYS[weekday] * day * growth
        self._ago_d = (ago_h - 1) // 24
        weights[self._ago_d == CAMPAIGN_DAY] *= 3.4
        weights[self._ago_d == OUTAGE_DAY] *= 0.06
        self._edges = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])

    def calls(self, rng: np.random.Generator, first: int, size: int, count: int) -> Iterator[Call]:
        """The rows ``first`` to ``first + size`` of ``count``, in the order of time."""
        share = (first + np.arange(size) + rng.random(size)) / count
        hour = np.interp(share, self._edges, np.arange(self._edges.size))
        at = self._end + ((hour - self._edges.size + 1) * _HOUR_US).astype("timedelta64[us]")
        edited = rng.random(size) < EDITED
        later = at + np.where(edited, rng.random(size) * 24 * _HOUR_US, 0).astype("timedelta64[us]")
        ago_d = self._ago_d[np.minimum(hour.astype(np.int64), self._ago_d.size - 1)]
        drawn, late = rng.random(size), hour / self._ago_d.size
        # One row in 170 is of the unknown model, one in 500 of none, one in 20 of the demo, a quarter of gpt-5-mini;
        # the rest moves over the year from gpt-4o-mini to gpt-6-luna.
        group = np.searchsorted([0.006, 0.008, 0.058, 0.30], drawn, side="right")
        model = np.choose(group, [4, 5, 3, 1, np.where(drawn < 0.95 - 0.5 * late, 2, 0)])
        reasoning = np.where(np.array(REASONS)[model], rng.integers(0, 9, size) * 64, 0)
        written = (rng.lognormal(5.5, 0.25, size) * np.where(ago_d == WORDY_DAY, 3, 1)).astype(np.int64)
        latency = rng.lognormal(np.log(MEDIAN_LATENCY_MS), SPREAD, size) * np.where(ago_d == SLOW_DAY, 2.1, 1)
        prompt = rng.normal(1460, 70, size).clip(1200, 1900).astype(np.int64)
        cached = np.where((rng.random(size) < 0.25) & (model < 3), rng.choice([1024, 1152], size), 0)
        return map(
            Call,
            model.tolist(),
            latency.tolist(),
            prompt.tolist(),
            (written + reasoning).tolist(),
            reasoning.tolist(),
            cached.tolist(),
            at.astype("datetime64[s]").astype(np.int64).tolist(),
            np.datetime_as_string(at, timezone="UTC").tolist(),
            np.datetime_as_string(np.minimum(later, self._end), timezone="UTC").tolist(),
        )
