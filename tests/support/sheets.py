"""Workbooks for tests, good and evil ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from string import ascii_uppercase
from typing import Any

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"
"""The part of a workbook that holds its first sheet."""


def workbook(rows: Iterable[Sequence[Any]]) -> bytes:
    """An XLSX with these cells; a text that begins with = is a formula without a cached value."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def with_parts(data: bytes, parts: dict[str, str | bytes | None]) -> bytes:
    """The workbook with other parts in the place of its own; None takes one out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return file.getvalue()


def sheet_part(*cells: tuple[str, str]) -> str:
    """The part of a sheet with these texts at these places, each in a row of its own."""
    rows = "".join(
        f'<row r="{place.lstrip(ascii_uppercase)}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for place, text in cells
    )
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{name}"><sheetData>{rows}</sheetData></worksheet>'


def ods(rows: Iterable[Sequence[str]]) -> bytes:
    """An OpenDocument spreadsheet with these texts."""
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    name = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{part}="{name}:{part}:1.0"' for part in ("office", "table", "text", "manifest"))
    media = "application/vnd.oasis.opendocument.spreadsheet"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("mimetype", media)
        package.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest {spaces}><manifest:file-entry manifest:full-path="/" manifest:media-type="{media}"/>'
            "</manifest:manifest>",
        )
        package.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="행">{lines}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return file.getvalue()
