"""A list shows 20 rows, and 20 more at each press; each team's and each feed's list on its own."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from lib.ui.core import paging

    rows = range(45)
    st.text(str(len(paging.part(rows, "rows", st.session_state.get("row", "acme")))))
    paging.offer_more(rows, "rows", st.session_state.get("row", "acme"))


def test_each_press_shows_as_many_more_until_all_are_shown() -> None:
    app = AppTest.from_function(page).run()
    counts = [app.text[0].value]
    while app.button:
        app.button[0].click().run()
        counts.append(app.text[0].value)
    assert counts == ["20", "40", "45"]
    app.session_state["row"] = "rival"
    assert app.run().text[0].value == "20"
