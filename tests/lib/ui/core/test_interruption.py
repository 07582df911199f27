"""A callback is called, and done to its end, although the browser has sent something newer meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.testing.v1 import AppTest

from lib.ui.core import interruption
from tests.support.patience import PATIENCE_S


@pytest.fixture(params=[True, False], ids=["shielded", "as Streamlit has it"])
def is_shielded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With the shield of this app's pages, and without."""
    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", interruption.run_callbacks)
    if request.param:
        interruption.shield_callbacks()
    return bool(request.param)


def page() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from lib.ui.core.interruption import uninterrupted

    def act() -> None:
        context = get_script_run_ctx()
        assert context
        assert context.script_requests
        context.script_requests.request_rerun(RerunData(query_string="newer=1"))  # the browser's next message
        st.session_state["seen"] = st.session_state.get("seen", 0) + 1

    st.button("In a callback", on_click=act)
    if st.button("In the run"):
        with uninterrupted():
            act()
    st.write(st.query_params.get("newer", "older"))


def test_a_newer_message_waits_for_the_end_of_a_callback_and_is_heard_then(is_shielded: bool) -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    app.button[0].click().run()
    assert ("seen" in app.session_state) is is_shielded
    assert app.markdown[0].value == "1", "the newer message was not heard"


def test_a_newer_message_waits_for_the_end_of_a_block_of_the_run() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    app.button[1].click().run()
    assert app.session_state["seen"] == 1
    assert app.markdown[0].value == "1", "the newer message was not heard"


class Runner:
    """A run of which something newer is known before its callbacks have begun."""

    def __init__(self) -> None:
        self._execing = True

    def end(self) -> None:
        if self._execing:
            raise InterruptedError


def test_a_newer_message_waits_for_callbacks_that_have_not_begun(is_shielded: bool) -> None:
    runner = Runner()
    run_callbacks: Callable[[None], None] = SafeSessionState(SessionState(), runner.end).on_script_will_rerun
    if is_shielded:
        run_callbacks(None)
    else:
        with pytest.raises(InterruptedError):
            run_callbacks(None)
    assert runner._execing, "the run that follows can be ended again"
