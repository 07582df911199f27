"""CSV as Excel opens it: in Korean, and without executing anything."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import IO

from lib.exports.columns import Cell, FeedLike, cells, headings_of
from lib.exports.safe_text import inert


def write(file: IO[bytes], feeds: Iterable[FeedLike], headings: Mapping[str, str], zone: dt.tzinfo) -> None:
    """Write the feeds, one a line below their headings."""
    write_table(file, headings_of(headings, zone), (cells(feed, headings, zone) for feed in feeds))


def write_table(file: IO[bytes], headings: Iterable[str], rows: Iterable[Iterable[Cell]]) -> None:
    """Write RFC 4180 in UTF-8, with the byte order mark without which Excel takes Korean for something else."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        lines = csv.writer(text, lineterminator="\r\n")
        lines.writerow(map(inert, headings))
        for row in rows:
            lines.writerow(map(_value, row))
    finally:
        text.flush()
        text.detach()  # the file is the caller's to close


def _value(value: Cell) -> str | int | float | None:
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value
