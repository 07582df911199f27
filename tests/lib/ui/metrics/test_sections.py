"""The sections of the metrics page."""

from __future__ import annotations

import datetime as dt

from tests.conftest import InsertBySql
from tests.support.metrics_page import PAGE, USAGE
from tests.support.opened_page import OpenPage


def test_the_comparison_with_another_model_says_how_many_captions_it_is_of(
    insert_by_sql: InsertBySql, open_page: OpenPage
) -> None:
    now = dt.datetime.now(dt.UTC)
    for number in range(44):
        model = "gpt-4o-mini" if number < 4 else "our-own-llama"
        insert_by_sql(tenant_id="my-team", created_at=now, gpt_model_name=model, token_usage=USAGE)
    page = open_page(PAGE, lang="EN", period="7d")
    assert "Compared by the 4 of 44 captions whose cost is known." in page.told()
    assert "gpt-4o-mini" not in page.app.multiselect(key="what_if").value
