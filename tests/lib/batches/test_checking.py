"""A row is checked as any brief is, and says everything that is wrong with it at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.batches import checking
from lib.batches.checking import CheckedRow, check_row
from lib.studio import Studio
from tests.conftest import InsertBySql

GOOD = {"product_description": "식빵", "tone_style": "따뜻하게", "gpt_prompt": "짧게"}

Sql = Callable[..., list[tuple[Any, ...]]]


def checked(**values: str) -> CheckedRow:
    return check_row("acme", GOOD | values, "demo")


def problems(**values: str) -> dict[str, str]:
    return {problem.field: problem.code for problem in checked(**values).problems}


def test_a_good_row_asks_for_what_it_says() -> None:
    row = check_row(
        "acme",
        GOOD | {"language": "영어", "variants": "2.0", "model": "gpt-6-luna", "reference": " B-1 "},
        "demo",
        ("식빵", "B-1"),
    ).request
    assert row
    assert (row.options.language, row.variants, row.options.model) == ("en", 2, "gpt-6-luna")
    assert (row.reference, row.uploaded, row.brief.store_information) == ("B-1", ("식빵", "B-1"), "")


@pytest.mark.parametrize(
    ("text", "language"), [("", "ko"), ("KO", "ko"), ("Korean", "ko"), ("en", "en"), ("English", "en")]
)
def test_a_language_is_named_in_any_language(text: str, language: str) -> None:
    row = checked(language=text).request
    assert row
    assert row.options.language == language


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    assert problems(
        product_description=" ",
        store_information="가" * 1001,
        language="fr",
        variants="9",
        job_id="7",
        reference="x" * 501,
    ) == {
        "product_description": "missing",
        "store_information": "too_long",
        "language": "not_offered",
        "variants": "out_of_range",
        "job_id": "not_an_id",
        "reference": "too_long",
    }
    assert problems(variants="두 개") == {"variants": "no_number"}
    assert problems(sponsorship="maybe") == {"sponsorship": "not_offered"}


def test_a_row_that_speaks_of_a_sponsor_says_what_is_given() -> None:
    assert problems(product_description="식빵을 협찬 받았어요") == {"sponsorship": "sponsorship_unsaid"}
    for text, kind in (
        *(("제품 제공", "product"), ("제품", "product"), ("판매수수료", "affiliate"), ("Payment", "payment")),
        *(("대가 없음", "none"), ("none", "none")),
    ):
        row = checked(product_description="식빵을 협찬 받았어요", sponsorship=text).request
        assert row
        assert row.brief.sponsorship == kind


def test_a_row_for_a_job_or_an_overlay_that_the_team_does_not_have_is_wrong(studio: Studio, as_owner: Sql) -> None:
    mine, theirs = (
        as_owner("INSERT INTO jobs (tenant_id) VALUES (%s) RETURNING job_id::text", tenant)[0][0]
        for tenant in ("acme", "rival")
    )
    overlay = as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id::text")[0][0]
    rows = {
        0: checked(),
        1: checked(job_id=mine, overlay_id=overlay),
        2: checked(job_id=theirs),
        3: checked(overlay_id=str(uuid.uuid4())),
    }
    linked = checking.check_links(studio, "acme", rows)
    assert [[problem.field for problem in row.problems] for row in linked.values()] == [
        [],
        [],
        ["job_id"],
        ["overlay_id"],
    ]


def test_rows_that_repeat_another_row_or_a_stored_caption_are_pointed_out(
    studio: Studio, insert_by_sql: InsertBySql
) -> None:
    brief = GOOD | {"refined_ad_copy_eng": "", "store_information": "온기"}
    feed_id = insert_by_sql(**brief)
    insert_by_sql(**brief, tenant_id="rival")
    insert_by_sql(**brief | {"product_description": "오래된 빵"}, created_at="2020-01-01")
    rows = [
        checked(),
        checked(reference="other"),
        None,
        checked(store_information="온기"),
        checked(product_description=""),
    ]
    assert checking.find_repeated(rows) == {1: 0}
    stored = checking.find_stored(studio, "acme", {place: row for place, row in enumerate(rows) if row})
    assert {place: written.feed_id for place, written in stored.items()} == {3: feed_id}
    old = checked(product_description="오래된 빵", store_information="온기")
    assert checking.find_stored(studio, "acme", {0: old}) == {}
