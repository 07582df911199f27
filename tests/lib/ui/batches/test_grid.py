"""The grid shows a page of rows with what is wrong with each, and takes what is typed into it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st

from lib.batches import drafts
from lib.batches.drafts import Draft
from lib.batches.sheet_reader import Sheet, SheetRow
from lib.studio import Studio
from lib.ui.batches import grid

Open = Callable[..., Any]


@pytest.fixture
def state() -> Iterator[Any]:
    """The session, without what the grid leaves in it."""
    yield st.session_state
    for key in list(st.session_state):
        del st.session_state[key]


def test_what_is_typed_is_checked_and_what_is_told_again_changes_nothing(
    studio: Studio, draft: Draft, state: Any
) -> None:
    view = grid._view(draft)
    assert view.on_page == (2,), "the rows with mistakes are what a person sees first"
    state[view.key] = {"edited_rows": {0: {"column_0": "소금빵", "column_1": None, "included": False}}}
    for _ in range(2):
        grid._edit(studio, draft, view)
        assert (draft.row(2), draft.left_out) == (("소금빵", ""), {2})
        assert draft.wrong == []
    assert grid._view(draft).places == (2,), "a row that is corrected stays under the hand"


def test_each_row_says_what_it_repeats_or_lacks(studio: Studio, draft: Draft, state: Any) -> None:
    notes = [grid._check(draft, place) for place in range(3)]
    assert notes == ["✓", "✓ 2줄과 같아요.", "⚠ 제품 설명: 비어 있어요. 내용을 적어 주세요."]


def test_repeated_rows_are_left_out_at_a_press(open_batches: Open, studio: Studio, draft: Draft) -> None:
    page = open_batches(draft=draft.draft_id)
    assert "겹치는 1행 빼기" in page.field("leave_out_repeating").label
    page.click("leave_out_repeating")
    assert drafts.load(studio, "acme", draft.draft_id).left_out == {1}


def test_ten_thousand_rows_are_shown_a_page_at_a_time(studio: Studio, state: Any) -> None:
    rows = [SheetRow(1, ("제품",)), *(SheetRow(line, (f"빵 {line}",)) for line in range(2, 10_002))]
    draft = drafts.create(studio, "acme", Sheet(tuple(rows)), defaults={"tone_style": "a", "gpt_prompt": "b"})
    view = grid._view(draft)
    assert (len(grid._frame(draft, view.on_page)), view.pages) == (grid.ROWS, 200)
    grid._turn_to(view, 199)
    assert grid._frame(draft, grid._view(draft).on_page)["column_0"].tolist()[-1] == "빵 10001"
