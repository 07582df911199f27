"""A person says which column is what, and what empty cells hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.batches import drafts
from lib.batches.drafts import Draft
from lib.domain.errors import DraftNotFound
from lib.studio import Studio

Open = Callable[..., Any]


def test_a_column_is_named_and_its_rows_are_checked_again(open_batches: Open, studio: Studio, draft: Draft) -> None:
    page = open_batches(draft=draft.draft_id)
    page.fill(column_product_description=1).run()
    assert drafts.load(studio, "acme", draft.draft_id).fields == [None, "product_description"]
    assert "글 3편 쓰기 시작" in page.press_buttons()["run_batch"]["label"]
    page.fill(column_product_description=-1).run()
    assert "아직 정하지 않은 항목이 있어요: 제품 설명" in page.told("warning")
    assert not page.has("run_batch")


def test_empty_cells_are_given_a_value_for_all_rows(open_batches: Open, studio: Studio, draft: Draft) -> None:
    page = open_batches(draft=draft.draft_id)
    page.fill(default_product_description="모닝빵").run()
    page.fill(default_language="en").run()
    assert [
        (row.brief.product_description, row.options.language)
        for row in drafts.load(studio, "acme", draft.draft_id).requests()
    ] == [("식빵", "en"), ("식빵", "en"), ("모닝빵", "en")]
    page.fill(default_tone_style="").run()
    assert "톤" in page.told("warning")


def test_a_sheet_is_discarded_only_from_its_own_teams_screen(open_batches: Open, studio: Studio, draft: Draft) -> None:
    page = open_batches(draft=draft.draft_id)
    page.click("discard_sheet")
    with pytest.raises(DraftNotFound):
        drafts.load(studio, "acme", draft.draft_id)
    assert "draft" not in page.app.query_params


def test_a_sheet_that_a_session_has_open_is_shown_to_its_own_team_alone(open_batches: Open, draft: Draft) -> None:
    page = open_batches(draft=draft.draft_id)
    assert page.has("discard_sheet")
    page.app.query_params["tenant_id"] = "other"
    assert not page.run().has("discard_sheet")
