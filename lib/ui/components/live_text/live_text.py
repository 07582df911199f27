"""What a text field shows while somebody is still typing in it, for a check that does not wait until they leave it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "feed_studio_live", js=(Path(__file__).parent / "live_text.js").read_text("utf-8")
)


def text(field: str) -> str:
    """What the widget of this key holds, typed a moment ago or committed; :func:`listen` has to run with it."""
    committed = str(st.session_state.get(field) or "")
    told = st.session_state.get(_key(field))
    typed = getattr(told, "typed", None)
    # Typed on top of another committed text: it has been committed itself since, or replaced.
    if not isinstance(typed, dict) or typed.get("committed") != committed:
        return committed
    return str(typed.get("text") or "").encode("utf-8", "replace").decode("utf-8")


def listen(field: str) -> None:
    """Hear what is typed into the field; each pause in the typing runs the script or the fragment again."""
    committed = str(st.session_state.get(field) or "")
    _component(data={"field": field, "committed": committed}, key=_key(field), on_typed_change=lambda: None)


def _key(field: str) -> str:
    return f"{field}_typed"
