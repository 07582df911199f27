"""What a person pressed is done to its end, also where the browser sends something newer meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a newer message of the browser wait for the end of the block.

    Streamlit ends a run, its callbacks included, at the next look at the session or at the address once a newer message
    is there (``ScriptRunner._maybe_handle_execution_control_request``), and it drops what the callback had yet to do.
    It does so only while ``_execing`` is set; Streamlit has no public switch.
    """
    context = get_script_run_ctx(suppress_warning=True)
    runner: Any = getattr(getattr(context and context.session_state, "_yield_callback", None), "__self__", None)
    if runner is None or not runner._execing:
        yield
        return
    runner._execing = False
    try:
        yield
    finally:
        runner._execing = True
