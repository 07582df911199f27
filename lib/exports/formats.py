"""Feeds as a file: CSV and XLSX for people who count and sort, JSON lines with everything for programs.

Written a row at a time, so that a hundred thousand take no more memory than ten. Each row says that its text was made
by AI, and whether it is of the demo model or sample data.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Generic, Literal, TypeVar, get_args

from lib.domain.errors import ExportStopped
from lib.exports import csv_file, jsonl_file, xlsx_file
from lib.exports.columns import FeedLike

Format = Literal["csv", "xlsx", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)
TableFormat = Literal["csv", "xlsx"]

T = TypeVar("T")

MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}

ASK_EVERY = 200
"""Rows between two looks at the stop button."""

_WRITERS = {"csv": csv_file.write, "xlsx": xlsx_file.write, "jsonl": jsonl_file.write}


def write(
    target: Path | IO[bytes],
    file_format: Format,
    rows: Iterable[FeedLike],
    headings: Mapping[str, str],
    *,
    zone: dt.tzinfo = dt.UTC,
    progress: Callable[[int], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Write the rows and return how many there were.

    ``headings`` are the words of the reader's language: one for each of ``columns.COLUMNS``, and those that stand in
    cells. CSV and XLSX tell times in ``zone``, JSON lines in UTC. ``progress`` hears how many rows are written. At a
    path, a file appears only when it is whole. Raises ``ExportStopped`` when ``stop`` says so.
    """
    counted = _Counted(rows, progress, stop)
    _write(target, lambda file: _WRITERS[file_format](file, counted, headings, zone))
    return counted.count


def write_table(
    target: Path | IO[bytes],
    file_format: TableFormat,
    table: xlsx_file.Table,
    *,
    progress: Callable[[int], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """:func:`write` for a table of other rows than feeds."""
    counted = _Counted(table.rows, progress, stop)
    if file_format == "csv":
        _write(target, lambda file: csv_file.write_table(file, table.headings, counted))
    else:
        _write(target, lambda file: xlsx_file.write_tables(file, [dataclasses.replace(table, rows=counted)]))
    return counted.count


def _write(target: Path | IO[bytes], write: Callable[[IO[bytes]], None]) -> None:
    if not isinstance(target, Path):
        write(target)
        return
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            write(file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class _Counted(Generic[T]):
    """The rows, counted while they go by."""

    def __init__(self, rows: Iterable[T], progress: Callable[[int], None], stop: Callable[[], bool]) -> None:
        self._rows, self._progress, self._stop = rows, progress, stop
        self.count = 0

    def __iter__(self) -> Iterator[T]:
        for row in self._rows:
            if self.count % ASK_EVERY == 0 and self._stop():
                raise ExportStopped(rows=self.count)
            yield row
            self.count += 1
            if self.count % ASK_EVERY == 0:
                self._progress(self.count)
        self._progress(self.count)
