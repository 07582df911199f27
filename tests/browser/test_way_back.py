"""The browser's way back in a real browser: it leads where the person came from, language and team included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser.app_serving import App
from tests.support.browser.person import person
from tests.support.browser.widgets import drawn, field

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser, app: App) -> Iterator[Page]:
    """The app as a stranger opens it: under an address that says nothing."""
    with person(chromium, app.url) as context:
        page = context.new_page()
        page.goto(app.url)
        expect(page).to_have_url(re.compile("tenant_id=.*lang=KO"))
        drawn(page)
        yield page


def go(page: Page, path: str) -> None:
    """To this page by the sidebar's list."""
    page.locator(f'[data-testid="stSidebarNavLink"][href$="/{path}"]').click()
    expect(page).to_have_url(re.compile(rf"/{path}\?.*tenant_id="))
    drawn(page)


def at(page: Page, path: str, **parameters: str) -> None:
    """The browser's address is of this page and says this, and the page is drawn."""
    for name, value in parameters.items():
        expect(page).to_have_url(re.compile(rf"/{path}\?(.*&)?{name}={value}(&|$)"))
    drawn(page)


def test_each_press_of_back_leads_one_page_back(page: Page) -> None:
    for path in ("history", "metrics", "jobs", "keys"):
        go(page, path)
    for path in ("jobs", "metrics", "history", ""):
        page.go_back()
        at(page, path, lang="KO")
    page.go_forward()
    at(page, "history", lang="KO")


def test_back_takes_language_and_team_back_too(page: Page, app: App, sql_as: Callable[..., list[Any]]) -> None:
    sql_as(
        app.owner_url, "INSERT INTO studio_tenants (tenant_id) VALUES ('aaa-first'), ('rival') ON CONFLICT DO NOTHING"
    )
    team = field(page, "tenant_id").input_value().strip()
    go(page, "history")
    page.locator(".st-key-lang").get_by_text("EN").click()
    at(page, "history", lang="EN", tenant_id=team)
    expect(page.get_by_text("Team", exact=True)).to_be_visible()
    field(page, "tenant_id").fill("rival")
    field(page, "tenant_id").press("Enter")
    at(page, "history", lang="EN", tenant_id="rival")
    page.go_back()
    at(page, "history", lang="EN", tenant_id=team)
    expect(field(page, "tenant_id")).to_have_value(re.compile(team))
    page.go_back()
    at(page, "history", lang="KO", tenant_id=team)
    expect(page.get_by_text("팀", exact=True)).to_be_visible()
    page.go_back()
    at(page, "", lang="KO", tenant_id=team)
