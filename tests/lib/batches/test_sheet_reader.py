"""A file is read outside of this process, which stays small and quick whatever the file holds."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path

import pytest

from lib.batches import sheet_process, sheet_reader
from lib.batches.sheet_reader import SheetRow
from lib.domain.errors import CellTooLong, SheetEmpty, SheetFileTooLarge, SheetTooHard
from tests.support.sheets import SHEET, sheet_part, with_parts, workbook


def test_a_file_comes_back_with_its_rows() -> None:
    sheet = sheet_reader.read(workbook([["제품"], ["빵"]]), "빵.xlsx")
    assert sheet.rows == (SheetRow(1, ("제품",)), SheetRow(2, ("빵",)))
    assert sheet.sheets == ("Sheet1",)


def test_an_error_of_the_other_process_is_raised_here() -> None:
    with pytest.raises(SheetEmpty):
        sheet_reader.read(b"", "a.csv")
    with pytest.raises(SheetFileTooLarge):
        sheet_reader.read(b"x" * (sheet_reader.MOST_FILE_MB * 1024 * 1024 + 1), "a.csv")


def test_a_sheet_that_takes_more_memory_than_it_may_is_given_up() -> None:
    corner = with_parts(workbook([["a"]]), {SHEET: sheet_part(("A1", "a"), ("GR1048576", "x"))})
    with pytest.raises(SheetTooHard):
        sheet_reader.read(corner, "corner.xlsx")


def test_a_process_that_says_nothing_is_a_file_that_is_too_hard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(SheetTooHard):
        sheet_reader.read(b"a,b", "a.csv")


def test_the_other_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\nenv > {tmp_path}/environment\n")
    spy.chmod(0o755)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setattr(sys, "executable", str(spy))
    with pytest.raises(SheetTooHard):
        sheet_reader.read(b"a,b", "a.csv")
    assert "secret" not in (tmp_path / "environment").read_text()


def test_this_process_goes_on_while_a_file_is_read() -> None:
    heavy = with_parts(workbook([["a"]]), {SHEET: sheet_part(("A1", "a"), ("A2", "가" * 10_000_000))})
    before, priority = resource.getrusage(resource.RUSAGE_SELF).ru_utime, os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(CellTooLong):
        sheet_reader.read(heavy, "a.xlsx")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1, "what this process computes holds it up"
    assert os.getpriority(os.PRIO_PROCESS, 0) == priority, "only the other process is nice"
    assert sheet_process.CPU_S < sheet_reader.TIMEOUT_S
