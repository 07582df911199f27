"""Text with some of its stretches marked: what was searched for, what was taken out, what was put in.

The browser's half makes text nodes only; nothing in the text is read as markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import streamlit as st

from lib.domain.search.terms import searched, term

Stretch = tuple[str, str]
"""How it is marked (``same``, ``found``, ``removed`` or ``added``), and its text."""

_FOLDER = Path(__file__).parent
CSS = (_FOLDER / "marked_text.css").read_text("utf-8")
"""How a mark looks, also inside other components."""
_component = st.components.v2.component(
    "feed_studio_marks",
    html='<div class="text"></div>',
    css=CSS,
    js=(_FOLDER / "marked_text.js").read_text("utf-8"),
)


def show(stretches: Iterable[Stretch], *, key: str) -> None:
    """Draw the text; line breaks are kept, and a reader who hears it is told what was taken out and put in."""
    _component(data={"stretches": list(stretches)}, key=key)


def highlighted(text: str, words: Sequence[str]) -> list[Stretch]:
    """The text with every place marked where a word of a search stands, in whatever case and spelling."""
    composed = unicodedata.normalize("NFC", text)
    patterns = [term(word).mark for word in sorted(words, key=len, reverse=True) if word]
    if not patterns or not composed:
        return [("same", composed)] if composed else []
    form = searched(composed)
    if len(form) != len(composed):  # a letter that stands for several: its place would be another
        form = composed
    stretches: list[Stretch] = []
    at = 0
    for match in re.finditer("|".join(patterns), form, flags=re.IGNORECASE):
        stretches += [("same", composed[at : match.start()]), ("found", composed[match.start() : match.end()])]
        at = match.end()
    return [stretch for stretch in [*stretches, ("same", composed[at:])] if stretch[1]]


def excerpt(text: str, words: Sequence[str], length: int) -> list[Stretch]:
    """So much of the text in one line that the first of the words is in it, marked."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    at = next((place for kind, place in _places(line, words) if kind == "found"), 0)
    start = 0 if at < length * 2 // 3 else at - length // 3
    shown = line[start : start + length]
    marked = highlighted(shown, words)
    before = [("same", "…")] if start else []
    after = [("same", "…")] if start + length < len(line) else []
    return [*before, *marked, *after]


def _places(line: str, words: Sequence[str]) -> Iterable[tuple[str, int]]:
    at = 0
    for kind, piece in highlighted(line, words):
        yield kind, at
        at += len(piece)
