"""A widget's change acts only where a person has changed the widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st


def when_changed(key: str, act: Callable[..., None], *args: Any) -> Callable[[], None]:
    """An ``on_change`` of the widget ``key`` that calls ``act`` where its value is another than the one shown.

    Set ``st.session_state[key]`` to what the widget shows first. Every message of the browser holds the values of all
    widgets that the browser shows. One that it sent just before the page changed holds those of the page before, which
    the session has dropped. Streamlit takes each for a change and calls what that page had registered
    (``SessionState._widget_changed``).
    """
    seen = st.session_state[key]

    def act_on_change() -> None:
        nonlocal seen
        if (value := st.session_state.get(key, seen)) != seen:  # no value: the widget has left the page
            seen = value
            act(*args)

    return act_on_change
