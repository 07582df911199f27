"""The browser of one person, in the profile that all tests of a process share one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext

from tests.support.patience import PATIENCE_S


@contextmanager
def person(chromium: Browser, url: str) -> Iterator[BrowserContext]:
    """A context that has stored nothing of this server's pages, but has its scripts, compiled.

    To load and compile Streamlit's scripts is nearly half of opening a page. There is one such person at a time; a
    second one beside it, or somebody who was never here, is a ``chromium.new_context()``.
    """
    context = chromium.contexts[0]
    blank, *_ = context.pages  # a browser that has no page would end
    storage = context.new_cdp_session(blank)
    storage.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
    storage.detach()
    context.set_default_timeout(PATIENCE_S * 1000)
    try:
        yield context
    finally:
        for page in context.pages:
            if page is not blank:
                page.close()
        context.clear_permissions()
