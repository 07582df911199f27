"""The server's half of the draft: which of several values a field begins with. The browser's half: tests/browser."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.ui.components.draft import draft
from tests.support.patience import PATIENCE_S


def form() -> None:
    import streamlit as st

    from lib.ui.components.draft import draft

    scope = st.session_state.get("tenant", "bakery")
    if st.session_state.get("shown", True):
        draft.keep({"product": "", "instruction": st.session_state.get("default", "warmly")}, scope=scope)
        st.text_area("Product", key="product", on_change="ignore")
        st.text_area("Instruction", key="instruction", on_change="ignore")
    st.button("New brief", on_click=draft.forget, kwargs={"scope": scope})


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(form, default_timeout=PATIENCE_S).run()
    assert not app.exception
    return app


def held(app: AppTest) -> tuple[str | None, str | None]:
    assert not app.exception
    return app.text_area(key="product").value, app.text_area(key="instruction").value


def test_fields_begin_with_their_defaults(app: AppTest) -> None:
    assert held(app) == ("", "warmly")


def test_an_untouched_field_follows_its_default_and_a_touched_one_does_not(app: AppTest) -> None:
    app.text_area(key="product").set_value("typed")
    app.session_state["default"] = "herzlich"
    assert held(app.run()) == ("typed", "herzlich")
    app.text_area(key="instruction").set_value("my own")
    app.session_state["default"] = "warmly"
    assert held(app.run()) == ("typed", "my own")


def test_each_scope_has_its_own_text_without_any_help_of_the_browser(app: AppTest) -> None:
    app.text_area(key="product").set_value("of the bakery")
    app.session_state["tenant"] = "cafe"
    assert held(app.run()) == ("", "warmly")
    app.text_area(key="product").set_value("of the cafe")
    app.session_state["tenant"] = "bakery"
    assert held(app.run()) == ("of the bakery", "warmly")
    app.session_state["tenant"] = "cafe"
    assert held(app.run()) == ("of the cafe", "warmly")


def test_a_form_that_was_off_the_page_comes_back_filled(app: AppTest) -> None:
    app.text_area(key="product").set_value("typed").run()
    app.session_state["shown"] = False
    app.run()
    app.session_state["shown"] = True
    assert held(app.run()) == ("typed", "warmly")


def test_a_field_emptied_on_purpose_comes_back_empty(app: AppTest) -> None:
    app.text_area(key="instruction").set_value("").run()
    app.session_state["shown"] = False
    app.run()
    app.session_state["shown"] = True
    assert held(app.run()) == ("", "")


def test_a_new_brief_forgets_its_own_scope_only(app: AppTest) -> None:
    app.text_area(key="product").set_value("of the bakery")
    app.session_state["tenant"] = "cafe"
    app.run()
    app.text_area(key="product").set_value("of the cafe").run()
    app.button[0].click()
    assert held(app.run()) == ("", "warmly")
    app.session_state["tenant"] = "bakery"
    assert held(app.run()) == ("of the bakery", "warmly")


class Told:
    """What a component's state shows to its callback."""

    def __init__(self, restored: object) -> None:
        self.restored = restored


@pytest.mark.parametrize(
    ("told", "product"),
    [
        ({"start": "now", "values": {"product": "from the browser"}}, "from the browser"),
        ({"start": "long ago", "values": {"product": "of another scope"}}, "here"),
        ({"start": "now", "values": {"product": 7, "tenant": "cafe"}}, "here"),
        ({"start": "now", "values": ["product"]}, "here"),
        ({"start": "now"}, "here"),
        ("now", "here"),
        (None, "here"),
        ({"start": "now", "values": {"product": "half \ud83d"}}, "half ?"),
        ({"start": "now", "values": {"product": "x" * 50_000}}, "x" * draft.MAX_RESTORED),
    ],
)
def test_only_a_message_that_makes_sense_is_restored(
    told: object, product: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: dict[str, Any] = {
        "draft.kept": draft._Kept(scope="bakery", start="now", defaults={"product": ""}),
        "draft": Told(told),
        "product": "here",
        "tenant": "bakery",
    }
    monkeypatch.setattr(st, "session_state", state)
    draft._restore("draft")
    assert (state["product"], state["tenant"]) == (product, "bakery")
