"""A document is shown to a depth, and it is said whether anything was left out."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from lib.ui.history.documents import CUT, MAX_DEPTH, MAX_ITEMS, MAX_VALUE, as_file, shortened, show_text


@pytest.mark.parametrize("value", [None, 1, "text", [], {}, {"a": [1, {"b": None}]}])
def test_a_small_document_is_shown_whole(value: Any) -> None:
    assert shortened(value) == (value, False)


def test_a_long_text_is_cut() -> None:
    assert shortened({"a": "x" * (MAX_VALUE + 1)}) == ({"a": "x" * MAX_VALUE + CUT}, True)


def test_a_long_list_is_cut() -> None:
    shown, is_cut = shortened(list(range(MAX_ITEMS + 1)))
    assert (len(shown), is_cut) == (MAX_ITEMS, True)


def test_a_deep_document_is_cut_at_its_depth() -> None:
    deep: Any = "bottom"
    for _ in range(900):
        deep = [deep]
    shown, is_cut = shortened(deep)
    depth = 0
    while isinstance(shown, list):
        shown, depth = shown[0], depth + 1
    assert (shown, depth, is_cut) == (CUT, MAX_DEPTH, True)


def test_a_whole_text_leaves_composed() -> None:
    assert as_file(unicodedata.normalize("NFD", "통밀 식빵 \ud800")) == "통밀 식빵 ?".encode()


def test_a_document_that_is_copied_leaves_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "식빵")
    assert shortened({"빵": [decomposed]}) == ({"빵": ["식빵"]}, False)
    drawn: list[object] = []
    show_text(decomposed, "prompt", drawn.append)
    assert drawn == ["식빵"]
