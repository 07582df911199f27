"""Workbooks as a spreadsheet reads them."""

from __future__ import annotations

import pytest

from lib.exports import xlsx_file
from tests.support.exported import (
    KOREAN,
    SEOUL,
    csv_rows,
    feed,
    json_rows,
    written,
    xlsx_rows,
)


def test_texts_are_texts_and_numbers_are_numbers() -> None:
    row = feed(instagram_ad_copy="=1+1", hashtags="@x", tone_style="https://example.com", gpt_prompt="00123")
    told = xlsx_rows(written("xlsx", row, zone=SEOUL))[0]
    assert told["instagram_ad_copy"] == ("inlineStr", "=1+1")
    assert told["hashtags"] == ("inlineStr", "@x")
    assert told["tone_style"] == ("inlineStr", "https://example.com")
    assert told["gpt_prompt"] == ("inlineStr", "00123")
    assert told["latency_ms"] == (None, "2400.5")
    assert float(told["cost_usd"][1]) > 0
    days = 46350 + (30 * 60 + 5.25) / 86400  # since 1899-12-30, as spreadsheets count
    assert float(told["created_at"][1]) == pytest.approx(days, abs=1e-6)
    assert "job_id" not in told


def test_what_xml_cannot_hold_does_not_break_the_file() -> None:
    told = xlsx_rows(written("xlsx", feed(instagram_ad_copy="앞\x0b\x1f\ufffe<&>\"'뒤\r\n끝")))[0]["instagram_ad_copy"][
        1
    ]
    assert told.startswith("앞")
    assert told.endswith("<&>\"'뒤\n끝")


def test_a_cell_that_is_too_long_is_cut_and_says_so() -> None:
    fits = "가" * xlsx_file.CELL_UNITS
    long = "☕️🥐" * 20_000
    row = feed(instagram_ad_copy=long, product_description=fits, store_information=fits + "나")
    told = xlsx_rows(written("xlsx", row))[0]
    assert told["product_description"][1] == fits
    for name, whole in (("instagram_ad_copy", long), ("store_information", fits + "나")):
        cut = told[name][1]
        mark = KOREAN["value_cut"].format(characters=len(whole))
        assert cut.endswith(mark)
        assert whole.startswith(cut.removesuffix(mark))
        assert xlsx_file.CELL_UNITS - 1 <= len(cut.encode("utf-16-le")) // 2 <= xlsx_file.CELL_UNITS
    assert json_rows(written("jsonl", row))[0]["instagram_ad_copy"] == long
    assert csv_rows(written("csv", row))[0]["instagram_ad_copy"] == long


def test_what_one_sheet_cannot_hold_goes_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "SHEET_ROWS", 3)
    content = written("xlsx", *(feed(pk=number) for number in range(5)))
    assert [[row["pk"][1] for row in xlsx_rows(content, sheet)] for sheet in (1, 2, 3)] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]
