"""An address as a dataclass, and which address leads until the browser carries it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.errors import StudioError
from lib.ui.core.addresses import GenerateAddress, HistoryAddress
from tests.support.patience import PATIENCE_S

FEED = "0b8e6b5e-6a54-4b3e-9f0e-3f1f4c1f8a11"


def test_what_is_written_is_read_again_and_defaults_are_not_written() -> None:
    assert HistoryAddress().to_query() == {}
    query = {"q": "라떼", "status": "approved", "size": "50"}
    address = HistoryAddress.from_query(query)
    assert (address.filters.text, address.filters.status, address.size) == ("라떼", "approved", 50)
    assert HistoryAddress.from_query(address.to_query()) == address
    assert HistoryAddress.from_query({"nobody": "knows", "q": ""}) == HistoryAddress()


def test_a_parameter_that_means_nothing_is_an_error_with_its_sentence() -> None:
    with pytest.raises(StudioError):
        GenerateAddress.from_query({"feed": "no id"})


def test_a_link_carries_the_team_and_the_language() -> None:
    link = HistoryAddress.from_query({"feed": FEED}).link("한빛")
    assert link == {"tenant_id": "한빛", "lang": "KO", "feed": FEED}


def page() -> None:
    import streamlit as st

    from lib.ui.core import url_state
    from lib.ui.core.addresses import HistoryAddress

    url_state.begin_run()
    url_state.settle("history")
    st.button("Second page", on_click=lambda: HistoryAddress.change(size=50))
    st.text(f"{HistoryAddress.read().size}")
    url_state.drawn()


def test_a_new_address_leads_until_the_browser_carries_it() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    assert app.text[0].value == "20"
    app.button[0].click().run()
    assert (app.text[0].value, app.query_params["size"]) == ("50", "50")
    del app.query_params["size"]  # a second click that the browser sent before it had heard of the new address
    assert app.run().text[0].value == "50"
    app.run()
    del app.query_params["size"]  # after the browser has carried it, its own address counts
    assert app.run().text[0].value == "20"
