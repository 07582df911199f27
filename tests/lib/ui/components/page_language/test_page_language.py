"""The server's half: what the browser is told. The browser's half: tests/browser/test_form_pressed.py."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.core.words import LANGUAGE_KEY
from tests.support.patience import PATIENCE_S


def page() -> None:
    from lib.ui.components.page_language import page_language

    page_language.declare()


@pytest.mark.parametrize(("language", "words"), [("ko", "사진"), ("en", "picture")])
def test_the_browser_is_told_the_language_and_the_words_of_an_upload(language: str, words: str) -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S)
    app.session_state[LANGUAGE_KEY] = language
    data = json.loads(app.run().get("bidi_component")[0].proto.json)
    assert data["language"] == language
    picture, *sheets = data["uploaders"]
    assert words in picture["choose"]
    assert "10" in picture["limit"]
    assert ["20" in sheet["limit"] for sheet in sheets] == [True, True, True]
