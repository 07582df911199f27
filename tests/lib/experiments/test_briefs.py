"""Briefs of a file: by recognised headings, by what the team said before, and checked like the rows of a batch."""

from __future__ import annotations

import pytest

from lib.batches import drafts, sheet_reader
from lib.domain import errors
from lib.experiments import briefs
from lib.studio import Studio


def test_rows_are_taken_by_what_the_columns_are_called(studio: Studio) -> None:
    data = "봄 행사,,\n상품명,가격,협찬\n통밀 식빵,6500,없음\n,,\n소금빵,3000,원고료\n".encode("cp949")
    taken = briefs.of_sheet(studio, "acme", sheet_reader.read(data, "rows.csv"))
    assert taken.rows == (
        {"product_description": "통밀 식빵", "sponsorship": "없음"},
        {"product_description": "소금빵", "sponsorship": "원고료"},
    )
    assert taken.unused == ("가격",)


def test_a_heading_that_the_team_explained_once_is_known_and_to_no_other_team(studio: Studio) -> None:
    sheet = sheet_reader.read("무엇을 파나\n통밀 식빵\n".encode(), "rows.csv")
    with pytest.raises(errors.InvalidExperiment):
        briefs.of_sheet(studio, "acme", sheet)
    draft = drafts.create(studio, "acme", sheet)
    drafts.set_fields(studio, draft, {0: "product_description"})
    assert briefs.of_sheet(studio, "acme", sheet).rows == ({"product_description": "통밀 식빵"},)
    with pytest.raises(errors.InvalidExperiment):
        briefs.of_sheet(studio, "globex", sheet)


def test_rows_are_checked_as_those_of_a_batch_with_defaults_for_what_is_empty() -> None:
    rows = [
        {"product_description": "통밀 식빵", "tone_style": " ", "sponsorship": "원고료"},
        {"tone_style": "차분하게"},
        {"product_description": "협찬 받은 소금빵"},
    ]
    made, wrong = briefs.check("acme", rows, {"tone_style": "따뜻하게", "gpt_prompt": "짧게"}, "demo")
    assert [(each.tone_style, each.gpt_prompt, each.sponsorship) for each in made] == [("따뜻하게", "짧게", "payment")]
    assert {number: [each.code for each in problems] for number, problems in wrong.items()} == {
        2: ["missing"],
        3: ["sponsorship_unsaid"],
    }
