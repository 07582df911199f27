"""The list of requests to models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from lib.domain.brief import Brief
from lib.domain.errors import Refused
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.history_page import wrote
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_requests_are_listed_with_how_they_ended_and_lead_to_what_came_of_them(
    open_history: Open, studio: Studio, brief: Brief, demo: Any
) -> None:
    feed = wrote(studio, brief)
    demo.behaviours.append("refused")
    with pytest.raises(Refused):
        wrote(studio, brief)
    page = open_history(requests="any")
    assert page.told("markdown").count(brief.product_description[:20]) == 2
    [link] = page.app.get("page_link")
    assert "run" in dict(parse_qsl(link.proto.query_string))
    [opening] = [one for one in page.app.button if (one.key or "").startswith("open_")]
    page.click(str(opening.key))
    assert page.app.query_params["feed"] == str(feed.instagram_feed_id)
    page = open_history(requests="refused")
    assert "요청 1건" in page.told("markdown")
    page = open_history(requests="failed:wrong_key")
    assert "조건에 맞는 요청이 없어요." in page.told("markdown")


def test_a_team_that_never_asked_a_model_is_told_where_to_begin(open_history: Open, insert_by_sql: InsertBySql) -> None:
    insert_by_sql()  # by another program
    assert "No requests to a model yet." in open_history(lang="EN", requests="any").told("markdown")


def test_another_teams_requests_are_not_shown(open_history: Open, studio: Studio, brief: Brief) -> None:
    wrote(studio, replace(brief, tenant_id="other"))
    assert "No requests to a model yet." in open_history(lang="EN", requests="any").told("markdown")


@pytest.mark.parametrize("told", ["a\0b", "failed:x,", "<b>", "요청"])
def test_ends_that_make_no_sense_are_told(open_history: Open, told: str) -> None:
    page = open_history(requests=told)
    assert "알아볼 수 없어요" in page.told("error")
    assert page.has("start_over")
