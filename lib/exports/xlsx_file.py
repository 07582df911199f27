"""XLSX, written a row at a time: every text is a text cell, never a formula; a text too long for a cell is cut."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from lib.exports.columns import COLUMNS, Cell, FeedLike, cells, headings_of
from lib.exports.safe_text import composed

SHEET_ROWS = 1_048_576
"""The most rows of a sheet in Excel, the headings included; further rows go to another sheet."""
CELL_UNITS = 32_767
"""The longest text of a cell in Excel, in UTF-16 code units."""

_WIDTHS = {"created_at": 19, "updated_at": 19, "instagram_ad_copy": 60, "hashtags": 30, "product_description": 40}


@dataclass(frozen=True)
class Table:
    """Rows below their headings.

    ``name`` is the sheet's, ``cut_note`` what is said where a text is cut, with ``{characters}`` in it, ``widths`` are
    those of columns by place, in characters.
    """

    name: str
    headings: Sequence[str]
    rows: Iterable[Iterable[Cell]]
    cut_note: str = "…"
    widths: Mapping[int, int] = field(default_factory=dict)


def write(file: IO[bytes], feeds: Iterable[FeedLike], headings: Mapping[str, str], zone: dt.tzinfo) -> None:
    """Write a workbook of one sheet, or of more where one cannot hold all rows."""
    widths = {place: _WIDTHS[name] for place, name in enumerate(COLUMNS) if name in _WIDTHS}
    rows = (cells(feed, headings, zone) for feed in feeds)
    texts = [*headings_of(headings, zone)]
    write_tables(file, [Table(headings["sheet"], texts, rows, headings["value_cut"], widths)])


def write_tables(file: IO[bytes], tables: Iterable[Table]) -> None:
    """Write a workbook of these tables: a sheet each, or more where one cannot hold all rows."""
    with _workbook(file) as book:
        formats = {
            Decimal: book.add_format({"num_format": "0.000000"}),
            dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet, line, number = _sheet(book, table, 1, bold), 1, 1
            for row in table.rows:
                if line == SHEET_ROWS:
                    number += 1
                    sheet, line = _sheet(book, table, number, bold), 1
                for column, value in enumerate(row):
                    _put(sheet, line, column, value, table.cut_note, formats.get(type(value)))
                line += 1


@contextmanager
def _workbook(file: IO[bytes]) -> Iterator[Any]:
    """A workbook that is complete at the end; after an exception no file of it stays on the disk."""
    import xlsxwriter  # only an export waits for its import

    with tempfile.TemporaryDirectory(prefix="feed-studio-export-") as folder:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        try:
            yield book
        except BaseException:
            for sheet in book.worksheets():
                sheet.row_data_fh.close()
            raise
        book.close()


def _sheet(book: Any, table: Table, number: int, bold: Any) -> Any:
    sheet = book.add_worksheet(table.name + (f" {number}" if number > 1 else ""))
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(table.headings):
        sheet.set_column(column, column, table.widths.get(column, 14))
        sheet.write_string(0, column, composed(heading), bold)
    return sheet


def _put(sheet: Any, line: int, column: int, value: Cell, cut_note: str, how: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(line, column, _fitting(value, cut_note))
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(line, column, value, how)
    elif value is not None:
        sheet.write_number(line, column, value, how)


def _fitting(text: str, cut_note: str) -> str:
    """The composed text, cut where it is too long for a cell, with a mark that says how long it was."""
    text = composed(text.replace("\r\n", "\n"))
    if len(text) * 2 <= CELL_UNITS or _units(text) <= CELL_UNITS:
        return text
    mark = cut_note.format(characters=len(text))
    room = CELL_UNITS - _units(mark)
    return text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore") + mark


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
