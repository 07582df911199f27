"""Numbers as Korean and English captions write them."""

import pytest

from lib.domain.findings.fact import around, compiled, narrow, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6,900", 6_900),
        ("6천9백", 6_900),
        ("1만 2천", 12_000),
        ("1만2,000", 12_000),
        ("2.5만", 25_000),
        ("만", 10_000),
        ("오천", 5_000),
        ("만 이천", 12_000),
        ("삼만오천", 35_000),
        ("3억", 300_000_000),
        ("12.5", 12.5),
        ("1만9천9백", 19_900),
    ],
)
def test_a_number_means_the_same_in_every_spelling(text: str, value: float) -> None:
    assert number(text) == value


def test_narrowing_keeps_the_place_of_every_character() -> None:
    wide = "６，９００원〜７，０００원"
    assert narrow(wide) == "6,900원~7,000원"
    assert len(narrow(wide)) == len(wide)


def test_what_stands_around_a_fact_ends_with_its_line() -> None:
    text = "first\nnow 6,900원\nlast"
    assert around(text, 10, 16, 20, 20) == ("now ", "")


def test_a_word_of_latin_letters_ends_before_hangul() -> None:
    assert compiled(r"\bAD\b").search("이건 AD예요")
    assert not compiled(r"\bAD\b").search("ADD예요")
