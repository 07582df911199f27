"""The rows of a batch in a table, a page at a time, and those that ended last."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from lib.domain.batches.rows import ROW_STATUSES
from lib.store.batches import rows
from lib.store.batches.batches import Batch, Progress
from lib.store.batches.rows import Row
from lib.studio import Studio
from lib.ui.core import feedback, numbers, reasons, words
from lib.ui.core.addresses import BatchesAddress, HistoryAddress
from lib.ui.core.changes import when_changed
from lib.ui.core.words import say

ROWS = 50
"""Rows of a page."""
NEWEST = 5
TEXT = 160
"""Characters of a text that a cell shows."""
STATUS = "batch_row_status"
"""Session key of the choice of a status."""


def show(studio: Studio, batch: Batch, progress: Progress, address: BatchesAddress) -> None:
    """The rows of the batch from a place on, of every status or of one."""
    st.markdown(f"**{say('batches.rows')}**")
    labels = {"": say("batches.shown_all", count=progress.total)}
    labels |= {
        name: say(f"batches.count_{name}", count=count) for name in ROW_STATUSES if (count := progress.rows.get(name))
    }
    st.session_state[STATUS] = address.status if address.status in labels else ""
    st.segmented_control(
        say("batches.rows"),
        list(labels),
        key=STATUS,
        required=True,
        label_visibility="collapsed",
        format_func=labels.__getitem__,
        on_change=when_changed(STATUS, _filter, batch.batch_id),
    )
    statuses = [status for status in ROW_STATUSES if status == address.status]
    after = address.from_row or (0, 0)
    with studio.database.tenant(batch.tenant_id) as db:
        page = rows.page(db, batch.tenant_id, batch.batch_id, after=after, limit=ROWS + 1, statuses=statuses)
    if not page:
        feedback.show_quietly(say("batches.no_rows"))
    else:
        _table(batch, page[:ROWS], key="batch_rows")
    last = page[ROWS - 1].place if len(page) > ROWS else None
    if last is None and address.from_row is None:
        return
    with st.container(horizontal=True):
        st.button(
            say("batches.page_first"),
            key="rows_first",
            icon=":material/first_page:",
            disabled=address.from_row is None,
            on_click=lambda: BatchesAddress(batch=batch.batch_id, status=address.status).show(),
        )
        st.button(
            say("batches.page_next"),
            key="rows_next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=last is None,
            on_click=lambda: BatchesAddress(batch=batch.batch_id, status=address.status, from_row=last).show(),
        )


def _filter(batch_id: uuid.UUID) -> None:
    BatchesAddress(batch=batch_id, status=st.session_state[STATUS] or None).show()


def show_newest(studio: Studio, batch: Batch) -> None:
    """The rows that ended last."""
    with studio.database.tenant(batch.tenant_id) as db:
        newest = rows.newest(db, batch.tenant_id, batch.batch_id, limit=NEWEST)
    if newest:
        feedback.show_quietly(say("batches.newest"))
        _table(batch, newest, key="batch_newest")


def _table(batch: Batch, listed: list[Row], *, key: str) -> None:
    columns: dict[str, list[Any]] = {
        "number": [row.number if row.variant == 1 else f"{row.number}-{row.variant}" for row in listed],
        "reference": [row.reference or "" for row in listed],
        "product_description": [_short(str(row.brief.get("product_description") or "")) for row in listed],
        "status": [words.named("row_status", row.status) for row in listed],
        "reason": [reasons.of(row) for row in listed],
        "caption": [_short(row.instagram_ad_copy or "") for row in listed],
        "hashtags": [row.hashtags or "" for row in listed],
        "cost": [_cost(row) for row in listed],
        "open": [_link(batch, row) for row in listed],
    }
    columns["number"] = list(map(str, columns["number"]))
    if not any(columns["reference"]):
        del columns["reference"]
    if not any(columns["reason"]):
        del columns["reason"]
    widths: dict[str, Any] = {"number": 60, "status": 90, "caption": "large", "reason": "large", "cost": 90}
    config: dict[str, Any] = {
        name: st.column_config.TextColumn(say(f"batches.column_{name}"), width=widths.get(name, "medium"))
        for name in columns
    }
    config["open"] = st.column_config.LinkColumn(say("batches.column_open"), display_text=say("batches.open"), width=70)
    st.dataframe(pd.DataFrame(columns), hide_index=True, column_config=config, key=key)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT else f"{line[: TEXT - 1]}…"


def _cost(row: Row) -> str:
    if row.cost_usd is None and not row.without_cost:
        return ""
    return say("value.unknown") if row.without_cost else numbers.usd(row.cost_usd)


def _link(batch: Batch, row: Row) -> str | None:
    if row.instagram_feed_id is None or row.instagram_ad_copy is None:
        return None
    query = urlencode(HistoryAddress(feed=row.instagram_feed_id).link(batch.tenant_id))
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"{f'/{base}' if base else ''}/{HistoryAddress.path}?{query}"
