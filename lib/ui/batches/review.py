"""Reviewing a batch by keyboard: one caption after the other is approved, edited, written again or skipped."""

from __future__ import annotations

import uuid
from functools import partial

import streamlit as st

from lib.batches import reviewing
from lib.domain.brief import INPUTS
from lib.domain.errors import DisclosureUnconfirmed
from lib.domain.models import is_demo
from lib.feeds import answer
from lib.store import feeds
from lib.store.batches import batches, rows
from lib.store.batches import review as store
from lib.store.batches.batches import Batch
from lib.store.batches.rows import Place, Row
from lib.store.feeds import Feed
from lib.studio import Studio
from lib.ui.batches import figures, presses
from lib.ui.components.post_preview import post_preview
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import actions, feedback, session, words
from lib.ui.core.addresses import BatchesAddress
from lib.ui.core.words import say
from lib.ui.feed import acknowledgement, editor, facts, findings

EDITOR = 1
"""The number of the editor of this page, see :mod:`lib.ui.feed.editor`."""
START: Place = (0, 0)


def show(studio: Studio, tenant_id: str, batch_id: uuid.UUID, place: Place | None) -> None:
    """Draw the caption at this place, or the first that nobody has decided on. Raises ``BatchNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        batch = batches.get(db, tenant_id, batch_id)
        statuses = store.statuses(db, tenant_id, batch_id)
        row = rows.get(db, tenant_id, batch_id, place) if place else None
        if row is None or row.instagram_ad_copy is None or row.instagram_feed_id is None:
            place = store.next_undecided(db, tenant_id, batch_id, place or START)
            row = rows.get(db, tenant_id, batch_id, place) if place else None
        feed = feeds.get(db, tenant_id, row.instagram_feed_id) if row and row.instagram_feed_id else None
        status = store.status_of(db, tenant_id, [feed.instagram_feed_id])[feed.instagram_feed_id] if feed else ""
    undecided = sum(statuses.get(name, 0) for name in store.UNDECIDED)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("batches.to_batch"),
            key="review_back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=lambda: BatchesAddress(batch=batch_id).show(),
        )
        st.subheader(feedback.inert(say("batches.review_title", name=figures.name_of(batch))), anchor=False)
    total = sum(statuses.values())
    st.progress(
        1 - undecided / total if total else 1.0, text=say("batches.reviewed", count=total - undecided, total=total)
    )
    if row is None or feed is None:
        st.success(say("batches.all_reviewed"), icon=":material/done_all:")
        return
    acknowledgement.show(tenant_id, partial(_approve_acknowledged, studio, batch, row.place))
    _decide(studio, batch, row, feed, status)
    left, right = st.columns([11, 9], gap="large")
    with right:
        findings.show(studio, feed, EDITOR, with_rewriting=False)  # to write it anew is the key W
        _about(row)
        if undecided > 1:
            _approve_all(batch, undecided)
    with left:
        _post(studio, feed)


def _decide(studio: Studio, batch: Batch, row: Row, feed: Feed, status: str) -> None:
    """The four decisions, each with its key."""
    feedback.show_quietly(
        feedback.inert(say("batches.review_place", number=row.number, status=words.named("status", status)))
    )
    arguments = (studio, batch, row.place)
    with st.container(horizontal=True, key="decisions"):
        actions.button(
            say("batches.approve"),
            "approve_caption",
            feed.instagram_feed_id,
            type="primary",
            icon=":material/check:",
            shortcut="A",
            on_click=_approve,
            args=(*arguments, feed.instagram_feed_id),
        )
        actions.button(
            say("batches.edit"),
            "edit_caption",
            feed.instagram_feed_id,
            icon=":material/edit:",
            shortcut="E",
            on_click=_open_editor,
        )
        actions.button(
            say("batches.redo"),
            "redo_caption",
            feed.instagram_feed_id,
            icon=":material/refresh:",
            shortcut="W",
            help=say("batches.redo_help"),
            on_click=_redo,
            args=arguments,
        )
        actions.button(
            say("batches.skip"),
            "skip_caption",
            feed.instagram_feed_id,
            icon=":material/skip_next:",
            shortcut="S",
            on_click=_skip,
            args=arguments,
        )
        actions.button(
            say("batches.previous"),
            "previous_caption",
            feed.instagram_feed_id,
            icon=":material/skip_previous:",
            shortcut="B",
            on_click=_back,
            args=arguments,
        )
    feedback.show_quietly(say("batches.keys"))


def _post(studio: Studio, feed: Feed) -> None:
    post = post_preview.Post(
        account=feed.tenant_id,
        caption=answer.caption_of(feed),
        badge=say("result.demo_badge") if feed.gpt_model_name and is_demo(feed.gpt_model_name) else None,
        link=facts.link(feed),
    )
    post_preview.show(post, words.listed("preview"), key="review_post")
    with st.container(border=True, key="review_text"):  # whole, where the post folds it
        st.text(post.caption.assembled)
    facts.show(feed)
    editor.show(studio, feed, EDITOR)


def _about(row: Row) -> None:
    """The brief, so that what the caption says can be checked against it."""
    with st.container(border=True):
        if row.reference:
            st.markdown(f"**{words.field_name('reference')}**  \n{feedback.inert(row.reference)}")
        for name in ("product_description", *(name for name in INPUTS if name != "product_description")):
            if text := row.brief.get(name):
                st.markdown(f"**{feedback.inert(words.field_name(name))}**")
                st.text(str(text))
        if kind := row.brief.get("sponsorship"):
            st.markdown(f"**{words.field_name('sponsorship')}**  \n{feedback.inert(words.named('sponsorship', kind))}")


def _approve_all(batch: Batch, undecided: int) -> None:
    with st.popover(say("batches.approve_all"), icon=":material/done_all:", key="approve_all"):
        st.markdown(say("batches.approve_all_sure", count=undecided))
        values = {"batch_id": str(batch.batch_id), "count": undecided}
        label = say("batches.approve_all_now", count=undecided)
        button = Button("approve_all_now", presses.APPROVE_ALL, label, values=values, kind="primary")
        press.show("approve_all_press", batch.tenant_id, [button])


# -- callbacks --------------------------------------------------------------------------------------------------------


def _approve(studio: Studio, batch: Batch, place: Place, feed_id: uuid.UUID, reason: str = "") -> None:
    with feedback.shown_later():
        actions.require_screen(batch.tenant_id)
        try:
            reviewing.approve(studio, batch.tenant_id, feed_id, person=session.person(), acknowledged=reason)
        except DisclosureUnconfirmed as error:
            acknowledgement.ask(batch.tenant_id, [feed_id], reviewing.APPROVED, "", error)
            return
        _go_on(studio, batch, place)


def _approve_acknowledged(
    studio: Studio, batch: Batch, place: Place, pending: acknowledgement.Pending, reason: str
) -> None:
    _approve(studio, batch, place, pending.feed_ids[0], reason)


def _redo(studio: Studio, batch: Batch, place: Place) -> None:
    with feedback.shown_later():
        actions.require_screen(batch.tenant_id)
        reviewing.redo(studio, batch.tenant_id, batch.batch_id, place, person=session.person())
        feedback.toast_later(say("batches.redone"), icon=":material/refresh:")
        _go_on(studio, batch, place)


def _skip(studio: Studio, batch: Batch, place: Place) -> None:
    with feedback.shown_later():
        _go_on(studio, batch, place)


def _back(studio: Studio, batch: Batch, place: Place) -> None:
    with feedback.shown_later():
        _go_on(studio, batch, place, backward=True)


def _open_editor() -> None:
    st.session_state[editor.expander(EDITOR)] = True


def _go_on(studio: Studio, batch: Batch, place: Place, *, backward: bool = False) -> None:
    """Show the nearest caption that nobody has decided on; after the last one, the first that was skipped."""
    with studio.database.tenant(batch.tenant_id) as db:
        following = store.next_undecided(db, batch.tenant_id, batch.batch_id, place, backward=backward)
        if following is None and not backward:
            following = store.next_undecided(db, batch.tenant_id, batch.batch_id, START)
    st.session_state[editor.expander(EDITOR)] = False
    acknowledgement.invalidate()
    BatchesAddress(batch=batch.batch_id, view="review", row=following or (place if backward else None)).show()
