"""What is chosen is in the address, and a view brings it back."""

from __future__ import annotations

from typing import Any

import pytest

from lib.metrics import settings
from lib.studio import Studio
from tests.support.metrics_page import PAGE, cards
from tests.support.opened_page import OpenPage


def test_the_address_says_what_is_shown(captions: Any, open_page: OpenPage) -> None:
    page = open_page(PAGE, lang="EN", period="90d", model="=o3")
    assert cards(page)["Captions"] == "8"
    page.fill(metrics_period="365d").run()
    assert page.app.query_params["period"] == "365d"
    page.click("drop_model")
    assert "model" not in page.app.query_params
    assert cards(page)["Captions"] == "30"


@pytest.mark.parametrize("nonsense", [{"period": "x"}, {"first": "never"}, {"slot": "decade"}, {"model": "o3"}])
def test_an_address_that_says_nothing_shows_what_is_usual(captions: Any, open_page: OpenPage, nonsense: Any) -> None:
    assert cards(open_page(PAGE, lang="EN", **nonsense))["Captions"] == "30"


def test_a_view_is_saved_and_opened_again(captions: Any, open_page: OpenPage, studio: Studio) -> None:
    page = open_page(PAGE, lang="EN", period="90d", model="=o3")
    page.fill(metrics_view_name="o3만").click("save_view")
    page.fill(metrics_period="365d").run()
    page.click("view_0")
    assert page.app.query_params["period"] == "90d"
    page.click("forget_view_0")
    assert settings.settings_of(studio, "my-team")[2] == []
