"""What a person hears of the team's batches on every page: that one has ended or waits, and where it is."""

from __future__ import annotations

import datetime as dt
import uuid

import streamlit as st

from lib import studio as studios
from lib.domain.errors import StudioError
from lib.store.batches import batches
from lib.store.batches.batches import Batch
from lib.ui.core import feedback, url_state
from lib.ui.core.addresses import BatchesAddress
from lib.ui.core.words import say

EVERY_S = 15
"""Seconds after which a page looks again."""
LISTED_FOR = dt.timedelta(hours=24)
"""How long a batch that has ended is listed, unless this session has opened it."""
MOST = 3
"""Batches that are listed."""
SEEN, OPENED = "batch_notices_seen", "batch_notices_opened"
"""In the session: by team, the state of each batch that was told of; the ended batches that were opened."""
ICONS = {"paused": ":material/pause_circle:", "done": ":material/check_circle:", "cancelled": ":material/cancel:"}


def show(tenant_id: str) -> None:
    """List the batches that wait or have ended lately, and say so once when another one does."""
    st.fragment(_show, run_every=EVERY_S)(tenant_id)


def _show(tenant_id: str) -> None:
    url_state.tick()
    try:
        with studios.current().database.tenant(tenant_id) as db:
            changed = batches.changed(db, tenant_id, since=dt.datetime.now(dt.UTC) - LISTED_FOR)
    except StudioError:
        return  # the page itself says that the database is away
    _tell(tenant_id, changed)
    opened = _opened()
    for batch in [batch for batch in changed if batch.status == "paused" or batch.batch_id not in opened][:MOST]:
        st.page_link(
            BatchesAddress.file,
            label=feedback.inert(_text(batch)),
            icon=ICONS[batch.status],
            query_params=BatchesAddress(batch=batch.batch_id).link(tenant_id),
        )


def _tell(tenant_id: str, changed: list[Batch]) -> None:
    """A passing note for each batch whose state is new to this session; nothing for those that it began with."""
    seen: dict[str, dict[uuid.UUID, str]] = st.session_state.setdefault(SEEN, {})
    before = seen.get(tenant_id)
    seen[tenant_id] = {batch.batch_id: _state(batch) for batch in changed}
    for batch in changed:
        if before is not None and before.get(batch.batch_id) != _state(batch):
            _opened().discard(batch.batch_id)
            st.toast(feedback.inert(_text(batch)), icon=ICONS[batch.status])


def _opened() -> set[uuid.UUID]:
    opened: set[uuid.UUID] = st.session_state.setdefault(OPENED, set())
    try:
        if (batch_id := BatchesAddress.read().batch) and url_state.is_shown(BatchesAddress):
            opened.add(batch_id)
    except StudioError:
        pass  # the address names none
    return opened


def _state(batch: Batch) -> str:
    return f"{batch.status} {batch.ended_at}"


def _text(batch: Batch) -> str:
    return say(f"batches.notice_{batch.status}", name=batch.name or say("batches.unnamed"))
