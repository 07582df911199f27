"""A sheet is opened from a file, from rows that were pasted, or empty; what cannot be read is told in a sentence."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from lib.batches import drafts
from lib.batches.columns import FIELDS
from lib.batches.drafts import Draft
from lib.studio import Studio
from tests.support.sheets import workbook

Open = Callable[..., Any]


def opened(studio: Studio, page: Any) -> Draft:
    return drafts.load(studio, "acme", uuid.UUID(page.app.query_params["draft"]))


def upload(page: Any, name: str, data: bytes) -> Any:
    page.app.file_uploader[0].upload(name, data)
    return page.run()


def test_a_file_is_opened_with_what_is_wrong_in_place(open_batches: Open, studio: Studio) -> None:
    page = upload(open_batches(), "빵.csv", "상품명;톤\n식빵;따뜻\n;차분\n".encode("cp949"))
    draft = opened(studio, page)
    assert (draft.name, draft.good, draft.wrong) == ("빵.csv", [0], [1])
    assert draft.defaults["gpt_prompt"], "the instructions of the form stand in for a column that is missing"
    assert "고치지 않은 1행은 빼고" in page.told("warning")


def test_another_sheet_of_the_workbook_is_chosen(open_batches: Open, studio: Studio) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name in ("봄", "가을"):
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, ["제품", f"{name} 식빵"])
    page = upload(open_batches(), "빵.xlsx", file.getvalue())
    page.fill(sheet_of_book="가을").run()
    assert opened(studio, page).row(0) == ("가을 식빵",)


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"%PDF-1.7", "내용은 PDF예요"), (b"", "비어 있어요"), (workbook([["제품"]]), "그 아래에 행이 없어요")],
)
def test_what_cannot_be_read_is_told_and_nothing_is_kept(open_batches: Open, data: bytes, told: str) -> None:
    page = upload(open_batches(), "a.xlsx", data)
    assert told in page.told("error")
    assert told in page.run().told("error"), "also when the page is drawn again"
    assert "draft" not in page.app.query_params


@pytest.mark.parametrize(
    ("text", "rows"),
    [("제품\t톤\n식빵\t따뜻", [("식빵", "따뜻")]), ("식빵\t6500\n우유\t3000", [("식빵", "6500"), ("우유", "3000")])],
)
def test_pasted_rows_are_opened_with_and_without_headings(
    open_batches: Open, studio: Studio, text: str, rows: list[tuple[str, ...]]
) -> None:
    page = open_batches().fill(sheet_pasted=text)
    page.click("take_pasted")
    assert [row.cells for row in opened(studio, page).table.rows] == rows


def test_an_empty_table_is_opened(open_batches: Open, studio: Studio) -> None:
    page = open_batches()
    page.click("batch_blank")
    assert opened(studio, page).fields == list(FIELDS)
