"""A list that shows a part of its rows, and more of them at each press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from lib.ui.core.actions import row_key
from lib.ui.core.words import say

T = TypeVar("T")

PAGE = 20
"""Rows that are shown at once; each press shows as many more."""


def shown(name: str, row: object) -> int:
    """How many rows of the list called ``name`` are shown; ``row`` is the feed or the team whose list it is."""
    return int(st.session_state.get(row_key(name, row), PAGE))


def part(rows: Sequence[T], name: str, row: object) -> Sequence[T]:
    """The rows that are shown; :func:`offer_more` belongs below them."""
    return rows[: shown(name, row)]


def offer_more(rows: Sequence[object], name: str, row: object) -> None:
    """A button that shows more, where there are more rows than are shown."""

    def show_more() -> None:
        st.session_state[row_key(name, row)] = shown(name, row) + PAGE

    if len(rows) > shown(name, row):
        st.button(say("detail.more"), key=f"more_{name}", type="tertiary", on_click=show_more)
