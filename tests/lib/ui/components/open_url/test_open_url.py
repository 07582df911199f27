"""The server's half: the address that the browser opens. The browser's half: tests/browser."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from tests.support.patience import PATIENCE_S


def page() -> None:
    from lib.ui.components.open_url import open_url

    open_url.to("/history", {"tenant_id": "한빛 & co", "q": "1+1"}, key="leave")


def test_the_address_holds_every_parameter_to_the_letter() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    data = json.loads(app.get("bidi_component")[0].proto.json)
    assert data == {"address": "/history?tenant_id=%ED%95%9C%EB%B9%9B+%26+co&q=1%2B1"}
