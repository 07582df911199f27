"""Captions side by side, with their differences marked."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import InsertBySql
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_feeds_stand_side_by_side_with_their_differences_marked(open_history: Open, insert_by_sql: InsertBySql) -> None:
    one = insert_by_sql(instagram_ad_copy="오늘은 딸기 라떼예요", latency_ms=1500.0)
    two = insert_by_sql(instagram_ad_copy="오늘은 녹차 라떼예요")
    page = open_history(compare=f"{one},{two}")
    assert page.marked("compared_text_1") == "오늘은 딸기 라떼예요\n\n#카페 #서울"
    assert page.marked("compared_text_2", "removed").strip() == "딸기"
    assert page.marked("compared_text_2", "added").strip() == "녹차"
    page.press("open_compared_2")
    assert page.app.query_params["feed"] == str(two)
