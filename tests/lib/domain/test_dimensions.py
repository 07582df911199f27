"""A value of a dimension says whether it is a value, missing, hashed, or all others."""

from __future__ import annotations

import pytest

from lib.domain.dimensions import FILTERED, MISSING, OTHERS, DimensionValue, Filters


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (DimensionValue.of("gpt-5"), "gpt-5"),
        (DimensionValue.of("-"), "-"),
        (DimensionValue.of("=1"), "=1"),
        (DimensionValue.of(None), None),
        (DimensionValue("hashed", "아주 긴 톤", "0" * 32), "아주 긴 톤…"),
    ],
)
def test_people_and_programs_read_the_plain_value(value: DimensionValue, plain: str | None) -> None:
    assert value.plain == plain


def test_a_text_is_never_taken_for_a_missing_value() -> None:
    assert DimensionValue.of(None) == MISSING
    assert MISSING not in (DimensionValue.of(""), DimensionValue.of("-"), OTHERS)


def test_filters_that_are_not_given_do_not_narrow() -> None:
    assert not Filters()
    assert Filters(tone=MISSING).given() == {"tone": MISSING}
    assert bool(Filters(tone=MISSING))
    assert FILTERED == ("model", "tone", "source", "prompt", "job", "experiment")
