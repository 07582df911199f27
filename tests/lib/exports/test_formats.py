"""Exports open in Excel as they were meant, execute nothing, say that AI wrote them, and stay small in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.exports import formats
from tests.support.exported import (
    ENGLISH,
    FEED,
    KOREAN,
    csv_rows,
    feed,
    json_rows,
    written,
    xlsx_rows,
)


@pytest.mark.parametrize(
    ("which", "told"),
    [
        ({"gpt_response_raw": {"sample": True}, "gpt_model_name": "demo"}, "sample"),
        ({"gpt_model_name": "demo"}, "demo"),
        ({"gpt_model_name": "demo-slow"}, "demo"),
        ({"gpt_model_name": None, "gpt_response_raw": None}, "model"),
        ({}, "model"),
    ],
)
@pytest.mark.parametrize("headings", [KOREAN, ENGLISH], ids=["ko", "en"])
def test_each_row_says_that_ai_wrote_it_and_which(which: dict[str, Any], told: str, headings: dict[str, str]) -> None:
    row = feed(**which)
    line = csv_rows(written("csv", row, headings=headings))[0]
    assert (line["ai_generated"], line["origin"]) == (headings["value_ai_generated"], headings[f"value_{told}"])
    cells_of = xlsx_rows(written("xlsx", row, headings=headings))[0]
    assert cells_of["ai_generated"][1] == headings["value_ai_generated"]
    assert cells_of["origin"][1] == headings[f"value_{told}"]
    whole = json_rows(written("jsonl", row, headings=headings))[0]
    assert whole["ai_generated"] is True
    assert (whole["ai_notice"], whole["origin"]) == (headings["value_ai_generated"], told)


@pytest.mark.parametrize("file_format", formats.FORMATS)
def test_a_file_is_what_a_stream_would_have_got(file_format: formats.Format, tmp_path: Path) -> None:
    path = tmp_path / "captions"
    heard: list[int] = []
    assert formats.write(path, file_format, [FEED, FEED], KOREAN, progress=heard.append) == 2
    assert heard == [2]
    readers: dict[formats.Format, Callable[[bytes], list[Any]]] = {
        "csv": csv_rows,
        "xlsx": xlsx_rows,
        "jsonl": json_rows,
    }
    assert readers[file_format](path.read_bytes()) == readers[file_format](written(file_format, FEED, FEED))
    assert list(tmp_path.iterdir()) == [path]


def test_without_rows_there_are_only_headings() -> None:
    assert csv_rows(written("csv")) == []
    assert xlsx_rows(written("xlsx")) == []
    assert json_rows(written("jsonl")) == []
    assert written("csv").decode("utf-8-sig").startswith("작성 시각 (UTC),본문,")
