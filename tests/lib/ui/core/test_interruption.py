"""A callback is done to its end, although the browser has sent something newer meanwhile."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.support.patience import PATIENCE_S


def page() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from lib.ui.core import feedback

    def interrupted() -> None:
        context = get_script_run_ctx()
        assert context
        assert context.script_requests
        context.script_requests.request_rerun(RerunData(query_string="newer=1"))  # the browser's next message
        st.session_state["seen"] = st.session_state.get("seen", 0) + 1

    def shielded() -> None:
        with feedback.shown_later():
            interrupted()

    st.button("Shielded", on_click=shielded)
    st.button("Bare", on_click=interrupted)
    st.write(st.query_params.get("newer", "older"))


def test_a_newer_message_waits_for_the_end_of_a_callback_and_is_heard_then() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    app.button[0].click().run()
    assert app.session_state["seen"] == 1
    assert app.markdown[0].value == "1", "the newer message was not heard"


def test_streamlit_itself_ends_a_callback_in_silence() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    app.button[1].click().run()
    assert "seen" not in app.session_state
