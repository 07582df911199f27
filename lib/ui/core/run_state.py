"""Which run or feed the page shows, and which run a press of a button begins.

Both stand in the address. Until the browser has heard of a press's run, every press is the same press: the second click
of a double click is no other one. With the run's id in the idempotency key, the same press is never paid twice.
"""

from __future__ import annotations

import uuid

import streamlit as st

from lib.domain.errors import StudioError
from lib.ui.core import url_state
from lib.ui.core.addresses import RUN, GenerateAddress

PRESSED = "pressed"
"""In the session: the run of a press that the browser may not know of yet."""


def press() -> uuid.UUID:
    """The run that this press of a button begins; call it first thing in the button's callback.

    The same run as the press before, where the browser had not heard of that one when it was pressed again.
    """
    pressed: uuid.UUID | None = st.session_state.get(PRESSED)
    if pressed is None or url_state.carried(RUN) == str(pressed):
        pressed = st.session_state[PRESSED] = uuid.uuid4()
    return pressed


def is_open(run_id: uuid.UUID) -> bool:
    """Whether the page already shows this run: a second press of the same button asks for no more than that."""
    return shown().run == run_id


def key(run_id: uuid.UUID, variant: int = 1) -> str:
    """The idempotency key under which the press of a button asks for this variant of its run."""
    return f"page:{run_id}:{variant}"


def open_run(run_id: uuid.UUID) -> None:
    """Show what this press of the button writes."""
    GenerateAddress(run=run_id).show()
    if st.session_state.get(PRESSED) != run_id:
        st.session_state.pop(PRESSED, None)


def open_feed(feed_id: uuid.UUID) -> None:
    """Show a stored feed."""
    st.session_state.pop(PRESSED, None)
    GenerateAddress(feed=feed_id).show()


def close() -> None:
    """Show neither."""
    st.session_state.pop(PRESSED, None)
    GenerateAddress().show()


def settle() -> None:
    """A press whose run the browser has heard of is over; once in every full run and at every tick."""
    pressed: uuid.UUID | None = st.session_state.get(PRESSED)
    if pressed and url_state.is_known() and url_state.carried(RUN) == str(pressed):
        del st.session_state[PRESSED]


def tick() -> None:
    """A fragment's time has come, and the browser has said what it knows."""
    url_state.tick()
    settle()


def shown() -> GenerateAddress:
    """The run or the feed that is to be shown; neither where the address names what cannot be an id."""
    try:
        return GenerateAddress.read()
    except StudioError:
        return GenerateAddress()
