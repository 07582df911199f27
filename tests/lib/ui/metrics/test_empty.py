"""What the page says where there is nothing to count."""

from __future__ import annotations

import pytest

from lib.feeds import samples
from tests.conftest import InsertBySql
from tests.support.metrics_page import PAGE, cards
from tests.support.opened_page import OpenPage


def test_a_team_whose_captions_are_older_is_told_when_the_last_was_and_led_there(
    insert_by_sql: InsertBySql, open_page: OpenPage
) -> None:
    insert_by_sql(tenant_id="my-team", created_at="2025-03-05 12:00+09")
    page = open_page(PAGE, lang="EN", period="30d")
    assert "The last caption is of" in page.told()
    page.click("show_last")
    assert cards(page)["Captions"] == "1"
    assert page.app.query_params["last"] == "2025-03-05"


def test_nobodys_page_says_what_will_be_here_and_loads_samples_when_asked(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "ROWS", 60)
    page = open_page(PAGE, lang="EN")
    assert cards(page) == {}
    page.click("load_sample")
    assert page.field("tenant_id").value == "sample"
    assert "Sample data" in page.told("info")
    assert cards(page)["Captions"] != "0"
