"""A recorded brief goes into the form of the generate page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import streamlit as st

from lib.domain.brief import INPUTS
from lib.ui.core.words import say

LOADED = "brief_loaded"
"""In the session: the brief that another page put into the form, with an id by which the browser fills it in once."""
UNSAID = "unsaid"
"""The choice of whoever does not say whether the post is sponsored."""


def use_again(brief: Mapping[str, str]) -> None:
    """Fill the form with a recorded brief when the page is drawn next; the browser offers to undo it."""
    st.session_state[LOADED] = {
        "id": uuid.uuid4().hex,
        "values": {name: brief.get(name) or "" for name in INPUTS}
        | {"sponsorship": brief.get("sponsorship") or UNSAID},
        "text": say("press.loaded"),
    }
