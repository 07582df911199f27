"""Which facts of a brief are told, and in which order."""

from __future__ import annotations

import pytest

from lib.demo.model.facts import is_figure
from tests.support.demo_briefs import (
    ROLL,
    VARIANTS,
    taken,
)


def test_what_is_felt_comes_first_from_the_angle_of_the_senses_and_the_place_from_that_of_the_people() -> None:
    senses, story = (taken(ROLL, "ko", variant).caption.split("\n\n") for variant in (4, 5))
    assert "겉은 바삭, 속은 촉촉" in senses[0] + senses[1]
    assert "망원동" in story[1]


@pytest.mark.parametrize(
    ("unit", "figure"),
    [
        ("3,500원", True),
        ("2만 원부터", True),
        ("200g", True),
        ("250 g bags, 14 dollars", True),
        ("240g 유리병에 담아 드립니다", False),
        ("12시간 숙성", False),
        ("국산 팥 100%", False),
    ],
)
def test_a_bare_price_or_weight_is_told_from_a_fact(unit: str, figure: bool) -> None:
    assert is_figure(unit) is figure


@pytest.mark.parametrize("take", range(12))
def test_a_price_is_never_the_first_thing_said_of_a_product(take: int) -> None:
    for variant in VARIANTS:
        lines = [line for line in taken(ROLL, "ko", variant, take).caption.splitlines() if line]
        told = [line for line in lines if any(word in line for word in ("3,500", "바삭", "숙성", "굽는"))]
        assert "3,500원" not in told[0]
