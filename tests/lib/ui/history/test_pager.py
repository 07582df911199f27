"""Pages are turned, and a link opens the same page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tests.conftest import InsertBySql
from tests.support.history_page import START, captions, rows
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_pages_are_turned_and_a_link_opens_the_same_page(open_history: Open, insert_by_sql: InsertBySql) -> None:
    for number in range(25):
        insert_by_sql(instagram_ad_copy=f"글 {number:02}", created_at=START + dt.timedelta(minutes=number))
    page = open_history()
    assert captions(page)[0] == "글 24"
    assert "글 25개" in page.told()
    page.press("page_older")
    assert captions(page) == [f"글 {number:02}" for number in (4, 3, 2, 1, 0)]
    same = open_history(after=page.app.query_params["after"])
    assert captions(same) == captions(page)
    page.press("page_newer")
    assert captions(page)[0] == "글 24"
    page.fill(page_size=50).run()
    assert len(rows(page)) == 25
