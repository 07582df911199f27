"""The settings of a team: what is no value is refused, and what is saved is shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from lib.metrics import settings
from lib.store.metrics.settings import MetricSettings, Price
from lib.studio import Studio
from tests.support.metrics_page import PAGE, cards, figures_of
from tests.support.opened_page import OpenPage


def test_settings_that_are_none_are_told_and_kept_out(captions: Any, open_page: OpenPage, studio: Studio) -> None:
    page = open_page(PAGE, lang="EN")
    assert "set_budget_usd" not in {field.key for field in page.app.text_input}, "what is closed is not drawn"
    page.app.session_state["metrics_settings"] = True
    page.run()
    page.fill(set_budget_usd="viel")
    page.app.button(key="FormSubmitter:metrics_settings_form@my-team-Save settings").click()
    page.run()
    assert "Enter a number." in page.told("error")
    page.fill(set_budget_usd="0.001", set_krw_per_usd="1432.5")
    page.app.button(key="FormSubmitter:metrics_settings_form@my-team-Save settings").click()
    page.run()
    decided = settings.settings_of(studio, "my-team")[0]
    assert (decided.budget_usd, decided.krw_per_usd) == (Decimal("0.001"), Decimal("1432.5"))
    assert "₩" in cards(page)["Cost"]
    assert "budget" in page.told("warning")


def test_own_prices_reach_the_page(captions: Any, studio: Studio, open_page: OpenPage) -> None:
    before = figures_of(studio, captions)
    settings.set_price(
        studio, "my-team", Price("our-own-llama", dt.date(2020, 1, 1), Decimal(1), Decimal(1), Decimal(1))
    )
    after = figures_of(studio, captions)
    assert after.total.without_price < before.total.without_price
    assert after.total.cost_usd > before.total.cost_usd
    page = open_page(PAGE, lang="EN")
    page.app.session_state["metrics_settings"] = True
    assert "our-own-llama · 2020-01-01" in page.run().told()


def test_settings_of_one_team_are_not_anothers(studio: Studio, open_page: OpenPage) -> None:
    settings.save_settings(studio, "other", MetricSettings(time_zone="Europe/Berlin"))
    assert "Asia/Seoul" in open_page(PAGE, lang="EN").told()
