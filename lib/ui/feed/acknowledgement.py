"""A move that waits for a deliberate "I know": the disclosure of a sponsored caption is not as it should be."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.domain.errors import DisclosureUnconfirmed
from lib.feeds import workflow
from lib.ui.core import actions, feedback, words
from lib.ui.core.words import say

PENDING, REASON = "move_to_acknowledge", "move_reason"
"""Session keys: the move that waits, and the reason that is typed."""


@dataclass(frozen=True)
class Pending:
    """A move that was refused until somebody says why it may be made."""

    tenant_id: str
    feed_ids: tuple[uuid.UUID, ...]
    status: str
    note: str
    error: DisclosureUnconfirmed


def ask(tenant_id: str, feed_ids: Sequence[uuid.UUID], status: str, note: str, error: DisclosureUnconfirmed) -> None:
    """Let the page that is drawn next ask for the reason; only from a callback."""
    st.session_state[PENDING] = Pending(tenant_id, tuple(feed_ids), status, note, error)


def show(tenant_id: str, on_acknowledged: Callable[[Pending, str], None]) -> None:
    """Ask for the reason where a move of this team waits for one; always there, so that nothing below it moves."""
    pending: Pending | None = st.session_state.get(PENDING)
    with st.container():
        if pending is None or pending.tenant_id != tenant_id:
            return
        with st.container(border=True, key="acknowledge"):
            st.markdown(f"**{say('checked.acknowledge_title')}**")
            for problem in pending.error.problems:
                st.markdown(f":orange[:material/warning: {feedback.inert(words.problem(problem))}]")
            reason_key = actions.row_key(REASON, pending.feed_ids[0])
            st.text_input(
                say("checked.reason"),
                key=reason_key,
                max_chars=workflow.MAX_NOTE,
                placeholder=say("checked.reason_hint"),
            )
            with st.container(horizontal=True):
                actions.button(
                    say("checked.acknowledge"),
                    "acknowledge_yes",
                    pending.feed_ids[0],
                    type="primary",
                    on_click=_acknowledge,
                    args=(pending, reason_key, on_acknowledged),
                )
                st.button(say("checked.back"), key="acknowledge_no", on_click=invalidate)


def invalidate() -> None:
    """The move is not made."""
    st.session_state.pop(PENDING, None)


def _acknowledge(pending: Pending, reason_key: str, on_acknowledged: Callable[[Pending, str], None]) -> None:
    if reason := str(st.session_state.get(reason_key) or "").strip():
        invalidate()
        on_acknowledged(pending, reason)
    else:
        feedback.toast_later(f"{say('checked.reason')}: {say('problem.missing')}", icon=":material/error:")
