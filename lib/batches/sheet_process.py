"""Reads one file of rows in a process of its own, which holds no secret and has little memory and time.

``python -m lib.batches.sheet_process PATH SUFFIX [SHEET]`` writes one JSON object: ``rows`` of ``[line, cells]``, the
``sheets`` of the workbook, the ``sheet`` that was read and ``notes`` on what was left out; or an ``error`` with
``params``. :mod:`lib.batches.sheet_reader` starts it.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import json
import os
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lib.domain.batches.rows import MAX_ROWS

MOST_COLUMNS = 200
MOST_CHARACTERS = 32_767
"""Of a cell: Excel's own limit."""
MOST_FILE_MB = 20
MOST_UNPACKED_MB = 100
MEMORY_MB = 640
"""Address space, of which the interpreter and the libraries take 60 MB before the first byte is read."""
CPU_S = 20
MOST_SHEETS = 100
_SLACK = 50
"""Lines above the headings and empty lines that are read beside :data:`MAX_ROWS`."""

_MB = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"\x1f\x8b", "GZIP"),
)
_ZIP_KINDS = (
    ("word/", "DOCX"),
    ("ppt/", "PPTX"),
    ("Contents/", "HWPX"),
    ("Index/Document.iwa", "Numbers"),
    ("Index.zip", "Numbers"),
)
_MARKUP = re.compile(rb"\A\s*(<!doctype html|<html|<table|<\?xml|<meta|<style)", re.IGNORECASE)
_DELIMITERS = ",;\t"
_LOOKED_AT = 20
"""Lines by which the delimiter of a text is chosen."""

Rows = list[tuple[int, list[str]]]


class Refusal(Exception):
    """The file is refused with an error's code and params."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def main() -> None:
    """Read the file that the command line names and write what it holds, or why it is refused."""
    path, suffix, *sheet = sys.argv[1:]
    os.nice(10)  # whoever looks at a page goes first
    for limit, most in ((resource.RLIMIT_AS, MEMORY_MB * _MB), (resource.RLIMIT_CPU, CPU_S)):
        resource.setrlimit(limit, (most, most))
    try:
        answer = read(Path(path).read_bytes(), suffix.lower(), sheet[0] if sheet else None)
    except Refusal as refusal:
        answer = {"error": refusal.code, "params": refusal.params}
    except MemoryError:
        answer = {"error": "sheet_too_hard", "params": {}}
    json.dump(answer, sys.stdout)


def read(data: bytes, suffix: str, sheet: str | None) -> dict[str, Any]:
    """The rows that hold anything, each with its line; the content of the file decides what it is, not its name."""
    if not data.strip():
        raise Refusal("sheet_empty")
    for beginning, kind in _OTHER_KINDS:
        if data.startswith(beginning):
            raise Refusal("not_a_sheet", kind=kind)
    if data.startswith(b"PK"):
        return _workbook(data, *_zip_kind(data), sheet)
    if data.startswith(_OLE):
        return _workbook(data, _ole_kind(data), [], sheet)
    if _MARKUP.match(data[:1000].removeprefix(codecs.BOM_UTF8)):
        raise Refusal("not_a_sheet", kind="HTML" if suffix in (".xls", ".xlsx", ".htm", ".html") else "XML")
    rows = _checked(_text_rows(_decoded(data)))
    if not rows:
        raise Refusal("sheet_empty")
    return {"sheets": [], "sheet": None, "notes": [], "rows": rows}


# -- workbooks --------------------------------------------------------------------------------------------------------


def _zip_kind(data: bytes) -> tuple[str, list[str]]:
    """The suffix by which the library knows the format, and the notes on what the package holds besides cells."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = {entry.filename: entry.file_size for entry in package.infolist()}
            if sum(names.values()) > MOST_UNPACKED_MB * _MB:
                raise Refusal("sheet_unpacks_too_large", most=MOST_UNPACKED_MB)
            manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError, ValueError) as error:
        raise Refusal("sheet_damaged") from error
    if b"encryption-data" in manifest:
        raise Refusal("sheet_locked")
    notes = [
        note
        for part, note in (("xl/vbaProject.bin", "macros"), ("xl/externalLinks/", "external_links"))
        if any(name.startswith(part) for name in names)
    ]
    for part, suffix in (("xl/workbook.xml", ".xlsx"), ("xl/workbook.bin", ".xlsb"), ("content.xml", ".ods")):
        if part in names:
            return suffix, notes
    kind = next((kind for part, kind in _ZIP_KINDS if any(name.startswith(part) for name in names)), "ZIP")
    raise Refusal("not_a_sheet", kind=kind)


def _ole_kind(data: bytes) -> str:
    """``.xls``; names of the streams of an OLE file are UTF-16. Raises a refusal for what else comes in such a file."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Refusal("sheet_locked")
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return ".xls"
    others = {"WordDocument": "DOC", "PowerPoint Document": "PPT", "HwpSummaryInformation": "HWP"}
    kind = next((kind for name, kind in others.items() if name.encode("utf-16-le") in data), "OLE")
    raise Refusal("not_a_sheet", kind=kind)


def _workbook(data: bytes, suffix: str, notes: list[str], sheet: str | None) -> dict[str, Any]:
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(io.BytesIO(data))
        visible = [
            entry.name
            for entry in book.sheets_metadata[:MOST_SHEETS]
            if entry.typ == calamine.SheetTypeEnum.WorkSheet and entry.visible == calamine.SheetVisibleEnum.Visible
        ]
        for name in visible if sheet is None else [sheet]:
            if name not in visible:
                raise Refusal("sheet_not_found", sheet=name)
            rows = _sheet_rows(book.get_sheet_by_name(name))
            if rows:
                return {"sheets": visible, "sheet": name, "notes": notes, "rows": rows}
    except calamine.PasswordError as error:
        raise Refusal("sheet_locked") from error
    except calamine.CalamineError as error:
        locked = "password" in str(error).lower()
        raise Refusal("sheet_locked" if locked else "sheet_damaged", suffix=suffix) from error
    raise Refusal("sheet_empty")


def _sheet_rows(sheet: Any) -> Rows:
    first, last = sheet.start, sheet.end
    if first is None or last is None:
        return []
    if last[1] - first[1] >= MOST_COLUMNS:
        raise Refusal("sheet_too_wide", columns=last[1] - first[1] + 1, most=MOST_COLUMNS)
    values = sheet.to_python(skip_empty_area=True, nrows=MAX_ROWS + _SLACK + 1)
    grid = [[_text(value) for value in line] for line in values]
    _fill_merged(grid, first, sheet.merged_cell_ranges or ())
    rows = _checked((number, line) for number, line in enumerate(grid, start=first[0] + 1))
    if len(values) > MAX_ROWS + _SLACK and len(rows) <= MAX_ROWS:  # rows that were not read may hold something
        raise Refusal("sheet_too_long", rows=sheet.height, most=MAX_ROWS)
    return rows


def _fill_merged(grid: list[list[str]], first: tuple[int, int], merged: Iterable[Any]) -> None:
    """Give the cells below the top of a merged range its text: it was typed once for all of these rows."""
    for (top, left), (bottom, _) in merged:
        row, column = top - first[0], left - first[1]
        if not (0 <= row < len(grid) and 0 <= column < len(grid[row])):
            continue
        for below in grid[row + 1 : bottom - first[0] + 1]:
            below[column] = below[column] or grid[row][column]


def _text(value: Any) -> str:
    """A cell's value as a person would type it: 1.0 is 1, a day is 2026-11-29."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes") if value.time() != dt.time() else value.date().isoformat()
    if isinstance(value, dt.time):
        return value.isoformat("minutes")
    return str(value)


# -- texts ------------------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    """The text by its byte order mark, else as UTF-8, else as CP949, which Korean Excel writes."""
    by_mark = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    encodings = [name for mark, name in by_mark if data.startswith(mark)] or ["utf-8", "cp949"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break  # no text has a NUL
        return text
    raise Refusal("sheet_encoding_unknown")


def _text_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(MOST_FILE_MB * _MB)
    first, _, rest = text.partition("\n")
    lines_before = 0
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # how Excel is told the delimiter
        delimiter, text, lines_before = first.strip()[4], rest, 1
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = lines_before + 1
    try:
        for cells in reader:
            yield line, cells
            line = lines_before + reader.line_num + 1
    except csv.Error as error:
        raise Refusal("sheet_damaged") from error


def _delimiter(text: str) -> str:
    """The delimiter that makes the most columns in the most of the first lines; a comma where none makes two."""

    def columns(delimiter: str) -> tuple[int, int]:
        beginning = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(cells) for _, cells in zip(range(_LOOKED_AT), beginning, strict=False) if any(cells)]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(_DELIMITERS, key=columns)


# -- both -------------------------------------------------------------------------------------------------------------


def _checked(lines: Iterable[tuple[int, list[str]]]) -> Rows:
    """The lines that hold anything, cut to the columns that do. Raises the refusal of what is too much."""
    rows: Rows = []
    width = 0
    for number, cells in lines:
        used = max((place for place, cell in enumerate(cells, start=1) if cell and not cell.isspace()), default=0)
        if not used:
            continue
        if used > MOST_COLUMNS:
            raise Refusal("sheet_too_wide", columns=used, most=MOST_COLUMNS)
        longest = max(range(used), key=lambda place: len(cells[place]))
        if len(cells[longest]) > MOST_CHARACTERS:
            count = len(cells[longest])
            raise Refusal("cell_too_long", line=number, column=longest + 1, characters=count, most=MOST_CHARACTERS)
        width = max(width, used)
        rows.append((number, cells))
        if len(rows) > MAX_ROWS + _SLACK:
            raise Refusal("sheet_too_long", rows=len(rows), most=MAX_ROWS)
    return [(number, (cells + [""] * width)[:width]) for number, cells in rows]


if __name__ == "__main__":
    main()
