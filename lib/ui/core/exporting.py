"""Taking rows home as a file: the format, how far it is, and the way to the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from lib.domain.errors import ExportStopped
from lib.exports import links
from lib.exports.background import Export
from lib.exports.formats import Format
from lib.ui.core import feedback
from lib.ui.core.words import say

EXPORT = "export"
"""In the session: what was exported last, by its name, and the export."""
EVERY_S = 0.5


def show(
    name: str,
    tenant_id: str,
    title: str,
    explanation: str,
    formats: Iterable[Format],
    start: Callable[[Format], Export],
) -> None:
    """The button with its formats, and the last export of what is called ``name``, with how far it is."""
    with st.popover(title, icon=":material/download:", key="exporting"):
        feedback.show_quietly(explanation)
        for file_format in formats:
            st.button(
                say(f"exporting.{file_format}"),
                key=f"export_{file_format}",
                width="stretch",
                on_click=_start,
                args=(name, start, file_format),
            )
        of, export = st.session_state.get(EXPORT, ("", None))
        if of != name or (export and export.tenant_id != tenant_id):
            export = None
        every = EVERY_S if export and not export.finished.is_set() else None
        st.fragment(_progress, run_every=every)(export)


def _progress(export: Export | None) -> None:
    if export is None:
        return
    if not export.finished.is_set():
        text = say("exporting.running", count=export.written)
        st.progress(min(1.0, export.written / export.total) if export.total else 0.0, text=text)
        st.button(say("result.stop"), key="stop_export", icon=":material/stop_circle:", on_click=export.stopped.set)
        return
    if isinstance(export.error, ExportStopped):
        feedback.show_quietly(say("exporting.stopped", count=export.written))
    elif export.error:
        feedback.show_error(export.error)
    else:
        feedback.show_quietly(say("exporting.done", count=export.written))
        st.link_button(
            say("exporting.fetch", name=export.name),
            links.link(export.token, st.get_option("server.baseUrlPath")),
            type="primary",
            icon=":material/download:",
        )


def _start(name: str, start: Callable[[Format], Export], file_format: Format) -> None:
    _, earlier = st.session_state.get(EXPORT, ("", None))
    if earlier:
        earlier.stopped.set()
    with feedback.shown_later():
        st.session_state[EXPORT] = (name, start(file_format))
