"""The rows of a batch are read a page at a time, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.studio import Studio
from lib.ui.batches import row_table
from tests.conftest import RunSql
from tests.support.batching import batch_of, written_batch

Open = Callable[..., Any]


def table(page: Any) -> Any:
    return page.app.dataframe[-1].value


def test_rows_are_turned_over_and_chosen_by_their_status(
    open_batches: Open, studio: Studio, as_owner: RunSql, monkeypatch: Any
) -> None:
    monkeypatch.setattr(row_table, "ROWS", 2)
    batch_id = batch_of(studio, 5)
    as_owner("UPDATE studio_batch_rows SET status = 'failed', error_code = 'filtered' WHERE number IN (1, 5)")
    page = open_batches(batch=batch_id)
    assert table(page)["number"].tolist() == ["1", "2"]
    page.click("rows_next")
    assert table(page)["number"].tolist() == ["3", "4"]
    page.click("rows_first")
    page.fill(batch_row_status="failed").run()
    assert table(page)["number"].tolist() == ["1", "5"]
    assert "내용 필터" in table(page)["reason"].tolist()[0]
    again = open_batches(batch=batch_id, row_status="failed", from_row="1.1")
    assert table(again)["number"].tolist() == ["5"], "the address opens the same rows"


def test_a_written_row_shows_its_caption_and_leads_to_it(open_batches: Open, studio: Studio, as_owner: RunSql) -> None:
    batch_id, [feed_id, _] = written_batch(studio, as_owner, 2)
    as_owner("UPDATE studio_batch_rows SET without_cost = 1 WHERE number = 2")
    rows = table(open_batches(batch=batch_id))
    assert f"feed={feed_id}" in rows["open"][0]
    assert rows["caption"][0]
    assert rows["cost"].tolist() == ["$0.00", "알 수 없음"]
