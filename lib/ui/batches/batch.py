"""One batch: how far it is and what it costs, live; what can be done with it; and its rows, a page at a time."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from lib.store.batches import batches, request_files, review, rows
from lib.store.batches.batches import Batch, Progress
from lib.store.batches.rows import Failure
from lib.store.traffic import processes
from lib.store.traffic.processes import Workers
from lib.studio import Studio
from lib.ui.batches import downloads, figures, presses, request_file_lines, row_table
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import feedback, format_dates, reasons, url_state, words
from lib.ui.core.addresses import BatchesAddress
from lib.ui.core.words import say

EVERY_S = 1.5
"""Seconds after which the figures of a batch that is not over are drawn again."""
ALL_EVERY_S = 4.0
"""Seconds after which its rows and what can be done with it are."""


@dataclass
class _Watch:
    """The batch as this run of the page has drawn it: its fragment notices when the whole page is out of date."""

    batch: Batch
    progress: Progress
    drawn_at: float = field(default_factory=time.monotonic)
    is_new: bool = True
    """Whether this run has just read the batch: counting ten thousand rows once more would hold the page up."""

    def read(self, db: Any) -> tuple[Batch, Progress]:
        """The batch and how far it is, as the database has it."""
        if self.is_new:
            self.is_new = False
            return self.batch, self.progress
        return _read(db, self.batch.tenant_id, self.batch.batch_id)

    def is_out_of_date(self, batch: Batch, progress: Progress) -> bool:
        """Whether another state has come, or more rows than a moment ago have ended. True once."""
        has_turned = batch.status != self.batch.status or bool(progress.open) != bool(self.progress.open)
        has_grown = progress.ended != self.progress.ended and time.monotonic() - self.drawn_at > ALL_EVERY_S
        if has_turned or has_grown:
            self.batch, self.progress, self.drawn_at = batch, progress, time.monotonic()
        return has_turned or has_grown


def show(studio: Studio, tenant_id: str, batch_id: uuid.UUID, address: BatchesAddress) -> None:
    """Draw the batch. Raises ``BatchNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        batch, progress = _read(db, tenant_id, batch_id)
        statuses = review.statuses(db, tenant_id, batch.batch_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("batches.back"),
            key="batch_back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=lambda: BatchesAddress().show(),
        )
        st.subheader(feedback.inert(figures.name_of(batch)), anchor=False)
        figures.badge(batch)
        if batch.economy:
            st.badge(say("batches.economy"), icon=":material/savings:", color="green")
    watch = _Watch(batch, progress)
    # The same fragment before and after: a tick that comes late still finds it.
    st.fragment(_live, run_every=EVERY_S if progress.open else None)(studio, tenant_id, watch)
    _actions(batch, progress)
    undecided = sum(statuses.get(status, 0) for status in review.UNDECIDED)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("batches.review", count=undecided),
            key="open_review",
            type="primary",
            icon=":material/rate_review:",
            disabled=not undecided,
            on_click=lambda: BatchesAddress(batch=batch.batch_id, view="review").show(),
        )
        downloads.show(studio, batch, progress)
    if statuses:
        named = (f"{words.named('status', status)} {count:,}" for status, count in sorted(statuses.items()))
        feedback.show_quietly(feedback.inert(" · ".join(named)))
    row_table.show(studio, batch, progress, address)


def _read(db: Any, tenant_id: str, batch_id: uuid.UUID) -> tuple[Batch, Progress]:
    return batches.get(db, tenant_id, batch_id), batches.progress(db, tenant_id, [batch_id])[batch_id]


def _live(studio: Studio, tenant_id: str, watch: _Watch) -> None:
    """Bar, counts, cost and the rows that ended last; the whole page is drawn again when the batch's state changes."""
    url_state.tick()
    with studio.database.tenant(tenant_id) as db:
        batch, progress = watch.read(db)
        workers = processes.workers(db) if progress.open else None
        failures = rows.failures(db, tenant_id, batch.batch_id) if progress.reasons else []
        files = request_files.of_batch(db, tenant_id, batch.batch_id) if batch.economy else []
    if watch.is_out_of_date(batch, progress):
        url_state.draw_again()
    with st.container(border=True, key="batch_progress"):
        figures.bar(batch, progress)
        *counts, cost = figures.in_a_line(batch, progress)
        feedback.show_quietly(feedback.inert(" · ".join(counts)))
        feedback.show_quietly(feedback.inert(cost))
        request_file_lines.show(files)
        _why_it_waits(batch, workers, failures)
    if progress.open:
        row_table.show_newest(studio, batch)


def _why_it_waits(batch: Batch, workers: Workers | None, failures: list[Failure]) -> None:
    if batch.status == "paused":
        st.warning(feedback.inert(_pause_reason(batch)), icon=":material/pause_circle:")
    elif workers and not workers.alive:
        since = format_dates.to_the_second(workers.seen_at) if workers.seen_at else ""
        text = say("batches.no_worker_since", at=since) if since else say("batches.no_worker")
        st.warning(feedback.inert(text), icon=":material/cloud_off:")
    for failure in failures:
        feedback.show_quietly(f":material/error: {feedback.inert(reasons.counted(failure))}")


def _pause_reason(batch: Batch) -> str:
    code = batch.paused_because or "person"
    if code in ("person", "limit"):
        text = say(f"batches.paused_{code}")
    else:
        text = say("batches.paused_error", reason=reasons.sentence(code, batch.paused_params))
    if batch.resumes_at:
        text += " " + say("batches.resumes", at=format_dates.short(max(batch.resumes_at, dt.datetime.now(dt.UTC))))
    return text


def _actions(batch: Batch, progress: Progress) -> None:
    """What can be done with the batch as it is."""
    values = {"batch_id": str(batch.batch_id)}
    buttons = []
    if batch.status in ("queued", "running"):
        buttons.append(Button("pause_batch", presses.PAUSE, say("batches.pause"), values=values, icon="pause"))
    if batch.status == "paused":
        buttons.append(
            Button("resume", presses.RESUME, say("batches.resume"), values=values, icon="play_arrow", kind="primary")
        )
    if failed := progress.rows.get("failed"):
        label = say("batches.retry", count=failed)
        buttons.append(Button("retry_failed", presses.RETRY, label, values=values | {"failed": failed}, icon="refresh"))
    if unknown := progress.rows.get("unknown"):
        buttons.append(
            Button(
                "retry_unknown",
                presses.RETRY,
                say("batches.retry_unknown", count=unknown),
                values=values | {"unknown": "yes", "rows": unknown},
                icon="refresh",
                help=say("batches.retry_unknown_help"),
            )
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if buttons:
            with st.container(width="content"):
                press.show("batch_actions", batch.tenant_id, buttons)
        if not batch.is_ended:
            with st.popover(say("batches.change_limit"), icon=":material/payments:", key="change_limit"):
                _limit(batch, values)
            with st.popover(say("batches.cancel"), icon=":material/cancel:", key="cancel_batch_sure"):
                st.markdown(say("batches.cancel_sure_economy" if batch.economy else "batches.cancel_sure"))
                now = Button("cancel_batch", presses.CANCEL, say("batches.cancel_now"), values=values, kind="primary")
                press.show("cancel_batch_now", batch.tenant_id, [now])


def _limit(batch: Batch, values: dict[str, str]) -> None:
    label = say("batches.set_limit")
    press.show(
        "limit_batch_now",
        batch.tenant_id,
        [Button("set_limit", presses.LIMIT, label, values=values, kind="primary")],
        form=presses.form(presses.LIMIT, f"limit.{batch.batch_id}", [presses.limit_field(batch.limit_usd)]),
    )
