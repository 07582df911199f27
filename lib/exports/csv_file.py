"""CSV as Excel opens it: in Korean, and without executing anything."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import IO

from lib.exports.columns import Cell, FeedLike, cells, headings_of

_EXECUTED = re.compile("[\t\r\n]|[\\s\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet may execute: OWASP's list, their full-width forms, and either behind blanks.

https://owasp.org/www-community/attacks/CSV_Injection
"""


def write(file: IO[bytes], feeds: Iterable[FeedLike], headings: Mapping[str, str], zone: dt.tzinfo) -> None:
    """RFC 4180 in UTF-8, with the byte order mark without which Excel takes Korean for something else."""
    with _text(file, "utf-8-sig") as text:
        lines = csv.writer(text, lineterminator="\r\n")
        lines.writerow(map(_inert, headings_of(headings, zone)))
        for feed in feeds:
            lines.writerow(map(_value, cells(feed, headings, zone)))


def _value(value: Cell) -> str | int | float | None:
    if isinstance(value, str):
        return _inert(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value


def _inert(text: str) -> str:
    """The text so that no spreadsheet executes it."""
    return f"'{text}" if _EXECUTED.match(text) else text


@contextmanager
def _text(file: IO[bytes], encoding: str) -> Iterator[IO[str]]:
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.flush()
        text.detach()  # the file is the caller's to close
