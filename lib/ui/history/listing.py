"""The list of what was made: the filters, the rows, the way to older ones, and what is done with several at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.domain.errors import DisclosureUnconfirmed
from lib.domain.feed_filter import LIVE, STATUSES
from lib.feeds import checking, workflow
from lib.store import feed_listing, feed_states
from lib.studio import Studio
from lib.ui.components.feed_list import feed_list
from lib.ui.core import actions, cache, feedback, session
from lib.ui.core.addresses import MAX_COMPARED, HistoryAddress
from lib.ui.core.words import say
from lib.ui.feed import acknowledgement
from lib.ui.history import address, exports, filters, pager

SELECTED, UNDO, LEFT = "selected_feeds", "history_undo", "feed_left"
"""In the session: by tenant, the feeds that are ticked, in the order in which they were, and what the last move left,
for the way back; and the feed that the reader comes back from."""


NOTE = "several_note"
"""Session key: the note for a change of several feeds' status."""
EVERY_S = 2.0
"""Seconds between two looks whether all captions are checked."""


def show(studio: Studio, tenant_id: str, shown: HistoryAddress) -> None:
    """Draw the list that the address names."""
    narrowed_to = shown.filters
    filters.show(tenant_id, narrowed_to)
    unchecked = checking.catch_up(studio, tenant_id) if narrowed_to.findings else 0
    with studio.database.tenant(tenant_id) as db:
        page = feed_listing.page(db, tenant_id, narrowed_to, limit=shown.size, after=shown.after, before=shown.before)
    findings = checking.of_feeds(studio, tenant_id, [row.feed_id for row in page.rows])
    _undo(studio, tenant_id)
    acknowledgement.show(tenant_id, partial(move_acknowledged, studio))
    if unchecked:
        st.fragment(_wait_for_checks, run_every=EVERY_S)(studio, tenant_id, [unchecked])
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        counted = st.empty()
        exports.show(studio, tenant_id, narrowed_to)
    if not page.rows:
        counted.empty()
        _nothing(shown)
        return
    _several(studio, tenant_id, {row.feed_id for row in page.rows})
    feed_list.show(
        tenant_id,
        page.rows,
        {feed_id: [finding["kind"] for finding in listed] for feed_id, listed in findings.items()},
        [*narrowed_to.words, *(f"#{tag}" for tag in narrowed_to.hashtags)],
        key="feeds",
        selected=_selected(tenant_id),
        left=st.session_state.pop(LEFT, None),
        on_open=address.open_feed,
        on_favour=lambda feed_id: _favour(studio, tenant_id, feed_id),
        on_select=lambda chosen: _select(tenant_id, chosen),
    )
    pager.show(shown, page.newer, page.older)
    # Last: the rows are there before they are counted.
    all_studio = not (shown.after or shown.before) and page.older is None
    number = len(page.rows) if all_studio else cache.count(tenant_id, narrowed_to)
    with counted:
        most = say("history.count_more", count=feed_listing.COUNTED)
        feedback.show_quietly(most if number is None else say("history.count", count=number))


def _wait_for_checks(studio: Studio, tenant_id: str, counted: list[int]) -> None:
    """Say how many captions are not checked yet, and draw the list anew once all are.

    ``counted`` holds how many the page has just found, for the first time that this is drawn.
    """
    unchecked = counted.pop() if counted else checking.catch_up(studio, tenant_id)
    if not unchecked:
        st.rerun()
    feedback.show_quietly(f":material/pending: {say('history.unchecked', count=unchecked)}")


def _nothing(shown: HistoryAddress) -> None:
    """Why the list is empty, and what helps."""
    with pager.nothing():
        if shown.after or shown.before:
            st.markdown(f"**{say('history.end')}**")
            st.button(say("history.first"), key="to_first", on_click=address.go)
        elif shown.filters.is_narrowed:
            st.markdown(f"**{say('history.nothing_found')}**")
            feedback.show_quietly(say("history.nothing_found_help"))
            with st.container(horizontal=True):
                pager.offer_all(address.clear)
                if shown.filters.status == LIVE:
                    st.button(
                        say("history.with_archived"),
                        key="with_archived",
                        on_click=address.narrow,
                        kwargs={"status": None},
                    )
        else:
            st.markdown(f"**{say('history.empty')}**")
            feedback.show_quietly(say("history.empty_help"))
            st.page_link("generate.py", label=say("history.write_first"), icon=":material/edit_square:")


# -- several at once --------------------------------------------------------------------------------------------------


def _several(studio: Studio, tenant_id: str, shown: set[uuid.UUID]) -> None:
    chosen = _selected(tenant_id)
    with st.container(horizontal=True, vertical_alignment="center", key="several"):  # always there: the list stays put
        if not chosen:
            return
        elsewhere = len(set(chosen) - shown)
        label = say("history.selected", count=len(chosen))
        feedback.show_quietly(f"{label} ({say('history.selected_elsewhere', count=elsewhere)})" if elsewhere else label)
        st.button(
            say("history.compare"),
            key="compare",
            icon=":material/compare:",
            disabled=not 2 <= len(chosen) <= MAX_COMPARED,
            help=say("history.compare_help", most=MAX_COMPARED),
            on_click=address.compare,
            args=(chosen,),
        )
        with st.popover(say("history.move"), icon=":material/flag:"):
            st.text_input(say("state.note"), key=NOTE, max_chars=workflow.MAX_NOTE)
            for status in STATUSES[:-1]:
                actions.button(
                    say(f"status.{status}"),
                    f"several_{status}",
                    tenant_id,
                    width="stretch",
                    on_click=_move,
                    args=(studio, tenant_id, status),
                )
        actions.button(
            say("history.archive"),
            "archive_several",
            tenant_id,
            icon=":material/archive:",
            on_click=_move,
            args=(studio, tenant_id, "archived"),
        )
        st.button(
            say("history.select_none"), key="select_none", type="tertiary", on_click=_select, args=(tenant_id, [])
        )


def move(studio: Studio, tenant_id: str, chosen: Sequence[uuid.UUID], status: str, note: str, reason: str = "") -> bool:
    """Move feeds, and let the page that is drawn next offer the way back; only from a callback.

    False where they were not moved: their disclosure is not clear, and the page asks for the ``reason``.
    """
    try:
        left = workflow.move(studio, tenant_id, chosen, status, note=note, person=session.person(), acknowledged=reason)
    except DisclosureUnconfirmed as error:
        acknowledgement.ask(tenant_id, chosen, status, note, error)
        return False
    if left:  # the same press again moves nothing, and takes no way back away
        st.session_state[UNDO] = {tenant_id: (dict(left), status)}
    return True


def move_acknowledged(studio: Studio, pending: acknowledgement.Pending, reason: str) -> None:
    """Make a move that waited for its reason; only from a callback."""
    with feedback.shown_later():
        actions.require_screen(pending.tenant_id)
        move(studio, pending.tenant_id, pending.feed_ids, pending.status, pending.note, reason)


def _undo(studio: Studio, tenant_id: str) -> None:
    with st.container():  # always there: the list stays put
        left, status = st.session_state.get(UNDO, {}).get(tenant_id, ({}, ""))
        if left:
            with st.container(horizontal=True, vertical_alignment="center", border=True, key="undo"):
                feedback.show_quietly(say("history.moved", count=len(left), status=say(f"status.{status}")))
                actions.button(
                    say("form.undo"),
                    "undo_move",
                    tenant_id,
                    icon=":material/undo:",
                    on_click=_move_back,
                    args=(studio, tenant_id),
                )


def _selected(tenant_id: str) -> list[uuid.UUID]:
    chosen: list[uuid.UUID] = st.session_state.get(SELECTED, {}).get(tenant_id, [])
    return chosen


# -- callbacks --------------------------------------------------------------------------------------------------------


def _select(tenant_id: str, chosen: list[uuid.UUID]) -> None:
    st.session_state[SELECTED] = {tenant_id: chosen}


def _favour(studio: Studio, tenant_id: str, feed_id: uuid.UUID) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        with studio.database.tenant(tenant_id) as db:
            favourite = feed_states.get(db, tenant_id, feed_id).favourite
        workflow.set_favourite(studio, tenant_id, feed_id, favourite=not favourite)


def _move(studio: Studio, tenant_id: str, status: str) -> None:
    """Move what is ticked when the press arrives: the last tick may be newer than the button."""
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        if not move(studio, tenant_id, _selected(tenant_id), status, str(st.session_state.get(NOTE) or "")):
            return
        _select(tenant_id, [])
        st.session_state[NOTE] = ""  # the browser keeps a note that is not taken out of it


def _move_back(studio: Studio, tenant_id: str) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        left, status = st.session_state.get(UNDO, {}).get(tenant_id, ({}, ""))
        back = workflow.move_back(studio, tenant_id, left, status, person=session.person())
        st.session_state.pop(UNDO, None)
        if back < len(left):
            feedback.toast_later(say("history.moved_on", count=len(left) - back), icon=":material/info:")
