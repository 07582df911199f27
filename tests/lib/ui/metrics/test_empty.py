"""What the page says where there is nothing to count."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lib.domain.periods import Period
from lib.feeds import samples
from lib.metrics import service
from lib.metrics.figures import View
from lib.studio import Studio
from lib.ui.metrics.empty import is_empty, last_day_elsewhere
from tests.conftest import InsertBySql, RunSql
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


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # what it says when it prints the fixtures
@given(st.lists(st.integers(-400, 90), max_size=4), st.integers(1, 60))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
def test_whoever_has_captions_in_neither_period_is_led_to_the_last_and_nobody_else_is(
    studio: Studio, insert_by_sql: InsertBySql, as_owner: RunSql, days: Any, length: int
) -> None:
    as_owner("TRUNCATE instagram_feeds")
    today = dt.date(2026, 11, 30)
    captions = [today + dt.timedelta(days=day) for day in days]
    for day in captions:
        insert_by_sql(created_at=f"{day} 12:00+09")
    period = Period(today - dt.timedelta(days=length - 1), today)
    figures = service.figures(studio, "acme", View(period))
    shown = any(period.before.first <= day <= period.last for day in captions)
    assert is_empty(figures) is not shown
    if is_empty(figures):
        assert last_day_elsewhere(figures) == max(captions, default=None)
    if last := last_day_elsewhere(figures):
        led_to = View(Period(last - dt.timedelta(days=29), last))
        assert service.figures(studio, "acme", led_to).total.rows >= captions.count(last)


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
