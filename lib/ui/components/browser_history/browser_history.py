"""The browser's way back: free of addresses that the app completes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

_WATCHED = "browser_history_watched"
"""Session key: whether the browser's half is at work for this session."""
_component = st.components.v2.component(
    "feed_studio_browser_history", js=(Path(__file__).parent / "browser_history.js").read_text("utf-8")
)


def watch(parameters: Mapping[str, str]) -> bool:
    """Whether the browser replaces an address that lacks one of these parameters of the session; on every run.

    False until the browser's half answers, which runs the fragment around this again.
    """
    watched = bool(st.session_state.get(_WATCHED))
    _component(
        data={"parameters": dict(parameters), "watched": watched}, key="browser_history", on_watched_change=_watched
    )
    return watched


def _watched() -> None:
    st.session_state[_WATCHED] = True
