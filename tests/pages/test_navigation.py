"""The address follows what the page shows, and the page follows the browser back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.opened_page import Opened
from tests.support.stored import recorded

Sql = Callable[..., list[tuple[Any, ...]]]


def test_a_message_with_the_address_from_before_does_not_hide_the_run(page: Opened) -> None:
    before = dict(page.app.query_params)
    run_id = page.click("generate").app.query_params["run"]
    page.app.query_params.clear()
    page.app.query_params.update(before)
    assert page.run().app.query_params["run"] == run_id
    assert page.post()["state"] != "empty"


def test_once_the_browser_knows_the_run_its_way_back_is_followed(page: Opened, as_owner: Sql) -> None:
    before = dict(page.app.query_params)
    page.press("generate").run()
    page.app.query_params.clear()
    page.app.query_params.update(before)
    assert page.run().post()["state"] == "empty"
    page.press("generate")
    assert recorded(as_owner) == 2
