"""A reader's characters: one cluster each, however many code points it has."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.graphemes import clusters, is_emoji


@given(st.text())
def test_clusters_joined_are_the_text_again(text: str) -> None:
    assert "".join(clusters(text)) == text


@pytest.mark.parametrize(
    "character", ["한", unicodedata.normalize("NFD", "한"), "👩‍👩‍👧", "🇰🇷", "👍🏽", "#️⃣", "é", "\r\n"]
)
def test_what_a_reader_takes_for_one_character_is_one_cluster(character: str) -> None:
    assert clusters(character * 2) == [character, character]


@pytest.mark.parametrize("emoji", ["☕", "❤️", "👩‍👩‍👧", "🇰🇷", "#️⃣", "👍🏽"])
def test_an_emoji_is_one(emoji: str) -> None:
    assert is_emoji(emoji)


@pytest.mark.parametrize("text", ["#", "1", "★", "©", "한", "a", ""])
def test_signs_that_are_shown_as_text_are_no_emoji(text: str) -> None:
    assert not is_emoji(text)
