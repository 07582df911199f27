"""The tenant's last captions and failures in a short list, so that what was made a moment ago is a click away."""

from __future__ import annotations

import streamlit as st

from lib.domain.errors import StudioError
from lib.store import generations
from lib.store.generations import Recent
from lib.studio import Studio
from lib.ui.core import feedback, format_dates, words
from lib.ui.core.addresses import GenerateAddress
from lib.ui.core.words import say

LINE = 42
"""Characters of a caption that fit on a line of the list."""


def show(studio: Studio, tenant_id: str) -> None:
    """A line for each of the last generations; a press opens it."""
    with st.expander(say("recent.title"), icon=":material/history:", key="recent"):
        try:
            with studio.database.tenant(tenant_id) as db:
                made = generations.recent(db, tenant_id)
        except StudioError as error:
            feedback.show_error(error)
            return
        if not made:
            st.caption(say("recent.none"))
        for number, recent in enumerate(made, start=1):
            st.button(
                _line(recent),
                key=f"recent_{number}",
                type="tertiary",
                icon=_icon(recent),
                on_click=_open,
                args=(recent,),
            )


def _line(recent: Recent) -> str:
    shown = words.first_line(recent.instagram_ad_copy or recent.product_description or "", LINE)
    return feedback.inert(f"{format_dates.short(recent.created_at)} · {shown}")


def _icon(recent: Recent) -> str:
    if recent.instagram_feed_id:
        return ":material/check_circle:"
    return ":material/hourglass_empty:" if recent.outcome is None else ":material/error:"


def _open(recent: Recent) -> None:
    if recent.instagram_feed_id:
        GenerateAddress(feed=recent.instagram_feed_id).show()
    else:
        GenerateAddress(run=recent.run_id).show()
