"""A batch as a table to download: the uploaded columns in their order, and what became of each row beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lib.domain.brief import INPUTS
from lib.exports.columns import Cell, findings_text
from lib.exports.xlsx_file import Table
from lib.feeds import checking
from lib.store.batches import review, rows
from lib.store.batches.batches import Batch
from lib.store.batches.rows import Row
from lib.studio import Studio

RESULTS = ("caption", "hashtags", "ai_generated", "result", "state", "findings", "cost_usd", "reason")
"""The columns beside the uploaded ones, in this order."""
AT_A_TIME = 500
"""Rows in memory at a time."""

_WIDTHS = {"caption": 60, "hashtags": 30, "findings": 40, "reason": 40}


def table_of(
    studio: Studio, batch: Batch, headings: Mapping[str, str], values: Mapping[str, str], reason: Callable[[Row], str]
) -> Table:
    """The batch's rows in the order of the file, a row for each caption.

    ``headings`` has the reader's word for each of :data:`RESULTS`, for ``variant`` and, where the batch came from a
    program, for ``reference`` and the inputs of a brief; also ``sheet`` and ``value_cut``. ``values`` has the words for
    what stands in cells: statuses of rows and captions, and ``ai_generated``. ``reason`` says why a row has no caption.
    """
    uploaded = list(batch.columns) or [headings[name] for name in ("reference", *INPUTS)]
    with studio.database.tenant(batch.tenant_id) as db:
        has_variants = rows.has_variants(db, batch.tenant_id, batch.batch_id)
    names = [*(["variant"] if has_variants else []), *RESULTS]
    widths = {len(uploaded) + place: _WIDTHS[name] for place, name in enumerate(names) if name in _WIDTHS}

    def lines() -> Iterator[list[Cell]]:
        for row, status, findings in _rows(studio, batch):
            results: dict[str, Any] = {
                "variant": row.variant,
                "caption": row.instagram_ad_copy,
                "hashtags": row.hashtags,
                "ai_generated": values["ai_generated"] if row.instagram_ad_copy else None,
                "result": values.get(row.status, row.status),
                "state": values.get(status, status) if status else None,
                "findings": findings_text(row, findings),
                "cost_usd": None if row.without_cost else row.cost_usd,
                "reason": reason(row) or None,
            }
            yield [*_uploaded(batch, row, len(uploaded)), *(results[name] for name in names)]

    return Table(
        headings["sheet"], [*uploaded, *(headings[name] for name in names)], lines(), headings["value_cut"], widths
    )


def _uploaded(batch: Batch, row: Row, width: int) -> list[Cell]:
    if not batch.columns:
        return [row.reference, *(row.brief.get(name) for name in INPUTS)]
    return [cell or None for cell in [*row.uploaded, *[None] * width][:width]]


def _rows(studio: Studio, batch: Batch) -> Iterator[tuple[Row, str | None, list[dict[str, Any]]]]:
    """Every row, with the status of its caption and its findings; a page a transaction."""
    after = (0, 0)
    while True:
        with studio.database.tenant(batch.tenant_id) as db:
            page = rows.page(db, batch.tenant_id, batch.batch_id, after=after, limit=AT_A_TIME)
            feed_ids = [row.instagram_feed_id for row in page if row.instagram_feed_id and row.instagram_ad_copy]
            statuses = review.status_of(db, batch.tenant_id, feed_ids)
        findings = checking.of_feeds(studio, batch.tenant_id, feed_ids)
        for row in page:
            feed_id = row.instagram_feed_id
            yield row, statuses.get(feed_id) if feed_id else None, findings.get(feed_id, []) if feed_id else []
        if len(page) < AT_A_TIME:
            return
        after = page[-1].place
