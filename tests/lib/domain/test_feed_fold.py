"""Where the feed folds a caption, and that no character a reader sees is ever cut in two."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.feed_fold import Fold, fold
from lib.domain.graphemes import clusters, is_emoji

always = settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
decomposed = unicodedata.normalize("NFD", "각")
letters = ("가", "ㅋ", "a", "é", "e\u0301\u0323", decomposed, "漢", "ｶﾞ", "กำ", "नि")
emoji = ("☕", "❤️", "👩‍👩‍👧‍👦", "👍🏽", "🏳️‍🌈", "🇰🇷", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿")
whole = st.sampled_from((*letters, *emoji, " ", "\n"))
texts = st.lists(whole | st.characters(), max_size=120).map("".join)


@pytest.mark.parametrize(
    "text", ["", "짧은 글", "가" * 69, "a " * 60, "한 줄\n두 줄\n세 줄", "글\n\n\n\n\n  ", "하나\n\n셋", "\u200b" * 500]
)
def test_three_lines_do_not_fold(text: str) -> None:
    assert fold(text) == Fold(text, "")


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("가" * 70, "가" * 64),
        ("하나\n둘\n셋\n넷", "하나\n둘\n셋"),
        ("하나\n둘\n\n넷", "하나\n둘"),
        ("하나\n둘\n" + "셋" * 24, "하나\n둘\n" + "셋" * 18),
        ("word " * 40, "word " * 21 + "word"),
        ("a" * 200, "a" * 82),
        ("☕" * 71, "☕" * 64),
        (" " * 200 + "\n\n\n끝", ""),
    ],
)
def test_the_fourth_line_folds_and_leaves_room_for_more(text: str, visible: str) -> None:
    assert fold(text).visible == visible


def test_a_latin_word_is_not_broken_where_it_fits_a_line() -> None:
    text = "unbreakable " * 20
    assert fold(text).visible.endswith("unbreakable")


def test_the_accounts_name_takes_its_room_on_the_first_line() -> None:
    assert fold("가" * 69, lead="cafe_seoul_1").visible == "가" * (15 + 23 + 18)
    assert fold("가" * 46, lead="a" * 255) == Fold("가" * 46, "")


@pytest.mark.parametrize("end", ["🥐", "!", "…", "❤️"])
def test_an_emoji_or_a_sign_that_ends_a_line_hangs_instead_of_taking_the_next(end: str) -> None:
    full = "가" * 23
    assert fold(f"{full}{end}\n\n둘\n셋").visible == f"{full}{end}\n\n둘"
    assert fold(f"{full}{end}\n\n둘") == Fold(f"{full}{end}\n\n둘", "")
    assert fold(f"{full}{end}{end}\n\n둘").visible.rstrip() == f"{full}{end}{end}", "two of them wrap"
    assert fold(f"{full}나\n\n둘").visible.rstrip() == f"{full}나", "and so does a syllable"


def test_the_first_line_of_a_post_keeps_its_emoji_and_leaves_two_lines_for_the_text() -> None:
    text = "소금빵을 고르는 이유, 들려드릴게요 🥐\n\n새벽 다섯 시, 오븐이 켜져요\n넷째 줄"
    assert fold(text, lead="my-team").visible == text[: text.rindex("\n")]


def test_hangul_takes_the_same_room_composed_or_not() -> None:
    assert unicodedata.normalize("NFC", fold(decomposed * 70).visible) == fold("각" * 70).visible != ""


@always
@given(texts, st.text(max_size=40))
def test_what_is_visible_and_the_rest_are_the_text(text: str, lead: str) -> None:
    cut = fold(text, lead)
    assert cut.visible + cut.rest == text
    if cut.rest:
        assert cut.rest.strip()
        assert cut.visible.count("\n") < 3


@always
@given(st.lists(whole, max_size=120))
def test_the_fold_falls_between_whole_characters(pieces: list[str]) -> None:
    ends = {len("".join(pieces[:count])) for count in range(len(pieces) + 1)}
    assert len(fold("".join(pieces)).visible) in ends


@pytest.mark.parametrize("character", [*letters, *emoji, "\r\n"])
def test_what_a_reader_takes_for_one_character_is_one(character: str) -> None:
    assert list(clusters(f"a{character}{character}b")) == ["a", character, character, "b"]


@pytest.mark.parametrize(
    ("text", "separate"),
    [
        ("🇰🇷🇯🇵🇺", ["🇰🇷", "🇯🇵", "🇺"]),
        ("\n\u0301a", ["\n", "\u0301", "a"]),
        ("a\u200db", ["a\u200d", "b"]),
        ("☕☕", ["☕", "☕"]),
        ("\n\r\n\r", ["\n", "\r\n", "\r"]),
    ],
)
def test_neighbours_stay_apart(text: str, separate: list[str]) -> None:
    assert list(clusters(text)) == separate


@always
@given(texts)
def test_clusters_joined_are_the_text(text: str) -> None:
    assert "".join(clusters(text)) == text


@pytest.mark.parametrize("cluster", ["☕", "❤️", "👍🏽", "1️⃣", "🇰🇷", "↔️", "©️", "🥹"])
def test_an_emoji_is_one(cluster: str) -> None:
    assert is_emoji(cluster)


@pytest.mark.parametrize("cluster", ["1", "#", "→", "©", "가", "a", "\ufe0f", "🏽", "·", "…"])
def test_a_letter_or_a_sign_is_no_emoji(cluster: str) -> None:
    assert not is_emoji(cluster)
