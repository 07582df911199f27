"""What a person pressed is done to its end, also where the browser sends something newer meanwhile.

Streamlit ends a run, its callbacks included, at the next look at the session or at the address once a newer message of
the browser is there (``ScriptRunner._maybe_handle_execution_control_request``), and drops what was yet to do. It does
so before the first callback too, and then calls none. It ends a run only while the runner's ``_execing`` is set;
Streamlit has no public switch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import SafeSessionState

run_callbacks = SafeSessionState.on_script_will_rerun
"""Streamlit's own."""


def shield_callbacks() -> None:
    """Let a newer message wait until all callbacks of a message have been called; for all sessions of the process."""
    SafeSessionState.on_script_will_rerun = _run_shielded_callbacks  # type: ignore[method-assign,assignment]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a newer message wait for the end of the block, which is not in a callback."""
    context = get_script_run_ctx(suppress_warning=True)
    with _shielded(context.session_state if context else None):
        yield


def _run_shielded_callbacks(state: SafeSessionState, *args: Any, **options: Any) -> None:
    with _shielded(state):
        run_callbacks(state, *args, **options)


@contextmanager
def _shielded(state: SafeSessionState | None) -> Iterator[None]:
    runner: Any = getattr(getattr(state, "_yield_callback", None), "__self__", None)
    if runner is None or not runner._execing:
        yield
        return
    runner._execing = False
    try:
        yield
    finally:
        runner._execing = True
