"""The server's half: what the page shows. The browser's half scrolls when that changes."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from tests.support.patience import PATIENCE_S


def page() -> None:
    from lib.ui.components.scroll_to_top import scroll_to_top

    scroll_to_top.watch("the list")


def test_the_browser_is_told_what_the_page_shows() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    assert json.loads(app.get("bidi_component")[0].proto.json) == {"shown": "the list"}
