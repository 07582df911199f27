"""Latencies counted in a histogram of 2 % bins; percentiles are read from it with an error of at most 1 %."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

Histogram = dict[int, int]
"""How many latencies are in each bin, by the number of the bin."""
RATIO = 1.02
EDGES = tuple(0.1 * RATIO**number for number in range(932))
"""The lower edges of the bins in milliseconds, from 0.1 ms to three hours; bin 0 holds what is shorter."""
LARGEST_ERROR = (RATIO - 1) / (RATIO + 1)
"""Of a percentile read from the histogram, as a share of it."""


def bin_of(latency_ms: float) -> int:
    """The number of the bin that counts this latency."""
    return bisect.bisect_right(EDGES, latency_ms)


def bin_edges(number: int) -> tuple[float, float]:
    """The lower edge (included) and the upper (excluded) of a bin, in milliseconds."""
    return (EDGES[number - 1] if number else 0.0, EDGES[number] if number < len(EDGES) else math.inf)


def _middle(number: int) -> float:
    low, high = bin_edges(number)
    return low if math.isinf(high) else 2 * low * high / (low + high) if low else high / 2


def percentiles(
    histogram: Mapping[int, int], shares: Sequence[float], shortest: float | None = None, longest: float | None = None
) -> list[float | None]:
    """What PostgreSQL's ``percentile_cont`` says of the counted latencies for each share, give or take 1 %.

    None where nothing is counted. Never below the shortest nor above the longest of the counted latencies, which the
    caller knows. If one :func:`is_cut`, the true percentile lies between it and the longest.
    """
    numbers = sorted(histogram)
    upto = list(itertools.accumulate(histogram[number] for number in numbers))
    total = upto[-1] if upto else 0
    if total <= 0:
        return [None] * len(shares)
    values: list[float | None] = []
    for share in shares:
        place = share * (total - 1)
        lower, upper = (
            _middle(numbers[bisect.bisect_right(upto, whole)]) for whole in (math.floor(place), math.ceil(place))
        )
        value = lower + (upper - lower) * (place - math.floor(place))
        value = value if longest is None else min(value, longest)
        values.append(value if shortest is None else max(value, shortest))
    return values


def percentile(
    histogram: Mapping[int, int], share: float, shortest: float | None = None, longest: float | None = None
) -> float | None:
    """One of :func:`percentiles`."""
    return percentiles(histogram, [share], shortest, longest)[0]


def is_cut(histogram: Mapping[int, int], share: float) -> bool:
    """Whether the percentile lies beyond the last edge of the histogram, about 2.8 hours."""
    if not (beyond := histogram.get(len(EDGES), 0)):
        return False
    total = sum(histogram.values())
    return total - beyond <= math.ceil(share * (total - 1))


def merged(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The histogram of all latencies of several histograms."""
    counts: dict[int, int] = {}
    for histogram in histograms:
        for number, count in histogram.items():
            counts[number] = counts.get(number, 0) + count
    return counts


def without(histogram: Mapping[int, int], parts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The histogram of the latencies that are in none of the parts."""
    counted = merged(parts)
    return {number: left for number, count in histogram.items() if (left := count - counted.get(number, 0))}
