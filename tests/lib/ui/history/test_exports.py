"""The file that is made of the list."""

from __future__ import annotations

from collections.abc import Callable

from lib.domain.feed_filter import FeedFilter
from lib.store import feed_listing
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.opened_page import Opened
from tests.support.patience import PATIENCE_S

Open = Callable[..., Opened]


def test_an_export_holds_what_the_filters_show(open_history: Open, insert_by_sql: InsertBySql, studio: Studio) -> None:
    for text in ("딸기 라떼", "딸기 =SUM(1)", "녹차"):
        insert_by_sql(instagram_ad_copy=text)
    insert_by_sql(tenant_id="other", instagram_ad_copy="딸기 남의 글")
    page = open_history(q="딸기").press("export_csv")
    _, export = page.app.session_state["export"]
    assert export.finished.wait(PATIENCE_S)
    page.run()
    assert "글 2개를 담았어요" in page.told()
    exported = export.path.read_text("utf-8-sig")
    assert "딸기 라떼" in exported
    assert "녹차" not in exported
    assert "남의 글" not in exported
    with studio.database.tenant("acme") as db:
        assert feed_listing.count(db, "acme", FeedFilter(text="딸기")) == 2
