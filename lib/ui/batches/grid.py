"""The rows of a sheet in a grid that can be edited, a page at a time, each with what is wrong with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from lib.batches import drafts
from lib.batches.drafts import Draft
from lib.studio import Studio
from lib.ui.core import feedback, format_dates, words
from lib.ui.core.changes import when_changed
from lib.ui.core.words import say

ROWS = 50
"""Rows of a page: what a grid of ten thousand costs does not depend on how many there are."""
FILTERS = ("all", "wrong", "repeating", "left_out")
VIEW = "sheet_view"
"""In the session: the :class:`_View` of the draft that is open."""
FILTER = "sheet_filter"
"""Session key of the choice of rows."""
HEIGHT = 460
"""Pixels of the grid at most."""


@dataclass(frozen=True)
class _View:
    """The rows that the grid shows. They stay while they are edited, also when they do not fit the filter any more."""

    draft_id: uuid.UUID
    shown: str
    places: tuple[int, ...]
    page: int = 0
    version: int = 0
    """Another one whenever cells change by something else than the grid itself."""

    @property
    def key(self) -> str:
        return f"sheet_grid_{self.draft_id}_{self.shown}_{self.page}_{self.version}"

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.places) // ROWS))

    @property
    def on_page(self) -> tuple[int, ...]:
        return self.places[self.page * ROWS : (self.page + 1) * ROWS]


def show(studio: Studio, draft: Draft) -> None:
    """Draw the counts, which also filter, and the grid."""
    view = _view(draft)
    labels = {name: say(f"batches.shown_{name}", count=len(_places(draft, name))) for name in FILTERS}
    st.session_state[FILTER] = view.shown
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            say("batches.rows"),
            FILTERS,
            key=FILTER,
            required=True,
            label_visibility="collapsed",
            format_func=labels.__getitem__,
            on_change=when_changed(FILTER, lambda: _open(draft, str(st.session_state[FILTER]))),
        )
        if repeating := [place for place in draft.repeating if place not in draft.left_out]:
            st.button(
                say("batches.leave_out_repeating", count=len(repeating)),
                key="leave_out_repeating",
                on_click=_leave_out,
                args=(studio, draft, repeating),
            )
    if not view.places:
        feedback.show_quietly(say(f"batches.none_{view.shown}"))
        return
    rows = view.on_page
    st.data_editor(
        _frame(draft, rows),
        key=view.key,
        num_rows="fixed",
        hide_index=True,
        height="content" if len(rows) < 12 else HEIGHT,
        column_config=_config(draft),
        on_change=_edit,
        args=(studio, draft, view),
    )
    _pager(view)
    feedback.show_quietly(say("batches.grid_help"))


def look_again() -> None:
    """Choose anew which rows are shown: another column or default has changed what is wrong. Only from a callback."""
    st.session_state.pop(VIEW, None)


def _view(draft: Draft) -> _View:
    view: _View | None = st.session_state.get(VIEW)
    if view is None or view.draft_id != draft.draft_id:
        first = "wrong" if draft.wrong else "all"
        view = st.session_state[VIEW] = _View(draft.draft_id, first, tuple(_places(draft, first)))
    return view


def _places(draft: Draft, shown: str) -> list[int]:
    if shown == "wrong":
        return [place for place in draft.wrong if place not in draft.left_out]
    if shown == "repeating":
        return draft.repeating
    return sorted(draft.left_out) if shown == "left_out" else list(range(len(draft.table.rows)))


def _frame(draft: Draft, rows: tuple[int, ...]) -> pd.DataFrame:
    cells = [draft.row(place) for place in rows]
    columns: dict[str, Any] = {
        "included": [place not in draft.left_out for place in rows],
        "line": [draft.table.rows[place].line for place in rows],
        "check": [_check(draft, place) for place in rows],
    }
    columns |= {_name(column): [row[column] for row in cells] for column in range(len(draft.table.headings))}
    return pd.DataFrame(columns)


def _name(column: int) -> str:
    return f"column_{column}"


def _config(draft: Draft) -> dict[str, Any]:
    config: dict[str, Any] = {
        "included": st.column_config.CheckboxColumn(say("batches.included"), width=70),
        "line": st.column_config.NumberColumn(say("batches.line"), disabled=True, width=60),
        "check": st.column_config.TextColumn(say("batches.check"), disabled=True, width=320),
    }
    for column, (heading, field) in enumerate(zip(draft.table.headings, draft.fields, strict=True)):
        name = words.field_name(field) if field else heading
        label = heading if name == heading else f"{heading} → {name}"
        config[_name(column)] = st.column_config.TextColumn(label, width="medium" if field else "small")
    return config


def _check(draft: Draft, place: int) -> str:
    """What is wrong with a row, or what it repeats, in a line."""
    row = draft.checked[place]
    if row is None:
        return say("batches.row_blank")
    if row.problems:
        texts = (f"{words.field_name(problem.field)}: {words.problem(problem)}" for problem in row.problems)
        return "⚠ " + " ".join(texts)
    notes = []
    if place in draft.repeated:
        notes.append(say("batches.repeats_line", line=draft.table.rows[draft.repeated[place]].line))
    if place in draft.stored:
        notes.append(say("batches.repeats_stored", at=format_dates.short(draft.stored[place].created_at)))
    return " ".join(["✓", *notes])


def _pager(view: _View) -> None:
    if view.pages == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, page, icon in (
            ("previous", view.page - 1, ":material/chevron_left:"),
            ("next", view.page + 1, ":material/chevron_right:"),
        ):
            st.button(
                say(f"batches.page_{name}"),
                key=f"sheet_page_{name}",
                icon=icon,
                disabled=not 0 <= page < view.pages,
                on_click=_turn_to,
                args=(view, page),
            )
        feedback.show_quietly(say("batches.page_of", page=view.page + 1, pages=view.pages))


# -- callbacks --------------------------------------------------------------------------------------------------------


def _edit(studio: Studio, draft: Draft, view: _View) -> None:
    """Take what the grid holds that the draft does not; the grid tells all its edits again at each of them."""
    with feedback.shown_later():
        cells: dict[int, dict[int, str]] = {}
        included: dict[bool, list[int]] = {True: [], False: []}
        for row, values in st.session_state[view.key]["edited_rows"].items():
            place = view.on_page[int(row)]
            present = draft.row(place)
            for name, value in values.items():
                if name == "included":
                    if bool(value) == (place in draft.left_out):
                        included[bool(value)].append(place)
                    continue
                column = int(name.removeprefix("column_"))
                text = "" if value is None else str(value)
                if text != present[column]:
                    cells.setdefault(place, {})[column] = text
        if cells:
            drafts.edit(studio, draft, cells)
        for is_in, places in included.items():
            if places:
                drafts.leave_out(studio, draft, places, out=not is_in)


def _leave_out(studio: Studio, draft: Draft, places: list[int]) -> None:
    with feedback.shown_later():
        drafts.leave_out(studio, draft, places, out=True)
        _open(draft, _view(draft).shown)


def _open(draft: Draft, shown: str) -> None:
    version = _view(draft).version + 1
    st.session_state[VIEW] = _View(draft.draft_id, shown, tuple(_places(draft, shown)), version=version)


def _turn_to(view: _View, page: int) -> None:
    st.session_state[VIEW] = _View(view.draft_id, view.shown, view.places, page, view.version)
