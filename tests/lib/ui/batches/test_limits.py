"""A team sees and sets how often it may ask each model, without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.store.traffic import limits
from lib.store.traffic.limits import Limits
from lib.studio import Studio

Open = Callable[..., Any]


def stored(studio: Studio) -> list[Limits]:
    with studio.database.tenant("acme") as db:
        return limits.of_tenant(db, "acme")


def test_limits_are_set_shown_and_removed(open_batches: Open, studio: Studio) -> None:
    page = open_batches(model_limits="open")
    page.app.session_state["model_limits"] = True
    page.run()
    page.fill(model="gpt-6-luna", requests_a_minute="1,200", at_once="8").click("save_limits")
    assert stored(studio) == [Limits("gpt-6-luna", 1200, None, 8)]
    assert "gpt-6-luna · 분당 요청 1,200 · 동시 요청 8" in page.told()
    page.fill(model="gpt-6-luna", requests_a_minute="many").click("save_limits")
    assert "분당 요청" in page.told("error")
    page.fill(model="", requests_a_minute="5").click("save_limits")
    assert stored(studio) == [Limits("gpt-6-luna", 1200, None, 8)]
    page.click("lift_limits_0")
    assert stored(studio) == [Limits("gpt-6-luna")]
