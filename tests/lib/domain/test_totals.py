"""Sums add up exactly, and what is unknown is counted beside them, never as 0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from lib.domain.totals import Cost, Sums, summed, summed_by_key

ONE = Sums(
    rows=3,
    approved=1,
    with_latency=2,
    latency_sum_ms=Decimal(300),
    latency_min_ms=100.0,
    latency_max_ms=200.0,
    with_usage=2,
    prompt_tokens=10,
    completion_tokens=5,
    with_cost=1,
    cost_usd=Decimal("0.1"),
)
OTHER = Sums(rows=1, with_latency=1, latency_sum_ms=Decimal(50), latency_min_ms=50.0, latency_max_ms=50.0)


def test_each_sum_is_added_and_the_extremes_are_those_of_both() -> None:
    both = ONE + OTHER
    assert (both.rows, both.approved, both.with_latency, both.tokens) == (4, 1, 3, 15)
    assert (both.latency_min_ms, both.latency_max_ms) == (50.0, 200.0)
    assert both.latency_avg_ms == 350 / 3
    assert both.cost_usd == Decimal("0.1")


def test_rows_without_a_value_are_counted_as_such() -> None:
    assert (ONE.without_latency, ONE.without_usage, ONE.without_price) == (1, 1, 1)


def test_what_nobody_knows_is_none_and_not_0() -> None:
    nothing = Sums(rows=2, approved=1)
    assert (nothing.latency_avg_ms, nothing.cost_per_caption) == (None, None)
    assert Sums(with_cost=1).cost_per_caption == Decimal(0)


def test_cents_add_up_to_the_last_unit() -> None:
    assert summed([Sums(cost_usd=Decimal("0.1"))] * 3).cost_usd == Decimal("0.3")


def test_the_sum_of_nothing_is_empty() -> None:
    assert summed([]) == Sums()
    assert summed_by_key([]) == {}


def test_parts_are_summed_under_their_key() -> None:
    assert summed_by_key([("a", ONE), ("b", OTHER), ("a", OTHER)]) == {"a": ONE + OTHER, "b": OTHER}


def test_tokens_are_unknown_where_rows_exist_and_none_of_them_has_a_usage() -> None:
    assert (Sums().tokens, Sums(rows=2).tokens, Sums(rows=2, with_usage=1, prompt_tokens=3).tokens) == (0, None, 3)
    assert set(Sums(rows=2).token_counts.values()) == {None}
    assert Sums(rows=2, with_usage=1, prompt_tokens=3).token_counts["prompt"] == 3


PRICES = some.lists(some.none() | some.decimals(0, 1_000, places=6), max_size=40)


@given(PRICES, some.data())
def test_unknown_money_is_never_a_sum_however_the_rows_are_grouped(prices: list[Decimal | None], data: Any) -> None:
    rows = [Cost(unpriced=1) if price is None else Cost(price, 1) for price in prices]
    cut = data.draw(some.integers(0, len(rows)))
    parts = [sum(part, Cost()) for part in (rows[:cut], rows[cut:])]
    whole = parts[0] + parts[1]
    known = [price for price in prices if price is not None]
    assert whole == sum(rows, Cost())
    assert (whole.priced, whole.unpriced) == (len(known), len(prices) - len(known))
    assert whole.amount == (sum(known, Decimal()) if known or not prices else None)
    for cost, of in zip((*parts, whole), (prices[:cut], prices[cut:], prices), strict=True):
        assert cost.is_comparable is (10 * sum(price is None for price in of) <= len(of))
        if of and not any(price is not None for price in of):
            assert cost.amount is None
            assert not cost.is_comparable
