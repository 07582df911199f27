"""The words around a fact."""

import pytest

from lib.domain.findings.brief_facts import read
from lib.domain.findings.context import owner_of, sentence_of, shares_context, spelled_numbers


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("라떼는 5,500원", "라떼"),
        ("Cocktails are ₩9,000", "cocktails"),
        ("2부는 14:30부터", "2부"),
        ("단돈 5,500원", None),
        ("5,500원", None),
    ],
)
def test_the_owner_of_a_fact_is_the_word_right_before_it(text: str, owner: str | None) -> None:
    assert owner_of(text, read(text)[0]) == owner


def test_a_sentence_ends_at_its_line_and_not_in_a_number() -> None:
    text = "어서 오세요!\n콜라 1.25L에 2,000원이에요. 끝"
    assert sentence_of(text, read(text)[-1]) == "콜라 1.25L에 2,000원이에요"


def test_context_is_a_word_that_stands_beside_both() -> None:
    one, other = "콜라 1.25L 포함", "콜라 1.5L"
    assert shares_context(one, read(one)[0], other, read(other)[0])
    assert not shares_context("물 2L", read("물 2L")[0], other, read(other)[0])


def test_numbers_are_read_in_words() -> None:
    assert spelled_numbers("두 개에 three more") == {2, 3}
