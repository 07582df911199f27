"""The address decides what the page of batches shows, and one that names nothing says so."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.batches.drafts import Draft
from lib.studio import Studio
from tests.support.batching import batch_of

Open = Callable[..., Any]


@pytest.mark.parametrize("name", ["batch", "draft"])
@pytest.mark.parametrize("value", [str(uuid.UUID(int=7)), "<b>nonsense"])
def test_what_is_not_there_is_told_with_a_way_back(open_batches: Open, name: str, value: str) -> None:
    page = open_batches(**{name: value})
    assert page.told("error")
    assert "<b>" not in "".join(page.in_markdown()).replace("\\<b\\>", "")
    page.click("batches_again")
    assert "아직 일괄 작업이 없어요" in page.told("info")


def test_another_teams_batch_and_sheet_are_not_shown(open_page: Open, studio: Studio, draft: Draft) -> None:
    batch_id = batch_of(studio, 1)
    for address in ({"batch": str(batch_id)}, {"draft": str(draft.draft_id)}):
        page = open_page("batches.py", tenant_id="rival", **address)
        assert page.told("error")
        assert "식빵" not in page.told()
