"""Which run or feed the page shows, and which run a press of a button begins.

Both stand in the address, so that a link or a reload shows the same again. But every message of the browser carries
the address as the browser knew it, and Streamlit takes that for the truth: the second click of a double click, or a
tick that was on its way, would take the page back to before the first. So what a press opened goes ahead of the
address until a message comes that carries it, and until then every press is the same press. With the run's id in the
idempotency key, the same press is never paid twice.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import streamlit as st

from lib.errors import FeedNotFound, RunNotFound
from lib.studio import Studio

RUN, FEED = "run", "feed"
AHEAD, PRESSED, DRAWING = "shown_ahead", "pressed", "drawing"
"""In the session: what is shown though the browser may not know yet; the run of a press it may not know of yet; whether
the whole page is being drawn, and not a fragment at a tick of the browser's."""
LONGEST_TOLD = 80
"""Characters of a broken address that an error repeats: an id has 36."""


@dataclass
class _Ahead:
    """What the address is to name; ``fresh`` until the page was drawn with it, whatever the address says by then."""

    run: str | None = None
    feed: str | None = None
    fresh: bool = True

    def is_in_the_address(self) -> bool:
        return (st.query_params.get(RUN), st.query_params.get(FEED)) == (self.run, self.feed)

    def put_in_the_address(self) -> None:
        for name, value in ((RUN, self.run), (FEED, self.feed)):
            if value is None:
                st.query_params.pop(name, None)
            elif st.query_params.get(name) != value:
                st.query_params[name] = value


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
    _show(_Ahead(run=str(run_id)))
    if st.session_state.get(PRESSED) != run_id:
        st.session_state.pop(PRESSED, None)


def open_feed(feed_id: uuid.UUID) -> None:
    """Show a stored feed."""
    st.session_state.pop(PRESSED, None)
    _show(_Ahead(feed=str(feed_id)))


def close() -> None:
    """Show neither."""
    st.session_state.pop(PRESSED, None)
    _show(_Ahead())


def settle() -> None:
    """Let the address and what is shown agree; once in every full run, after the callbacks and before the page."""
    st.session_state[DRAWING] = True
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    if ahead is None:
        return
    if ahead.is_in_the_address() and not ahead.fresh:
        _heard(ahead)
        return
    ahead.fresh = False
    ahead.put_in_the_address()


def drawn() -> None:
    """The whole page stands; what runs from here on is a fragment. Last thing in every full run."""
    st.session_state[DRAWING] = False


def tick() -> None:
    """What the browser says when a fragment's time has come carries the address too, as it knows it by then."""
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    if ahead and not st.session_state.get(DRAWING) and ahead.is_in_the_address():
        _heard(ahead)


def draw_again() -> None:
    """Run the whole page again, from within a fragment or a callback; the browser has not spoken meanwhile."""
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    if ahead:
        ahead.fresh = True
    st.rerun()


def asked_for(name: str) -> uuid.UUID | None:
    """The run or the feed that is to be shown; None too for what is no id."""
    ahead: _Ahead | None = st.session_state.get(AHEAD)
    told = st.query_params.get(name) if ahead is None else getattr(ahead, name)
    try:
        return uuid.UUID(str(told))
    except ValueError:
        return None


def check_address() -> None:
    """Raises ``FeedNotFound`` or ``RunNotFound`` where the address names what cannot be the id of one."""
    for name, error in ((FEED, FeedNotFound), (RUN, RunNotFound)):
        told = st.query_params.get(name)
        if told is not None and asked_for(FEED) is None and asked_for(RUN) is None:
            raise error(**{f"{name}_id": told[:LONGEST_TOLD]})


def being_written(here: Studio) -> bool:
    """Whether the run that this page shows is still being written by this process."""
    run_id = asked_for(RUN)
    return run_id is not None and any(progress.run_id == run_id for progress in list(here.running.values()))


def _heard(ahead: _Ahead) -> None:
    """The browser knows: from here on it leads, also back."""
    del st.session_state[AHEAD]
    if str(st.session_state.get(PRESSED)) == ahead.run:
        del st.session_state[PRESSED]


def _show(ahead: _Ahead) -> None:
    st.session_state[AHEAD] = ahead
    ahead.put_in_the_address()
