"""Taking what the filters show home as a file: the format, how far it is, and the way to the file."""

from __future__ import annotations

import streamlit as st

from lib.domain.errors import ExportStopped
from lib.domain.feed_filter import FeedFilter
from lib.exports import background, formats, links
from lib.exports.background import Export
from lib.studio import Studio
from lib.ui.core import cache, feedback, format_dates, words
from lib.ui.core.words import say

EXPORT = "export"
"""In the session: the export that this person began last."""
EVERY_S = 0.5


def show(studio: Studio, tenant_id: str, wanted: FeedFilter) -> None:
    """The button with its formats, and the last export with how far it is."""
    with st.popover(say("exporting.title"), icon=":material/download:", key="exporting"):
        feedback.show_quietly(say("exporting.help"))
        for file_format in formats.FORMATS:
            st.button(
                say(f"exporting.{file_format}"),
                key=f"export_{file_format}",
                width="stretch",
                on_click=_start,
                args=(studio, tenant_id, wanted, file_format),
            )
        begun: Export | None = st.session_state.get(EXPORT)
        if begun and begun.tenant_id != tenant_id:
            begun = None
        every = EVERY_S if begun and not begun.finished.is_set() else None
        st.fragment(_progress, run_every=every)(begun)


def _progress(begun: Export | None) -> None:
    if begun is None:
        return
    if not begun.finished.is_set():
        total = cache.count(begun.tenant_id, begun.filters)
        told = say("exporting.running", count=begun.written)
        st.progress(min(1.0, begun.written / total) if total else 0.0, text=told)
        st.button(say("result.stop"), key="stop_export", icon=":material/stop_circle:", on_click=begun.stopped.set)
        return
    if isinstance(begun.error, ExportStopped):
        feedback.show_quietly(say("exporting.stopped", count=begun.written))
    elif begun.error:
        feedback.show_error(begun.error)
    else:
        feedback.show_quietly(say("exporting.done", count=begun.written))
        st.link_button(
            say("exporting.fetch", name=begun.name),
            links.link(begun.token, st.get_option("server.baseUrlPath")),
            type="primary",
            icon=":material/download:",
        )


def _start(studio: Studio, tenant_id: str, wanted: FeedFilter, file_format: formats.Format) -> None:
    earlier: Export | None = st.session_state.get(EXPORT)
    if earlier:
        earlier.stopped.set()
    statuses = {f"value_{name}": told for name, told in words.listed("status").items()}
    headings = words.listed("export") | statuses
    st.session_state[EXPORT] = background.start(
        studio, tenant_id, wanted, file_format, headings, zone=format_dates.zone()
    )
