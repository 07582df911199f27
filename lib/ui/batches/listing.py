"""The list of batches with their figures, and above it the sheets that wait to be started."""

from __future__ import annotations

import streamlit as st

from lib.store.batches import batches, drafts
from lib.store.batches.batches import Batch, Progress
from lib.studio import Studio
from lib.ui.batches import figures
from lib.ui.core import feedback, format_dates
from lib.ui.core.addresses import BatchesAddress
from lib.ui.core.words import say

ROWS = 20
EVERY_S = 3.0
"""Seconds after which the list is drawn again while a batch is not over."""


def show(studio: Studio, tenant_id: str, address: BatchesAddress) -> None:
    """Draw both lists; what is under way is drawn again by itself."""
    with studio.database.tenant(tenant_id) as db:
        waiting = drafts.waiting(db, tenant_id)
        page = batches.page(db, tenant_id, after=address.after, limit=ROWS)
    if waiting:
        st.markdown(f"**{say('batches.waiting')}**")
    for draft in waiting:
        st.page_link(
            BatchesAddress.file,
            label=feedback.inert(
                say(
                    "batches.draft_line",
                    name=draft.name or say("batches.unnamed"),
                    at=format_dates.short(draft.changed_at),
                    count=draft.rows,
                )
            ),
            icon=":material/edit_note:",
            query_params=BatchesAddress(draft=draft.draft_id).link(tenant_id),
        )
    st.markdown(f"**{say('batches.list')}**")
    if not page.rows:
        st.info(say("batches.none"), icon=":material/info:")
        return
    is_open = any(not batch.is_ended for batch in page.rows)
    st.fragment(_list, run_every=EVERY_S if is_open else None)(studio, tenant_id, address)
    if page.older:
        st.button(
            say("history.older"),
            key="older_batches",
            icon=":material/chevron_right:",
            on_click=lambda: BatchesAddress(after=page.older).show(),
        )


def _list(studio: Studio, tenant_id: str, address: BatchesAddress) -> None:
    with studio.database.tenant(tenant_id) as db:
        page = batches.page(db, tenant_id, after=address.after, limit=ROWS)
        progress = batches.progress(db, tenant_id, [batch.batch_id for batch in page.rows])
    for batch in page.rows:
        _line(tenant_id, batch, progress[batch.batch_id])


def _line(tenant_id: str, batch: Batch, progress: Progress) -> None:
    with st.container(border=True, key=f"batch_line_{batch.batch_id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            figures.badge(batch)
            st.page_link(
                BatchesAddress.file,
                label=f"**{feedback.inert(figures.name_of(batch))}**",
                query_params=BatchesAddress(batch=batch.batch_id).link(tenant_id),
            )
            feedback.show_quietly(feedback.inert(format_dates.short(batch.created_at)))
        figures.bar(batch, progress)
        feedback.show_quietly(feedback.inert(" · ".join(figures.in_a_line(batch, progress))))
