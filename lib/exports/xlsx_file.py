"""XLSX, written a row at a time: every text is a text cell, never a formula; a text too long for a cell is cut."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any

from lib.exports.columns import COLUMNS, Cell, FeedLike, cells, headings_of
from lib.exports.safe_text import composed

SHEET_ROWS = 1_048_576
"""The most rows of a sheet in Excel, the headings included; further rows go to another sheet."""
CELL_UNITS = 32_767
"""The longest text of a cell in Excel, in UTF-16 code units."""

_WIDTHS = {"created_at": 19, "updated_at": 19, "instagram_ad_copy": 60, "hashtags": 30, "product_description": 40}


def write(file: IO[bytes], feeds: Iterable[FeedLike], headings: Mapping[str, str], zone: dt.tzinfo) -> None:
    """Write a workbook of one sheet, or of more where one cannot hold all rows."""
    with _workbook(file) as book:
        formats = {
            Decimal: book.add_format({"num_format": "0.000000"}),
            dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = book.add_format({"bold": True})
        sheet, line = _sheet(book, headings, zone, bold), 1
        for feed in feeds:
            if line == SHEET_ROWS:
                sheet, line = _sheet(book, headings, zone, bold), 1
            for column, value in enumerate(cells(feed, headings, zone)):
                _put(sheet, line, column, value, headings, formats.get(type(value)))
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


def _sheet(book: Any, headings: Mapping[str, str], zone: dt.tzinfo, bold: Any) -> Any:
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet(headings["sheet"] + (f" {number}" if number > 1 else ""))
    sheet.freeze_panes(1, 0)
    for column, (name, heading) in enumerate(zip(COLUMNS, headings_of(headings, zone), strict=True)):
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
        sheet.write_string(0, column, composed(heading), bold)
    return sheet


def _put(sheet: Any, line: int, column: int, value: Cell, headings: Mapping[str, str], how: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(line, column, _fitting(value, headings))
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(line, column, value, how)
    elif value is not None:
        sheet.write_number(line, column, value, how)


def _fitting(text: str, headings: Mapping[str, str]) -> str:
    """The composed text, cut where it is too long for a cell, with a mark that says how long it was."""
    text = composed(text.replace("\r\n", "\n"))
    if len(text) * 2 <= CELL_UNITS or _units(text) <= CELL_UNITS:
        return text
    mark = headings["value_cut"].format(characters=len(text))
    room = CELL_UNITS - _units(mark)
    return text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore") + mark


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
