"""The searched words are in the bench's rows as often as promised, and in no other words of the samples."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from typing import Any

import pytest

from bench import terms
from bench.terms import SearchedRows
from tests.support.project import ROOT

UNTIL = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
SEARCHED = ("instagram_ad_copy", "product_description", "refined_ad_copy_eng", "store_information")
Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(SearchedRows("sample", 12_000, until=UNTIL).rows())


def searched(row: Row) -> str:
    return "\n".join(row[name] for name in SEARCHED)


@pytest.mark.parametrize("promised", [terms.FREQUENT, terms.MEDIUM, terms.RARE, terms.ABSENT])
def test_words_have_the_syllables_they_are_filed_under(promised: dict[int, str]) -> None:
    assert {size: len(word) for size, word in promised.items()} == {1: 1, 2: 2, 3: 3, 5: 5}


def test_words_are_as_frequent_as_promised(rows: list[Row]) -> None:
    texts = [searched(row) for row in rows]

    def share(word: str) -> float:
        return sum(word in text for text in texts) / len(texts)

    for size in (1, 2, 3, 5):
        assert share(terms.FREQUENT[size]) >= terms.FREQUENT_SHARE
        assert terms.MEDIUM_SHARE / 2 < share(terms.MEDIUM[size]) < terms.MEDIUM_SHARE * 2
        assert sum(terms.RARE[size] in text for text in texts) == 1
        assert share(terms.ABSENT[size]) == 0
    tags = Counter(tag for row in rows for tag in row["hashtags"].split())
    assert tags[terms.FREQUENT_TAG] / len(rows) >= terms.FREQUENT_SHARE
    assert terms.MEDIUM_SHARE / 2 < tags[terms.MEDIUM_TAG] / len(rows) < terms.MEDIUM_SHARE * 2
    assert tags[terms.RARE_TAG] == 1
    assert tags[terms.ABSENT_TAG] == 0


def test_tags_that_only_begin_like_the_searched_ones_are_there_too(rows: list[Row]) -> None:
    tags = {tag for row in rows for tag in row["hashtags"].split()}
    for searched_tag in (terms.FREQUENT_TAG, terms.MEDIUM_TAG):
        assert any(tag.startswith(searched_tag) and tag != searched_tag for tag in tags)


def test_rare_words_come_again_once_in_so_many_rows() -> None:
    million = SearchedRows("sample", 1_000_000, until=UNTIL)
    for first in (0, 3 * terms.RARE_EVERY):
        texts = [searched(row) + row["hashtags"] for row in million.rows(first, first + 100)]
        for word in (*terms.RARE.values(), terms.RARE_TAG):
            assert sum(word in text for text in texts) == 1


def test_the_vocabulary_itself_holds_no_word_that_must_be_rare() -> None:
    """A store's name that nobody drew yet must not make a rare word frequent with the next seed."""
    vocabulary = (ROOT / "lib/demo/samples/vocabulary.toml").read_text("utf-8")
    names = tomllib.loads(vocabulary)["store"]
    syllables = "".join(names["first"] + names["second"])
    for word in (*terms.MEDIUM.values(), *terms.RARE.values(), *terms.ABSENT.values()):
        assert word not in vocabulary
        assert any(letter not in syllables for letter in word)
