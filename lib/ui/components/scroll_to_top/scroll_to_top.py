"""Where on a page a reader is: at its beginning whenever it shows something else, as with a page of its own."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "feed_studio_whereabouts", js=(Path(__file__).parent / "scroll_to_top.js").read_text("utf-8")
)


def watch(shown: str) -> None:
    """Once on every run: ``shown`` names what the page shows; if it is another thing than before, its top is seen."""
    _component(data={"shown": shown}, key="whereabouts")
