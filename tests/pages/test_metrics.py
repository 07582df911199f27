"""The metrics page as a whole: all its figures, both languages, all teams, and a database that is away."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.metrics_page import PAGE, cards, pictures
from tests.support.opened_page import OpenPage
from tests.support.outage import database_away


def test_the_page_tells_all_its_figures(captions: Any, open_page: OpenPage) -> None:
    page = open_page(PAGE, lang="EN", period="90d")
    told = cards(page)
    assert told["Captions"] == "30"
    assert told["Cost"].startswith("$0.0")
    assert told["Failed requests"] == "unknown"
    assert "captions of models without a known price" in page.told()
    assert "Asia/Seoul time" in page.told()
    assert "as of" in page.told()
    assert len(pictures(page)) >= 7
    assert all(pictures(page))


def test_in_korean_too(captions: Any, open_page: OpenPage) -> None:
    assert cards(open_page(PAGE, lang="KO", period="90d"))["글"] == "30"


def test_the_sum_of_all_teams_says_in_which_zones(
    captions: Any, open_page: OpenPage, insert_by_sql: InsertBySql, studio: Studio
) -> None:
    insert_by_sql(tenant_id="other", created_at=captions)
    page = open_page(PAGE, lang="EN", period="90d", all="1")
    assert cards(page)["Captions"] == "31"
    assert "each team in its own time zone" in page.told()


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "9999-12-31"), ("1927-01-01", "1999-12-31")])
def test_days_in_an_address_that_cannot_be_chosen_are_the_nearest_that_can(
    captions: Any, open_page: OpenPage, first: str, last: str
) -> None:
    page = open_page(PAGE, lang="EN", period="custom", first=first, last=last)
    days = [page.field(f"metrics_{name}").value for name in ("first", "last")]
    assert days == [dt.date(2000, 1, 1), dt.date(2100 if last > "2100" else 2000, 1, 1)]


def test_a_database_that_is_away_is_said(captions: Any, open_page: OpenPage, studio: Studio) -> None:
    page = open_page(PAGE, lang="EN")
    with database_away(studio):
        page.run()
    assert "The database does not answer" in page.told("error")
    assert cards(page.run())["Captions"] == "30"
