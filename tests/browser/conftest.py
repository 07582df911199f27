"""The real, headless Chromium of the browser tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from scripts import browser
from tests.support.patience import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running browser; a test opens a context of its own in it.

    One for each module and not one for the session: while Playwright's synchronous side is open, this thread counts as
    being inside an event loop, and ``asyncio.run`` of any later test would fail.
    """
    executable = browser.find()
    if executable is None and os.environ.get("CI"):
        pytest.fail(browser.MISSING)
    if executable is None:
        pytest.skip(browser.MISSING)
    with sync_playwright() as playwright, browser.launch(playwright, executable) as running:
        yield running
