"""What went wrong is told in a sentence, and nothing in it is read as markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.core import feedback
from tests.support.patience import PATIENCE_S


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*fat* [a](b)", r"\*fat\* \[a\]\(b\)"),
        ("a\n\n  b", "a b"),
        (":red[x]", "\\:\u2060red\\[x\\]"),
        ("me@here.kr www.x.kr", "me\\@\u2060here\\.kr www\u2060\\.x\\.kr"),
        ("글자", "글자"),
    ],
)
def test_text_is_shown_as_it_stands(text: str, shown: str) -> None:
    assert feedback.inert(text) == shown


def page() -> None:
    import streamlit as st

    from lib.domain.errors import FeedNotFound
    from lib.ui.core import feedback

    def fail() -> None:
        with feedback.shown_later():
            raise FeedNotFound

    def do_well() -> None:
        feedback.toast_later("Done", icon=":material/check:")
        with feedback.shown_later():
            pass

    st.button("Fail", on_click=fail)
    st.button("Do well", on_click=do_well)
    feedback.show_left_error()
    feedback.show_toasts()
    with feedback.shown_to_user():
        if st.toggle("Fail now"):
            raise FeedNotFound
    if not st.session_state.get("is_ended_early"):
        feedback.drawn()


def test_an_error_of_a_callback_is_shown_until_the_next_one() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    app.button[0].click().run()
    assert len(app.error) == 1
    assert len(app.run().error) == 1
    app.button[1].click().run()
    assert (len(app.error), [toast.value for toast in app.toast]) == (0, ["Done"])
    assert not app.run().toast
    app.toggle[0].set_value(True).run()
    assert len(app.error) == 1
    assert not app.exception


def test_an_error_on_a_page_that_was_not_drawn_to_its_end_is_shown_again() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    app.session_state["is_ended_early"] = True
    app.button[0].click().run()
    app.session_state["is_ended_early"] = False
    app.button[1].click().run()
    assert len(app.error) == 1
    app.button[1].click().run()
    assert len(app.error) == 0


def noting_page() -> None:
    import streamlit as st

    from lib.ui.core import feedback

    st.button("Do well", on_click=feedback.toast_later, args=("Done",), kwargs={"icon": ":material/check:"})
    feedback.show_toasts(whole_page=True)
    feedback.show_toasts()


def test_a_passing_note_outlives_the_run_that_follows_at_once() -> None:
    app = AppTest.from_function(noting_page, default_timeout=PATIENCE_S).run()
    app.button[0].click().run()
    assert [toast.value for toast in app.toast] == ["Done"]
    assert [toast.value for toast in app.run().toast] == ["Done"]
    [toast] = app.session_state[feedback.TOASTS]
    app.session_state[feedback.TOASTS] = [replace(toast, shown_at=toast.shown_at - feedback.TOAST_S)]
    assert not app.run().toast
