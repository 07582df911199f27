"""The ways around the lists of the history: to newer and older rows, back to the list, and out of an empty one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.domain.cursor import Cursor
from lib.ui.core.addresses import SIZES, HistoryAddress
from lib.ui.core.changes import when_changed
from lib.ui.core.words import say
from lib.ui.history import address


def show(shown: HistoryAddress, newer: Cursor | None, older: Cursor | None) -> None:
    """Draw it beneath a page that goes on from these places; None where the list ends."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="pager"):
        with st.container(horizontal=True, width="content"):
            st.button(
                say("history.first"),
                key="page_first",
                icon=":material/first_page:",
                disabled=not (shown.after or shown.before),
                on_click=address.go,
            )
            st.button(
                say("history.newer"),
                key="page_newer",
                icon=":material/chevron_left:",
                disabled=newer is None,
                on_click=address.go,
                kwargs={"before": newer},
            )
            st.button(
                say("history.older"),
                key="page_older",
                icon=":material/chevron_right:",
                icon_position="right",
                disabled=older is None,
                on_click=address.go,
                kwargs={"after": older},
            )
        st.session_state["page_size"] = shown.size
        st.segmented_control(
            say("history.size"),
            SIZES,
            default=shown.size,
            key="page_size",
            format_func=lambda size: say("history.size_value", size=size),
            label_visibility="collapsed",
            required=True,
            on_change=when_changed("page_size", lambda: address.resize(st.session_state["page_size"])),
        )


def offer_way_back(on_click: Callable[..., None], *args: Any) -> None:
    """Draw the button that leads from a page of captions back to their list."""
    st.button(say("detail.back"), key="back_to_list", icon=":material/arrow_back:", on_click=on_click, args=args)


def nothing() -> DeltaGenerator:
    """The box of a list without rows: for why that is so, and what helps."""
    return st.container(border=True, key="nothing")


def offer_all(on_click: Callable[[], None]) -> None:
    """Draw the button, in that box, that removes all filters."""
    st.button(say("history.clear"), key="nothing_clear", on_click=on_click)
