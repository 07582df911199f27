"""What a caption took and cost, and what of it is unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from lib.domain.feed_filter import FeedFilter
from lib.exports import background, columns
from lib.metrics import settings
from lib.store.metrics.settings import Price
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.history_page import START, rows
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_a_price_of_the_tenants_own_holds_here_as_in_the_figures(
    open_history: Open, insert_by_sql: InsertBySql, studio: Studio
) -> None:
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000, "total_tokens": 2_000_000}
    feed_id = insert_by_sql(gpt_model_name="our-own", token_usage=usage, created_at=START)
    assert "비용 알 수 없음" in rows(open_history())[0]["facts"]
    price = Price("our-own", START.date() - dt.timedelta(days=2), Decimal(2), Decimal(1), Decimal(3))
    settings.set_price(studio, "acme", price)
    assert "$5.00000" in rows(open_history())[0]["facts"]
    assert "**\\$5\\.00000**" in "\n".join(open_history(feed=str(feed_id)).in_markdown())
    [exported] = background.rows(studio, "acme", FeedFilter())
    assert columns.cost_usd(exported) == 5


def test_a_link_opens_the_feed_in_a_new_session_also_one_that_the_pipeline_wrote(
    open_page: Open, insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql(tenant_id="acme", instagram_ad_copy="파이프라인의 글", hashtags="#카페 #서울")
    page = open_page(tenant_id="acme", feed=str(feed_id))
    assert page.post()["copy"] == {
        "caption": "파이프라인의 글",
        "tags": "#카페 #서울",
        "both": "파이프라인의 글\n\n#카페 #서울",
        "link": f"/?tenant_id=acme&feed={feed_id}",
    }
    assert page.told("markdown").count("알 수 없음") == 4, "time, tokens, cost and model are unknown, not 0"
