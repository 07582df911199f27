"""A link opens the list as it was seen, and one that makes no sense says so."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import InsertBySql
from tests.support.history_page import START, captions, rows
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_a_link_with_filters_reopens_what_was_seen(open_history: Open, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(instagram_ad_copy="딸기 라떼", tone_style="차분하게", created_at=START)
    insert_by_sql(instagram_ad_copy="딸기 케이크", created_at=START)
    page = open_history(q="딸기", tone="차분하게", since="2026-10-01T00:00:00Z")
    assert captions(page) == ["딸기 라떼"]
    assert page.values("find_text", "find_tone", "find_period") == {
        "find_text": "딸기",
        "find_tone": "차분하게",
        "find_period": "chosen",
    }
    assert [kind for kind, _ in rows(page)[0]["caption"]] == ["found", "same"]
    page.press("off_tone")
    assert len(rows(page)) == 2
    page.press("clear_filters")
    assert page.app.query_params.get("q") is None


def test_an_address_that_makes_no_sense_is_told_and_there_is_a_way_on(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(instagram_ad_copy="글")
    for address in ({"since": "gestern"}, {"after": "%%"}, {"status": "gone"}):
        page = open_history(**address)
        assert "조건을 알아볼 수 없어요" in page.told("error"), address
        page.press("start_over")
        assert captions(page) == ["글"]
