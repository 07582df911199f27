"""What the address of a page says, ahead of what the browser knows of it.

A link or a reload shows the same again, because what is shown stands in the address. But every message of the browser
carries the address as the browser knew it, and Streamlit takes that for the truth: the second of two quick clicks, or a
tick that was on its way, would take the page back to before the first. So what was shown goes ahead of the address
until a message comes that carries it, or so long that the browser must know: then an older address is somebody's way
back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lib.ui.core import feedback

KNOWN_AFTER_S = 1.5
"""Seconds after a page was drawn in which its address has reached the browser, and what was pressed before, us."""

AHEAD, DRAWING, PAGE = "address_ahead", "drawing", "page_drawn"
"""In the session: what is shown though the browser may not know yet; whether the whole page is being drawn, and not a
fragment at a tick of the browser's; which page."""


@dataclass
class _Ahead:
    """What the address is to say (None: nothing by that name); ``fresh`` until the page was drawn with it."""

    values: dict[str, str | None]
    fresh: bool = True
    drawn_at: float = math.inf

    def is_in_the_address(self) -> bool:
        return all(st.query_params.get(name) == value for name, value in self.values.items())

    def put_in_the_address(self) -> None:
        for name, value in self.values.items():
            if value is None:
                st.query_params.pop(name, None)
            elif st.query_params.get(name) != value:
                st.query_params[name] = value


def told(name: str) -> str | None:
    """What the address says under this name, or is about to."""
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    return ahead.values[name] if ahead and name in ahead.values else st.query_params.get(name)


def show(values: Mapping[str, str | None]) -> None:
    """Let the address say this from now on; None takes a name out of it."""
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    st.session_state[AHEAD] = ahead = _Ahead({**(ahead.values if ahead else {}), **values})
    ahead.put_in_the_address()


def settle(page: str) -> None:
    """Let the address and what is shown agree; once in every full run, after the callbacks and before the page."""
    st.session_state[DRAWING] = True
    if st.session_state.get(PAGE) != page:  # what another page was about to show is no matter of this one
        st.session_state.pop(AHEAD, None)
        feedback.forget_errors()
        st.session_state[PAGE] = page
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    if ahead is None:
        return
    if not ahead.fresh and (ahead.is_in_the_address() or time.monotonic() - ahead.drawn_at > KNOWN_AFTER_S):
        del st.session_state[AHEAD]  # the browser knows: from here on it leads, also back
        return
    ahead.fresh = False
    ahead.put_in_the_address()


def drawn() -> None:
    """The whole page stands; what runs from here on is a fragment. Last thing in every full run."""
    st.session_state[DRAWING] = False
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    if ahead and ahead.drawn_at == math.inf:
        ahead.drawn_at = time.monotonic()


def tick() -> None:
    """What the browser says when a fragment's time has come carries the address too, as it knows it by then."""
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    if ahead and not st.session_state.get(DRAWING) and ahead.is_in_the_address():
        del st.session_state[AHEAD]


def draw_again() -> None:
    """Run the whole page again, from within a fragment or a callback; the browser has not spoken meanwhile."""
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    if ahead:
        ahead.fresh = True
    st.rerun()


def is_known() -> bool:
    """Whether the browser knows all that the address says."""
    return AHEAD not in st.session_state
