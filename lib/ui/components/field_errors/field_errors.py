"""What is wrong with a field, beside it and tied to it: read out with it, in the keyboard's way, gone once mended."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from lib.domain.brief import MAX_CHARS, REQUIRED
from lib.domain.errors import Problem
from lib.ui.core import feedback

_component = st.components.v2.component(
    "feed_studio_field_problems", js=(Path(__file__).parent / "field_errors.js").read_text("utf-8")
)

PROBLEMS, PRESS = "brief_problems", "brief_problems_press"
"""In the session: what was wrong when the button was pressed, and a name for that press."""


def found(problems: list[Problem]) -> None:
    """Keep what a press of the button has found; the keyboard goes to the first of these fields. From a callback."""
    st.session_state[PROBLEMS] = problems
    st.session_state[PRESS] = secrets.token_hex(4)


def known() -> list[Problem]:
    """What the last press has found."""
    problems: list[Problem] = st.session_state.get(PROBLEMS, [])
    return problems


def show(field: str) -> None:
    """What is wrong with this field; right after its widget, whose key is the field's name."""
    if any(problem.field == field for problem in known()):
        with st.container(key=f"problem_{field}"):
            feedback.show_problems(known(), field)


def tie(*, key: str = "field_problems") -> None:
    """Let the browser tie the messages to their fields; once, after all of them."""
    _component(data={"press": st.session_state.get(PRESS, ""), "fields": _fields(known())}, key=key)


def _fields(problems: Iterable[Problem]) -> dict[str, dict[str, object]]:
    return {one.field: {"required": one.field in REQUIRED, "most": MAX_CHARS.get(one.field)} for one in problems}
