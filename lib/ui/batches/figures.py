"""How far a batch is and what it has cost, in words: what the list and the batch's own page have in common."""

from __future__ import annotations

import streamlit as st

from lib.domain.batches.rows import ROW_STATUSES
from lib.store.batches.batches import Batch, Progress
from lib.ui.core import feedback, numbers, words
from lib.ui.core.words import say

COLOURS = {"queued": "gray", "running": "blue", "paused": "orange", "done": "green", "cancelled": "gray"}
ICONS = {
    "queued": ":material/hourglass_empty:",
    "running": ":material/autorenew:",
    "paused": ":material/pause_circle:",
    "done": ":material/check_circle:",
    "cancelled": ":material/cancel:",
}


def name_of(batch: Batch) -> str:
    """The batch's name; a batch of the API or of pasted rows may have none."""
    return batch.name or say("batches.unnamed")


def badge(batch: Batch) -> None:
    """Draw the batch's status."""
    st.badge(
        feedback.inert(words.named("batch_status", batch.status)),
        icon=ICONS.get(batch.status),
        color=COLOURS.get(batch.status, "gray"),  # type: ignore[arg-type]
    )


def bar(batch: Batch, progress: Progress) -> None:
    """The share of the rows that have ended, with the rate and the time left while it runs."""
    share = progress.ended / progress.total if progress.total else 0.0
    texts = [say("batches.progress", ended=progress.ended, total=progress.total)]
    if not batch.is_ended and progress.open and not batch.economy:
        if progress.rows_a_minute is not None:
            texts.append(say("batches.rate", count=round(progress.rows_a_minute)))
        if progress.seconds_left is not None and batch.status == "running":
            texts.append(say("batches.left", time=words.duration(progress.seconds_left)))
    st.progress(min(share, 1.0), text=feedback.inert(" · ".join(texts)))


def in_a_line(batch: Batch, progress: Progress) -> list[str]:
    """The rows by how they ended, and the cost so far against the estimate and the limit."""
    counts = [
        say(f"batches.count_{status}", count=count) for status in ROW_STATUSES if (count := progress.rows.get(status))
    ]
    return [*counts, cost(batch, progress)]


def cost(batch: Batch, progress: Progress) -> str:
    """What was spent, of what was expected, and the limit; what is not known says so."""
    texts = [say("batches.spent", cost=numbers.usd(batch.spent_usd))]
    if progress.without_cost:
        texts.append(say("batches.without_cost", count=progress.without_cost))
    texts.append(say("batches.expected", cost=numbers.usd(batch.estimated_usd)))
    if batch.limit_usd is not None:
        texts.append(say("batches.limit", cost=numbers.usd(batch.limit_usd)))
    return " · ".join(texts)
