"""What a widget registers acts on a person's change, not on a message that the browser sent before the page changed."""

from __future__ import annotations

import ast
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lib import ui
from tests.support.patience import PATIENCE_S


def page() -> None:
    import streamlit as st

    from lib.ui.core.changes import when_changed

    def act(name: str) -> None:
        st.session_state.setdefault("acted", []).append((name, st.session_state.get(name)))

    if not st.session_state.get("left"):
        st.session_state.setdefault("guarded", "shown")
        st.session_state.setdefault("bare", "shown")
        st.text_input("Guarded", key="guarded", on_change=when_changed("guarded", act, "guarded"))
        st.text_input("Bare", key="bare", on_change=act, args=("bare",))
    st.button("Leave", on_click=lambda: st.session_state.update(left=True))


def open_page() -> AppTest:
    return AppTest.from_function(page, default_timeout=PATIENCE_S).run()


def test_a_message_sent_before_the_page_changed_changes_nothing() -> None:
    app = open_page()
    browser, leave, fields = app.main.root, app.button[0], list(app.text_input)
    leave.click().run()
    app.session_state["acted"] = []
    leave.set_value(False)
    for field in fields:
        field.set_value("shown")
    browser.run()  # with the values of the page that was left, sent while the server was drawing the next one
    assert [name for name, _ in app.session_state["acted"]] == ["bare"], "Streamlit calls what has left the page"


def test_each_change_of_a_person_counts_once_the_way_back_too() -> None:
    app = open_page()
    for text in ("other", "shown"):
        app.text_input[0].set_value(text).run()
    assert app.session_state["acted"] == [("guarded", "other"), ("guarded", "shown")]


def test_every_change_that_acts_is_guarded() -> None:
    """But for the grid of a sheet and the filters of the metrics, which compare what they hold themselves."""
    bare = []
    for path in sorted(Path(ui.__path__[0]).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            for keyword in call.keywords if isinstance(call, ast.Call) else ():
                text = ast.unparse(keyword.value)
                if keyword.arg == "on_change" and text != "'rerun'" and not text.startswith("when_changed("):
                    bare.append((path.name, text))
    assert bare == [("grid.py", "_edit"), ("selection.py", "_take_typed")]
