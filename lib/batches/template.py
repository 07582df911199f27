"""The workbook that people fill in: a heading for each field, and a second sheet that says what each is."""

from __future__ import annotations

import io

from lib.batches.columns import FIELDS
from lib.domain.brief import REQUIRED, Language
from lib.exports import xlsx_file
from lib.exports.xlsx_file import Table
from lib.i18n import words

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(language: Language) -> bytes:
    """The template as XLSX, in this language; its headings are recognised when it comes back."""
    labels = {field: words.field_name(language, field) for field in FIELDS}
    required = words.say(language, "batches.required")
    headings = [f"{label} ({required})" if field in REQUIRED else label for field, label in labels.items()]
    hints = words.listed(language, "batch_hint")
    guide = [(labels[field], hints[field], hints.get(f"{field}_example")) for field in FIELDS]
    columns = [words.say(language, f"batches.guide_{name}") for name in ("column", "meaning", "example")]
    widths = dict.fromkeys(range(len(headings)), 22)
    file = io.BytesIO()
    xlsx_file.write_tables(
        file,
        [
            Table(words.say(language, "batches.sheet_rows"), headings, [], widths=widths),
            Table(words.say(language, "batches.sheet_guide"), columns, guide, widths={0: 22, 1: 70, 2: 50}),
        ],
    )
    return file.getvalue()
