"""The button that makes a team's search index and figures anew, for its admin."""

from __future__ import annotations

import streamlit as st

from lib.feeds import rebuilding
from lib.studio import Studio
from lib.ui.core import actions, feedback
from lib.ui.core.words import say

EVERY_S = 1.0


def show(studio: Studio, tenant_id: str) -> None:
    """What a rebuild is for, its button, and what the last one found."""
    st.subheader(say("keys.rebuild_title"), anchor=False)
    feedback.show_quietly(say("keys.rebuild_what"))
    running = rebuilding.latest(tenant_id)
    busy = running is not None and not running.finished.is_set()
    actions.button(
        say("keys.rebuild"),
        "rebuild",
        tenant_id,
        icon=":material/build:",
        disabled=busy,
        on_click=_start,
        args=(studio, tenant_id),
    )
    st.fragment(_outcome, run_every=EVERY_S if busy else None)(tenant_id, busy)


def _outcome(tenant_id: str, was_busy: bool) -> None:
    latest = rebuilding.latest(tenant_id)
    if latest is None:
        return
    if not latest.finished.is_set():
        feedback.show_quietly(say("keys.rebuilding"))
        return
    if was_busy:
        st.rerun()
    if latest.error:
        feedback.show_error(latest.error)
    elif latest.mended:
        counts = latest.mended
        text = say("keys.rebuilt", missing=counts.missing, outdated=counts.outdated, removed=counts.removed)
        st.success(text, icon=":material/check:")
    else:
        st.success(say("keys.rebuilt_whole"), icon=":material/check:")


def _start(studio: Studio, tenant_id: str) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        rebuilding.start(studio, tenant_id)
