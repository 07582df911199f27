"""What was searched for is marked wherever it stands, and a shortened text shows it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.search.terms import term
from lib.ui.components.marked_text import marked_text

texts = st.text("가나다 abcAB#.*(\n", max_size=60)
words = st.lists(st.text("가나abA.*(", min_size=1, max_size=3), max_size=3)


@given(texts, words)
def test_nothing_of_the_text_is_lost_and_every_word_in_it_is_marked(text: str, searched: list[str]) -> None:
    told = marked_text.highlighted(text, searched)
    assert "".join(piece for _, piece in told) == text
    for kind, piece in told:
        if kind == "found":
            assert any(re.fullmatch(term(word).mark, piece.lower()) for word in searched)
        else:
            assert not any(re.search(re.escape(word), piece, re.IGNORECASE) for word in searched)


def test_another_spelling_is_marked_where_it_stands() -> None:
    assert marked_text.highlighted("새 딸기 라떼, ＬＡＴＴＥ", ["ㄸㄱㄹㄸ", "latte"]) == [
        ("same", "새 "),
        ("found", "딸기 라떼"),
        ("same", ", "),
        ("found", "ＬＡＴＴＥ"),
    ]


def test_case_and_composition_do_not_matter() -> None:
    decomposed = unicodedata.normalize("NFD", "딸기 Latte")
    assert marked_text.highlighted(decomposed, ["딸기", "latte"]) == [
        ("found", "딸기"),
        ("same", " "),
        ("found", "Latte"),
    ]


@pytest.mark.parametrize("place", [0, 40, 300, 590])
def test_an_excerpt_holds_the_first_word_and_is_short(place: int) -> None:
    text = "가" * place + "딸기" + "나" * (600 - place)
    told = marked_text.excerpt(text, ["딸기"], 100)
    assert ("found", "딸기") in told
    assert sum(len(piece) for _, piece in told) <= 102


def test_an_excerpt_of_little_is_all_of_it_in_one_line() -> None:
    assert marked_text.excerpt("하나\n\n둘", [], 100) == [("same", "하나 둘")]
    assert marked_text.excerpt("", ["하나"], 100) == []
