"""No file that leaves the app has a text that a spreadsheet executes, or decomposed Hangul."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import unicodedata
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.exports.safe_text import composed, composed_in, inert
from lib.ui.metrics import export
from lib.ui.metrics.chart_parts import Table
from tests.support.exported import csv_rows, feed, written

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "⁺", "₌")
BLANKS = ("", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u00ad", "\u2060", "\u202e", "\u3164", "\x01", " \u200d ")
FORMULAS = [blank + sign + "1+1" for blank in BLANKS for sign in SIGNS] + ["\t1", "\r1", "\n1", "\t", " \t=1"]
TEXTS = ["글", "'=1", "1=1", "A-1", "a@b", "☕ = 좋다", "", " ", "#태그", "·-", "“=”", "−"]


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_formula_is_a_text_in_every_csv(text: str) -> None:
    expected = f"'{composed(text)}"
    assert inert(text) == expected
    assert csv_rows(written("csv", feed(tone_style=text)))[0]["tone_style"] == expected
    table = Table([text, "n"], [[text, 1]])
    lines = list(csv.reader(io.StringIO(export.as_csv(table).decode("utf-8-sig"), newline="")))
    assert lines == [[expected, "n"], [expected, "1"]]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_numbers_of_a_table_stay_numbers() -> None:
    row = [-5, -0.5, Decimal("-0.000001"), None, dt.date(2026, 11, 29), dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)]
    lines = export.as_csv(Table(list("abcdef"), [row])).decode("utf-8-sig").splitlines()
    assert lines[1] == "-5,-0.5,-0.000001,,2026-11-29,2026-11-29T09:00:00+00:00"


@given(st.text())
def test_an_inert_text_begins_with_no_sign_and_stays_inert(text: str) -> None:
    safe = inert(text)
    assert inert(safe) == safe
    assert not safe.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "jsonl"])
def test_decomposed_hangul_leaves_composed(file_format: Any) -> None:
    nfd = unicodedata.normalize("NFD", "제주 말차 라떼")
    row = feed(instagram_ad_copy=nfd, gpt_response_raw={nfd: [nfd, {"n": float("nan")}], "newline": "\n\u0303"})
    content = written(file_format, row)
    if file_format == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = book.read("xl/worksheets/sheet1.xml")
    text = content.decode("utf-8-sig")
    assert "제주 말차 라떼" in text
    assert nfd not in text
    if file_format == "jsonl":
        raw = json.loads(text)["gpt_response_raw"]
        assert raw == {"제주 말차 라떼": ["제주 말차 라떼", {"n": None}], "newline": "\n\u0303"}


def test_every_text_of_a_value_is_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "식빵")
    assert composed_in({decomposed: (decomposed, 1, None)}) == {"식빵": ["식빵", 1, None]}
