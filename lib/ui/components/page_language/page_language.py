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

UPLOADERS = (
    ("picture", post_preview.MOST_FILE_MB, ("picture",)),
    ("sheet", sheet_reader.MOST_FILE_MB, ("sheet_upload", "brief_file", "observed_file")),
)
"""Their words, the most MB of a file, and the keys under which they stand on the pages."""


def declare() -> None:
    """Once on every run, anywhere on the page."""
    _component(
        data={
            "language": words.language(),
            "uploaders": [
                {"key": key, "choose": say(f"upload.{name}"), "limit": say(f"upload.{name}_limit", most=most)}
                for name, most, keys in UPLOADERS
                for key in keys
            ],
        },
        key="page_language",
    )
