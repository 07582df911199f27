"""Files of rows that people upload: read by a process of its own, so that no file slows down or ends this one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.batches.sheet_process import MOST_FILE_MB
from lib.domain.errors import SheetFileTooLarge, SheetTooHard, from_code

SUFFIXES = ("csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods")
"""The endings of the files that may be chosen; what a file is, its content says."""
AT_ONCE = 2
"""Files that are read at a time; others wait."""
TIMEOUT_S = 30

__all__ = ["MOST_FILE_MB", "SUFFIXES", "Sheet", "SheetRow", "read"]

_ROOT = Path(__file__).parents[2]
_MB = 1024 * 1024
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class SheetRow:
    """One line of the file with all its cells as texts; ``line`` counts from 1, as spreadsheet programs do."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What a file holds: its rows, the headings among them, and what was left out of it (``notes``)."""

    rows: tuple[SheetRow, ...]
    sheet: str | None = None
    """The sheet of the workbook that was read; None for a text."""
    sheets: tuple[str, ...] = ()
    """Every visible sheet of the workbook."""
    notes: tuple[str, ...] = ()
    """``macros`` and ``external_links``: the file has some, and they were not followed."""


def read(data: bytes, name: str = "", sheet: str | None = None) -> Sheet:
    """The rows of a file called ``name``, or of a pasted text; ``sheet`` is the one of a workbook, else the first.

    Raises a ``SheetError`` that says what is wrong with the file.
    """
    if len(data) > MOST_FILE_MB * _MB:
        raise SheetFileTooLarge(most=MOST_FILE_MB)
    with _places, tempfile.TemporaryDirectory(prefix="feed-studio-sheet-") as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(data)
        answer = _answer([str(path), Path(name).suffix or ".csv", *([] if sheet is None else [sheet])])
    if "error" in answer:
        raise from_code(answer["error"], answer["params"])
    return Sheet(
        tuple(SheetRow(line, tuple(cells)) for line, cells in answer["rows"]),
        answer["sheet"],
        tuple(answer["sheets"]),
        tuple(answer["notes"]),
    )


def _answer(arguments: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "lib.batches.sheet_process", *arguments]
    try:
        process = subprocess.run(  # noqa: S603 - our own program; the file's name is not part of the command
            command,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        answer = json.loads(process.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise SheetTooHard from error
    return answer if isinstance(answer, dict) else {"error": "sheet_too_hard", "params": {}}
