"""The table behind each chart as CSV, and the names of files."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from decimal import Decimal
from typing import Any

from lib.exports import csv_file
from lib.exports.safe_text import inert
from lib.ui.metrics.chart_parts import Table


def cell(value: Any) -> str:
    """A value as text in a table: unrounded, empty where it is unknown, and never a formula of a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return repr(value)
    return inert(_text(value))


def as_csv(table: Table) -> bytes:
    """The table as CSV for spreadsheets, its numbers unrounded."""
    file = io.BytesIO()
    rows = ([_text(value) if isinstance(value, str | dt.date) else value for value in row] for row in table.rows)
    csv_file.write_table(file, map(str, table.columns), rows)
    return file.getvalue()


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def file_name(name: str, content: bytes, ending: str) -> str:
    """With a piece of the content's hash: Streamlit serves two files of one name and length as the same."""
    return f"{name}-{hashlib.sha256(content).hexdigest()[:10]}.{ending}"
