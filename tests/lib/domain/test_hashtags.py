"""A tag is the same thing for the rules, the counters and the colours of the preview."""

from __future__ import annotations

import re
import time

import pytest

from lib.domain.caption import Caption
from lib.domain.hashtags import closed_up, ending_ranges, hashtags_in, proposals, sameness
from lib.store import functions
from lib.ui.components.post_preview.post_preview import WORDS, Post, as_data
from tests.support.hashtags import CAPTIONS, FIELDS


@pytest.mark.parametrize("text", CAPTIONS)
def test_the_tags_of_a_text_are_those_of_the_table(text: str) -> None:
    caption = Caption(text, ())
    assert hashtags_in(caption.text) == CAPTIONS[text]
    assert caption.counts.hashtags == len(CAPTIONS[text])


@pytest.mark.parametrize("text", CAPTIONS)
def test_the_preview_colours_the_same_tags(text: str) -> None:
    shown = as_data(Post("acme", Caption(text, ())), dict.fromkeys(WORDS, ""))
    coloured = [part[1] for part in (*shown["shown"], *shown["rest"]) if part[0] == "hashtag"]
    assert "".join(coloured) == "".join(f"#{tag}" for tag in CAPTIONS[text])


@pytest.mark.parametrize("field", FIELDS)
def test_the_tags_of_a_field_are_those_of_the_table(field: str) -> None:
    caption = Caption.from_fields("글", field)
    assert list(caption.hashtags) == FIELDS[field]
    assert hashtags_in(" ".join(f"#{tag}" for tag in caption.hashtags)) == FIELDS[field]


def test_two_spellings_of_a_tag_are_one() -> None:
    assert sameness("Café☕️") == sameness("café☕") == sameness("CAFE\u0301☕")


def test_the_database_ends_tags_at_the_same_characters() -> None:
    for name, text_emoji in (("studio_hashtag_ends", False), ("studio_text_emoji", True)):
        text = (functions.FOLDER / f"{name}.sql").read_text("utf-8")
        assert "".join(re.findall(r"^ +'(.*)'$", text, re.MULTILINE)) == ending_ranges(text_emoji=text_emoji)


@pytest.mark.parametrize("text", ["#" * 200_000, "#가" * 100_000, "@" * 200_000, "&#" * 100_000, "a." * 100_000])
def test_long_texts_are_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    hashtags_in(text)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("written", "choices"),
    [
        ("2+1", ["2플러스1", "2_1"]),
        ("C++", ["Cplusplus", "C"]),
        ("24/7", ["24_7"]),
        ("3,900원", ["3900원", "3_900원"]),
        ("영하 20℃", ["영하20도", "영하_20", "영하", "영하20"]),
        ("50%할인", ["50퍼센트할인", "50_할인", "할인", "50할인"]),
        ("서울-카페", ["서울카페", "서울_카페", "서울 #카페"]),
        ("A&B", ["AandB", "A_B", "A #B", "AB"]),
    ],
)
def test_a_tag_that_instagram_would_read_as_another_gets_proposals(written: str, choices: list[str]) -> None:
    assert proposals(written) == choices
    for choice in choices:
        assert hashtags_in(f"#{choice}") == choice.split(" #"), "each is read whole"


def test_the_comma_of_a_number_parts_no_tags() -> None:
    assert [tag for _, tag in closed_up(["#빵6,900원, #식빵"])] == ["빵6900원", "식빵"]
