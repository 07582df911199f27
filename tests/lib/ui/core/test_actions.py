"""A press counts for the team and the feed of the browser's address, or not at all."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

MINE = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"


def page() -> None:
    import uuid

    import streamlit as st

    from lib.domain.errors import ScreenChanged
    from lib.ui.core import actions

    st.session_state.setdefault("session_tenant", "acme")

    def change() -> None:
        try:
            actions.require_screen("acme", uuid.UUID("11111111-1111-1111-1111-111111111111"))
        except ScreenChanged:
            st.session_state["outcome"] = "refused"
        else:
            st.session_state["outcome"] = "changed"

    actions.button("Archive", "archive", "11111111-1111-1111-1111-111111111111", on_click=change)
    st.text(st.session_state.get("outcome", ""))


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ({}, "changed"),  # an address that is not complete yet says nothing about the screen
        ({"tenant_id": "acme"}, "changed"),
        ({"tenant_id": "acme", "feed": MINE}, "changed"),
        ({"tenant_id": "rival", "feed": MINE}, "refused"),
        ({"tenant_id": "acme", "feed": OTHER}, "refused"),
    ],
)
def test_the_address_of_the_press_decides(address: dict[str, str], outcome: str) -> None:
    app = AppTest.from_function(page).run()
    app.query_params.update(address)
    app.button(key=f"archive@{MINE}").click().run()
    assert [text.value for text in app.text] == [outcome]


def test_a_session_that_works_for_another_team_meanwhile_changes_nothing() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["session_tenant"] = "rival"
    app.button(key=f"archive@{MINE}").click().run()
    assert [text.value for text in app.text] == ["refused"]
