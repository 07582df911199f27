"""The language of the page as the browser knows it: for screen readers, hyphens, fonts and the offer to translate."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.batches import sheet_reader
from lib.ui.components.post_preview import post_preview
from lib.ui.core import words
from lib.ui.core.words import say

_component = st.components.v2.component(
    "feed_studio_page_language", js=(Path(__file__).parent / "page_language.js").read_text("utf-8")
)


def declare() -> None:
    """Once on every run, anywhere on the page."""
    _component(
        data={
            "language": words.language(),
            "uploaders": [
                {"key": key, "choose": say(f"upload.{key}"), "limit": say(f"upload.{key}_limit", most=most)}
                for key, most in (
                    ("picture", post_preview.MOST_FILE_MB),
                    ("sheet_upload", sheet_reader.MOST_FILE_MB),
                )
            ],
        },
        key="page_language",
    )
