"""Percentiles from a histogram are at most 1 % away from the true ones."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.latency_histogram import (
    EDGES,
    LARGEST_ERROR,
    bin_edges,
    bin_of,
    is_cut,
    merged,
    percentile,
    percentiles,
)

LATENCIES = st.lists(st.floats(0.1, 10_000_000), min_size=1, max_size=50)


@given(st.floats(0, 1e9))
def test_a_latency_is_in_the_bin_whose_edges_hold_it(latency: float) -> None:
    low, high = bin_edges(bin_of(latency))
    assert low <= latency < high


@given(LATENCIES)
def test_a_percentile_is_within_its_largest_error(latencies: list[float]) -> None:
    histogram = Counter(map(bin_of, latencies))
    assert percentile(histogram, 0, min(latencies)) == pytest.approx(min(latencies), rel=LARGEST_ERROR * 1.001)
    assert percentile(histogram, 1, None, max(latencies)) == pytest.approx(max(latencies), rel=LARGEST_ERROR * 1.001)


@given(LATENCIES, st.lists(st.floats(0, 1), max_size=5))
def test_several_percentiles_are_each_of_them(latencies: list[float], shares: list[float]) -> None:
    histogram = Counter(map(bin_of, latencies))
    assert percentiles(histogram, shares) == [percentile(histogram, share) for share in shares]


@given(LATENCIES, LATENCIES)
def test_merged_histograms_are_the_histogram_of_all(some: list[float], others: list[float]) -> None:
    assert merged([Counter(map(bin_of, some)), Counter(map(bin_of, others))]) == Counter(map(bin_of, some + others))


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert not is_cut({}, 0.5)


def test_what_lies_beyond_the_last_edge_is_cut() -> None:
    beyond = {bin_of(EDGES[-1] * 2): 1}
    assert bin_edges(len(EDGES)) == (EDGES[-1], math.inf)
    assert is_cut(beyond, 0.5)
    assert not is_cut({bin_of(1000.0): 1}, 0.5)
