"""The list has every batch of the team with its figures, and the sheets that wait to be started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.batches.drafts import Draft
from lib.studio import Studio
from lib.ui.batches import listing
from tests.conftest import RunSql
from tests.support.batching import batch_of

Open = Callable[..., Any]


def labels(page: Any) -> str:
    return "\n".join(one.proto.label for one in page.app.main.get("page_link"))


def test_batches_and_waiting_sheets_are_listed_with_their_figures(
    open_batches: Open, studio: Studio, as_owner: RunSql, draft: Draft
) -> None:
    batch_of(studio, 4, name="봄 신제품")
    batch_of(studio, 1, "rival", name="남의 것")
    as_owner("UPDATE studio_batch_rows SET status = 'written' WHERE number = 1")
    page = open_batches()
    assert "봄 신제품" in labels(page)
    assert "빵\\.csv · 3행" in labels(page)
    assert "남의 것" not in labels(page)
    assert "대기 3 · 씀 1 · 지금까지 $0.00 · 예상 알 수 없음" in page.told()


def test_older_batches_are_a_page_further(open_batches: Open, studio: Studio, monkeypatch: Any) -> None:
    for number in range(3):
        batch_of(studio, 1, name=f"batch {number}")
    monkeypatch.setattr(listing, "ROWS", 2)
    page = open_batches()
    assert "batch 2" in labels(page)
    page.click("older_batches")
    assert "batch 0" in labels(page)
    assert "batch 2" not in labels(page)
