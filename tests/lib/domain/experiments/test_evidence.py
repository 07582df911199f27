"""The verdict on pairs, held against its formula, its promises and simulated experiments."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.experiments.evidence import LEANING, THRESHOLD, least_wins, majority, pairs_needed, power
from lib.experiments import verdict

RUNS, PAIRS = 2_000, 100
LUCK = 1.5
"""The standard deviation, on the logit, of what makes all voters of a pair prefer the same side by chance."""

Vote = Callable[[random.Random], list[str]]
"""Votes of one pair, for ``first`` or ``second``."""


def votes(preference: float, voters: int, luck: float = 0.0) -> Vote:
    """Voters who prefer the first variant with this chance; the luck of the pair is shared by all of them."""
    mean = math.log(preference / (1 - preference))

    def of_pair(chance: random.Random) -> list[str]:
        logit = mean + (chance.gauss(0, luck) if luck else 0)
        share = 1 / (1 + math.exp(-logit))
        return ["first" if chance.random() < share else "second" for _ in range(voters)]

    return of_pair


def by_majority(pair: list[str]) -> list[str]:
    """What a pair counts: once, by the majority of its votes."""
    return [majority(pair)]


def found(vote: Vote, pairs: int, seed: int, counted: Callable[[list[str]], Iterable[str]] = by_majority) -> bool:
    """Whether an experiment that looks after every closed pair ever finds a difference."""
    chance, won, lost = random.Random(seed), 0, 0
    for _ in range(pairs):
        for result in counted(vote(chance)):
            won, lost = won + (result == "first"), lost + (result == "second")
        if verdict(won, lost).known:
            return True
    return False


def rate(vote: Vote, pairs: int, runs: int, counted: Callable[[list[str]], Iterable[str]] = by_majority) -> float:
    return sum(found(vote, pairs, seed, counted) for seed in range(runs)) / runs


# -- the formula ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("won", "lost"), [(8, 0), (11, 1), (14, 2), (20, 5)])
def test_these_pairs_prove_a_difference_whichever_side_won(won: int, lost: int) -> None:
    assert verdict(won, lost).known
    assert verdict(lost, won).known


@pytest.mark.parametrize(("won", "lost", "standing"), [(7, 0, "leaning"), (15, 5, "leaning"), (20, 10, "unknown")])
def test_these_pairs_prove_none(won: int, lost: int, standing: str) -> None:
    assert not verdict(won, lost).known
    assert verdict(won, lost).standing == standing


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_evidence_is_the_formula(won: int, lost: int) -> None:
    exact = 2 ** (won + lost) / (math.comb(won + lost, won) * (won + lost + 1))
    assert verdict(won, lost).e == pytest.approx(exact)


@given(st.integers(0, 3_000), st.integers(0, 3_000))
def test_the_interval_leaves_the_middle_exactly_when_a_difference_is_known(won: int, lost: int) -> None:
    pairs = verdict(won, lost)
    assert (pairs.low > 0.5 or pairs.high < 0.5) == pairs.known
    assert 0 <= pairs.low <= pairs.high <= 1
    assert pairs.share is None or pairs.low <= pairs.share <= pairs.high
    swapped = verdict(lost, won)
    assert (swapped.low, swapped.high) == pytest.approx((1 - pairs.high, 1 - pairs.low))


def test_without_pairs_nothing_is_known() -> None:
    none = verdict(0, 0)
    assert (none.e, none.low, none.high, none.share, none.standing) == (1.0, 0.0, 1.0, None, "unknown")


def test_more_evidence_than_a_double_holds_is_infinite() -> None:
    assert verdict(5_000, 0).e == math.inf
    assert verdict(5_000, 0).known


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        verdict(-1, 3)


@given(st.integers(0, 200))
def test_the_least_wins_prove_a_difference_and_one_less_does_not(pairs: int) -> None:
    least = least_wins(pairs)
    if least is None:
        assert not verdict(pairs, 0).known
    else:
        assert verdict(least, pairs - least).known
        assert not verdict(least - 1, pairs - least + 1).known


def test_the_power_is_what_simulated_experiments_find() -> None:
    simulated = rate(votes(0.7, 1), 40, RUNS)
    assert power(40, 0.7) == pytest.approx(simulated, abs=0.04)  # 3.6 standard errors of 2,000 runs
    assert power(0, 0.9) == 0
    assert power(7, 1.0) == 0
    assert power(8, 1.0) == 1


@pytest.mark.parametrize("preference", [0.6, 0.7, 0.8, 0.9])
def test_the_pairs_that_are_needed_are_the_fewest_whose_power_is_enough(preference: float) -> None:
    pairs = pairs_needed(preference, 2 / 3)
    assert power(pairs - 1, preference) < 2 / 3 <= power(pairs, preference)


def test_the_limits_are_those_of_the_rule() -> None:
    assert (LEANING, THRESHOLD) == (3, 20)


# -- experiments that are looked at after every pair ------------------------------------------------------------------


@pytest.mark.parametrize(("voters", "luck"), [(1, 0.0), (5, LUCK)])
def test_two_equal_variants_get_a_winner_in_at_most_one_of_twenty(voters: int, luck: float) -> None:
    assert rate(votes(0.5, voters, luck), PAIRS, RUNS) <= 0.05


def test_a_preference_of_80_percent_is_found_within_30_pairs() -> None:
    assert rate(votes(0.8, 1), 30, RUNS) >= 0.65


def test_counting_votes_instead_of_pairs_would_find_winners_among_equals() -> None:
    """The tests above can fail: the same experiments, with each vote counted, break the promise by far."""
    assert rate(votes(0.5, 5, LUCK), PAIRS, 300, counted=lambda pair: pair) > 0.15
