"""Headings are recognised in both languages, wherever they stand; what a team said before goes first."""

from __future__ import annotations

import unicodedata
from typing import get_args

import pytest

from lib.batches import columns
from lib.batches.columns import FIELDS
from lib.batches.sheet_reader import Sheet, SheetRow
from lib.domain.batches.rows import MAX_ROWS
from lib.domain.brief import Language
from lib.domain.errors import SheetTooLong, SheetWithoutRows
from lib.i18n import words


def sheet(*rows: tuple[str, ...]) -> Sheet:
    return Sheet(tuple(SheetRow(line, cells) for line, cells in enumerate(rows, start=1)))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("제품 설명", "product_description"),
        ("제품 설명 (필수)", "product_description"),
        (unicodedata.normalize("NFD", "상품명"), "product_description"),
        ("Product_Description", "product_description"),
        (" PRODUCT * ", "product_description"),
        ("톤 & 스타일", "tone_style"),
        ("톤앤매너", "tone_style"),
        ("매장\n정보", "store_information"),
        ("작성 지시", "gpt_prompt"),
        ("Ad copy", "refined_ad_copy_eng"),
        ("SKU", "reference"),
        ("job_id", "job_id"),
        ("가격", None),
        ("★", None),
        ("", None),
    ],
)
def test_a_heading_is_recognised(heading: str, field: str | None) -> None:
    assert columns.mapping_of([heading]) == [field]


@pytest.mark.parametrize("language", get_args(Language))
def test_every_field_is_recognised_by_its_label(language: Language) -> None:
    assert columns.mapping_of([words.field_name(language, field) for field in FIELDS]) == list(FIELDS)


def test_a_field_is_the_first_of_two_columns_that_name_it() -> None:
    assert columns.mapping_of(["제품", "상품명", "톤"]) == ["product_description", None, "tone_style"]


def test_what_the_team_said_goes_before_what_is_recognised() -> None:
    remembered = {columns.key_of("내용물"): "product_description", columns.key_of("비고"): None}
    assert columns.mapping_of(["내용물", "비고"], remembered) == ["product_description", None]


def test_headings_are_found_below_titles_and_remarks() -> None:
    table = columns.table_of(sheet(("11월 신제품", ""), ("제품", "톤"), ("빵", "따뜻")))
    assert table.headings == ("제품", "톤")
    assert [row.line for row in table.rows] == [3]


def test_headings_that_are_missing_or_stand_twice_get_a_number() -> None:
    assert columns.table_of(sheet(("제품", "", "제품"), ("a", "b", "c"))).headings == ("제품", "2", "제품 (3)")


def test_a_sheet_without_headings_begins_with_a_row() -> None:
    table = columns.table_of(sheet(("빵", "따뜻")), has_headings=False)
    assert (table.headings, len(table.rows)) == (("1", "2"), 1)
    assert not columns.names_fields(SheetRow(1, ("빵", "따뜻")))


def test_headings_alone_and_too_many_rows_are_refused() -> None:
    with pytest.raises(SheetWithoutRows):
        columns.table_of(sheet(("제품", "톤")))
    with pytest.raises(SheetTooLong):
        columns.table_of(sheet(("제품",), *[("빵",)] * (MAX_ROWS + 1)))
