"""Taking a batch home as a file: the uploaded columns, and what became of each row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.batches import table_export
from lib.domain.brief import INPUTS
from lib.exports import background, formats
from lib.exports.background import Export
from lib.exports.formats import Format
from lib.store.batches.batches import Batch, Progress
from lib.studio import Studio
from lib.ui.core import exporting, format_dates, reasons, words
from lib.ui.core.words import say

FORMATS: tuple[Format, ...] = ("xlsx", "csv")


def show(studio: Studio, batch: Batch, progress: Progress) -> None:
    """The button with its formats."""
    headings = words.listed("export") | words.listed("batch_export")
    headings |= {name: words.field_name(name) for name in ("reference", *INPUTS)}
    values = words.listed("row_status") | words.listed("status") | {"ai_generated": headings["value_ai_generated"]}
    sentences = reasons.in_language()

    def start(file_format: Format) -> Export:
        def write(path: Path, **watch: Any) -> None:
            table = table_export.table_of(studio, batch, headings, values, sentences)
            formats.write_table(path, "csv" if file_format == "csv" else "xlsx", table, **watch)

        return background.start_file(
            studio,
            batch.tenant_id,
            say("batches.file_stem"),
            file_format,
            write,
            zone=format_dates.zone(),
            total=progress.total,
        )

    exporting.show(
        f"batch {batch.batch_id}",
        batch.tenant_id,
        say("batches.download"),
        say("batches.download_help"),
        FORMATS,
        start,
    )
