"""A recorded brief goes into the form of the generate page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from lib.domain.brief import INPUTS
from lib.ui.feed.loading import LOADED
from tests.support.patience import PATIENCE_S


def page() -> None:
    import streamlit as st

    from lib.ui.feed import loading

    brief = {"product_description": "통밀 식빵", "gpt_prompt": "짧게"}
    st.button("Use the brief again", on_click=loading.use_again, args=(brief,))


def test_each_press_fills_every_field_of_the_form_once() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    first = app.button[0].click().run().session_state[LOADED]
    assert set(INPUTS) <= first["values"].keys()
    assert (first["values"]["product_description"], first["values"]["tone_style"]) == ("통밀 식빵", "")
    second = app.button[0].click().run().session_state[LOADED]
    assert second["values"] == first["values"]
    assert second["id"] != first["id"]
