"""To another page of the app, by the browser itself.

``st.switch_page`` of Streamlit 1.67 leaves an address behind that is of neither page (the old path with the new query),
and the browser's way back leads there. A page that is opened by its address has no such trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

_component = st.components.v2.component(
    "feed_studio_leaving", js=(Path(__file__).parent / "open_url.js").read_text("utf-8")
)


def to(path: str, query: Mapping[str, str], *, key: str) -> None:
    """Let the browser open the page at this path with this query, as soon as it draws this."""
    _component(data={"address": f"{path}?{urlencode(query)}"}, key=key)
