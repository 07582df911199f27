"""The verdict in sentences that say no more than is known."""

from __future__ import annotations

import math

import pytest

from lib.domain.experiments.evidence import verdict
from lib.experiments.standings import Duel
from lib.ui.experiments import verdict_text


@pytest.mark.parametrize(
    ("won", "lost", "sentence"),
    [
        (8, 0, "시안 2보다 시안 1 쪽을 더 좋아해요"),
        (0, 8, "시안 1보다 시안 2 쪽을 더 좋아해요"),
        (15, 5, "시안 1 쪽으로 기울었지만 아직 몰라요"),
        (20, 10, "비긴 쌍을 빼고 30개 가운데 24개(80%)"),
        (3, 2, "비긴 쌍을 빼면 5개뿐이에요"),
    ],
)
def test_a_duel_is_told_as_far_as_it_is_known(won: int, lost: int, sentence: str) -> None:
    told = verdict_text.of_duel(Duel(1, 2, verdict(won, lost), 0, 0))
    assert sentence in told
    assert "고객" not in told


def test_evidence_is_never_rounded_over_the_limit() -> None:
    shown = [verdict_text.evidence(e) for e in (0.42, 19.6, 28.44, 12_345.6, math.inf)]
    assert shown == ["0.4", "19.6", "28.4", "1.2만", "∞"]
