"""Where a test finds what stands on a page: the widgets of a key, and the moment when nothing is being drawn."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def field(page: Page, key: str) -> Locator:
    """The text field of the widget."""
    return page.locator(f".st-key-{key}").locator("textarea, input").first


def button(page: Page, key: str) -> Locator:
    """The button of the widget."""
    return page.locator(f".st-key-{key} button").first


def post(page: Page) -> Locator:
    """The first preview on the page."""
    return page.locator("article.post").first


def drawn(page: Page) -> None:
    """Nothing is drawn again just now: a redraw would close an open menu."""
    expect(page.locator('[data-testid="stApp"]')).to_have_attribute("data-test-script-state", "notRunning")


def choose_model(page: Page, name: str) -> None:
    """Type the model's name into the options."""
    page.locator(".press .more summary").click()
    field(page, "model").fill(name)
