"""The real, headless Chromium of the browser tests, and the app that it visits."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from scripts import browser
from tests.support.browser.app_serving import App, serving_app
from tests.support.browser.person import person
from tests.support.patience import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)

Sql = Callable[..., list[tuple[Any, ...]]]

PROBED = re.compile("/[a-z]+/_stcore/(health|host-config)$")
"""Streamlit 1.67 looks for itself below a page's own path first, and finds nothing there."""

EXPECTED_LINES = re.compile(
    "You can now view|URL: |Stopping|Aborted!"
    # What the first start as root does to the machine, and says.
    "|Created the system user|Changed .* so that PostgreSQL's user can reach it"
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put into the report of a failed test what its pages showed: a CI machine leaves nothing else to look at."""
    report = yield
    context = getattr(item, "funcargs", {}).get("context")
    if report.when == "call" and report.failed and context:
        for page in context.pages:
            report.sections.append((f"shown at {page.url}", _shown(page)))
    return report


def _shown(page: Page) -> str:
    try:
        return page.locator("body").inner_text(timeout=5_000)[:5_000]
    except Error as error:
        return f"nothing can be read of it: {error.message}"


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    """One app for all tests of a process; its demo model writes quickly, and slowly enough to be seen.

    In the end it is interrupted: it takes its database along, and has had nothing to complain about.
    """
    with serving_app(FEED_STUDIO_DEMO_PACE="0.3", OPENAI_MODELS="demo-slow") as running:
        yield running
        assert running.has_database
        running.interrupt()
        assert not running.has_database
        assert [line for line in running.log.splitlines() if line.strip() and not EXPECTED_LINES.search(line)] == []


@pytest.fixture
def sql(app: App, sql_as: Sql) -> Sql:
    """Plain SQL by the owner of the app's tables."""
    return lambda statement, *values: sql_as(app.owner_url, statement, *values)


@pytest.fixture
def tenant() -> str:
    """A tenant that no other test knows."""
    return f"team-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def profile() -> Iterator[Path]:
    """Where the browsers of a process keep what they have loaded and compiled."""
    with TemporaryDirectory(prefix="feed-studio-chromium-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def chromium(profile: Path) -> Iterator[Browser]:
    """A running browser; a test is a new ``person`` in it.

    One for each module and not one for the session: while Playwright's synchronous side is open, this thread counts as
    being inside an event loop, and ``asyncio.run`` of any later test would fail.
    """
    executable = browser.find()
    if executable is None and os.environ.get("CI"):
        pytest.fail(browser.MISSING)
    if executable is None:
        pytest.skip(browser.MISSING)
    with sync_playwright() as playwright, browser.launch_profile(playwright, executable, profile) as context:
        assert context.browser is not None
        yield context.browser


@pytest.fixture
def context(chromium: Browser, app: App) -> Iterator[BrowserContext]:
    """The browser of one person, whose pages complain about nothing and talk to nobody but the app."""
    strangers: list[str] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", refuse)

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and not PROBED.search(said.location["url"]):
            complaints.append(f"{said.text} {said.location['url']}")

    def refuse(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note(url: str) -> None:
        if not url.startswith((f"{app.url}/", "data:", "blob:")):
            strangers.append(url)

    def look(request: Request) -> None:
        note(request.url)

    with person(chromium, app.url) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.on("page", watch)
        context.on("request", look)
        yield context
        context.remove_listener("page", watch)
        context.remove_listener("request", look)
    assert strangers == []
    assert complaints == []
