"""Which run or feed the page shows, and which run a press of a button begins.

Both stand in the address. Until the browser has heard of a press's run, every press is the same press: the second click
of a double click is no other one. With the run's id in the idempotency key, the same press is never paid twice.
"""

from __future__ import annotations

import uuid

import streamlit as st

from lib.domain.errors import FeedNotFound, RunNotFound
from lib.ui.core import url_state

RUN, FEED = "run", "feed"
PRESSED = "pressed"
"""In the session: the run of a press that the browser may not know of yet."""
LONGEST_TOLD = 80
"""Characters of a broken address that an error repeats: an id has 36."""


def press() -> uuid.UUID:
    """The run that this press of a button begins; call it first thing in the button's callback.

    The same run as the press before, where the browser had not heard of that one when it was pressed again.
    """
    pressed: uuid.UUID | None = st.session_state.get(PRESSED)
    if pressed is None or st.query_params.get(RUN) == str(pressed):
        pressed = st.session_state[PRESSED] = uuid.uuid4()
    return pressed


def is_open(run_id: uuid.UUID) -> bool:
    """Whether the page already shows this run: a second press of the same button asks for no more than that."""
    return asked_for(RUN) == run_id


def key(run_id: uuid.UUID, variant: int = 1) -> str:
    """The idempotency key under which the press of a button asks for this variant of its run."""
    return f"page:{run_id}:{variant}"


def open_run(run_id: uuid.UUID) -> None:
    """Show what this press of the button writes."""
    url_state.show({RUN: str(run_id), FEED: None})
    if st.session_state.get(PRESSED) != run_id:
        st.session_state.pop(PRESSED, None)


def open_feed(feed_id: uuid.UUID) -> None:
    """Show a stored feed."""
    st.session_state.pop(PRESSED, None)
    url_state.show({RUN: None, FEED: str(feed_id)})


def close() -> None:
    """Show neither."""
    st.session_state.pop(PRESSED, None)
    url_state.show({RUN: None, FEED: None})


def settle() -> None:
    """A press whose run the browser has heard of is over; once in every full run and at every tick."""
    pressed: uuid.UUID | None = st.session_state.get(PRESSED)
    if pressed and url_state.is_known() and st.query_params.get(RUN) == str(pressed):
        del st.session_state[PRESSED]


def tick() -> None:
    """A fragment's time has come, and the browser has said what it knows."""
    url_state.tick()
    settle()


def asked_for(name: str) -> uuid.UUID | None:
    """The run or the feed that is to be shown; None too for what is no id."""
    try:
        return uuid.UUID(str(url_state.told(name)))
    except ValueError:
        return None


def check_address() -> None:
    """Raises ``FeedNotFound`` or ``RunNotFound`` where the address names what cannot be the id of one."""
    for name, error in ((FEED, FeedNotFound), (RUN, RunNotFound)):
        told = st.query_params.get(name)
        if told is not None and asked_for(FEED) is None and asked_for(RUN) is None:
            raise error(**{f"{name}_id": told[:LONGEST_TOLD]})
