"""The server's half: it waits for the browser's. The browser's half: tests/browser/test_way_back.py."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from tests.support.patience import PATIENCE_S


def page() -> None:
    import streamlit as st

    from lib.ui.components.browser_history import browser_history

    st.text(str(browser_history.watch({"tenant_id": "acme"})))


def test_a_browser_that_has_not_answered_is_asked_to() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    assert [text.value for text in app.text] == ["False"]
    assert json.loads(app.get("bidi_component")[0].proto.json) == {
        "parameters": {"tenant_id": "acme"},
        "watched": False,
    }
