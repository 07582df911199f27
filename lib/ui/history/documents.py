"""Long texts and deep documents: the page shows a part, and the whole is a file to download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.exports.safe_text import composed
from lib.ui.core import feedback
from lib.ui.core.words import say

MAX_TEXT = 20_000
"""Characters of a text that are shown."""
MAX_DEPTH = 8
"""Levels of a document that are shown."""
MAX_ITEMS = 100
"""Members of one object or list that are shown."""
MAX_VALUE = 2_000
"""Characters of one text in a document that are shown."""
CUT = "…"


def show_text(text: str, name: str, draw: Callable[[str], object]) -> None:
    """Draw the text, or its beginning and a button that downloads all of it as ``<name>.txt``."""
    draw(composed(text[:MAX_TEXT]))
    if len(text) > MAX_TEXT:
        _offer_whole(f"{name}.txt", lambda: text)


def show_document(value: Any, name: str, whole: Callable[[], str]) -> None:
    """Draw a JSON value to a depth; where something is left out, ``whole`` makes the file ``<name>.json``.

    A text is a document that was too deep to be read (:func:`lib.store.database.read_json`).
    """
    if isinstance(value, str):
        st.code(composed(value[:MAX_VALUE]), language=None, wrap_lines=True)
        is_cut = True
    else:
        shown, is_cut = shortened(value)
        st.json(shown, expanded=2)
    if is_cut:
        _offer_whole(f"{name}.json", whole)


def shortened(value: Any, depth: int = MAX_DEPTH) -> tuple[Any, bool]:
    """The value to a depth, composed, with long texts and lists cut; and whether anything was left out."""
    if isinstance(value, str):
        shown = composed(value[:MAX_VALUE])
        return (shown, False) if len(value) <= MAX_VALUE else (shown + CUT, True)
    if not isinstance(value, dict | list) or not value:
        return value, False
    if depth == 0:
        return CUT, True
    members = list(value.items() if isinstance(value, dict) else enumerate(value))
    parts = [(name, *shortened(member, depth - 1)) for name, member in members[:MAX_ITEMS]]
    is_cut = len(members) > MAX_ITEMS or any(part_is_cut for _, _, part_is_cut in parts)
    if isinstance(value, dict):
        return {name: part for name, part, _ in parts}, is_cut
    return [part for _, part, _ in parts], is_cut


def as_file(text: str) -> bytes:
    """The text as it leaves in a file: composed (NFC), in UTF-8."""
    return composed(text).encode("utf-8", "replace")


def _offer_whole(file_name: str, whole: Callable[[], str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        feedback.show_quietly(say("detail.cut"))
        st.download_button(
            say("detail.whole"),
            data=lambda: as_file(whole()),
            file_name=file_name,
            key=f"whole_{file_name}",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
