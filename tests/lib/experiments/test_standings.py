"""Who leads, who has won, and how strong each of several variants is."""

from __future__ import annotations

import uuid

import pytest

from lib.domain.experiments.evidence import verdict
from lib.experiments.standings import LEAST_PAIRS, Duel, Standings, strengths
from lib.store.experiments.definitions import Experiment, Variant

EXPERIMENT = Experiment("acme", uuid.UUID(int=1), "말투", 1, 0, None, "민지")


def standings(*duels: tuple[int, int, int, int]) -> Standings:
    """Of duels of (first, second, won, lost)."""
    count = max(max(first, second) for first, second, _, _ in duels)
    return Standings(
        EXPERIMENT,
        [Variant(number, {}) for number in range(1, count + 1)],
        [Duel(first, second, verdict(won, lost), 0, 0) for first, second, won, lost in duels],
        {},
    )


def duels(pairs: int, preferred: int | None) -> list[Duel]:
    """So many closed pairs of three variants; the preferred one wins four of five of its own, others half of theirs."""
    made = []
    for first, second in ((1, 2), (1, 3), (2, 3)):
        share = 0.8 if first == preferred else 0.2 if second == preferred else 0.5
        won = round(pairs / 3 * share)
        made.append(Duel(first, second, verdict(won, pairs // 3 - won), 0, 0))
    return made


def test_a_winner_is_proven_against_each_other_variant() -> None:
    assert standings((1, 2, 8, 0)).winner == 1
    assert standings((1, 2, 0, 8)).winner == 2
    assert standings((1, 2, 8, 0), (1, 3, 11, 1), (2, 3, 4, 4)).winner == 1
    half = standings((1, 2, 8, 0), (1, 3, 7, 0), (2, 3, 4, 4))
    assert (half.leader, half.winner) == (1, None)


def test_nobody_leads_without_pairs_or_when_both_have_as_many() -> None:
    assert standings((1, 2, 0, 0)).leader is None
    assert standings((1, 2, 3, 3)).leader is None


def test_a_variant_that_was_not_compared_with_the_leader_keeps_it_from_winning() -> None:
    assert standings((1, 2, 20, 0), (2, 3, 5, 5)).winner is None


def test_strengths_are_drawn_from_a_hundred_pairs_and_find_the_preferred_variant() -> None:
    assert strengths(duels(LEAST_PAIRS - 1, 2), 3) == {}
    drawn = strengths(duels(300, 2), 3)
    assert max(drawn, key=lambda variant: drawn[variant].share) == 2
    assert drawn[2].low > max(drawn[1].high, drawn[3].high)
    assert sum(strength.share for strength in drawn.values()) == pytest.approx(1)
    assert strengths(duels(300, 2), 3) == drawn  # the same picture for the same pairs


def test_equal_variants_have_strengths_that_overlap() -> None:
    drawn = strengths(duels(300, None), 3)
    assert max(strength.low for strength in drawn.values()) < min(strength.high for strength in drawn.values())
