"""Which run or feed the page shows. It stands in the address, so that a link or a reload shows the same again."""

from __future__ import annotations

import uuid

import streamlit as st

from lib.studio import Studio

RUN, FEED = "run", "feed"


def open_run(run_id: uuid.UUID) -> None:
    """Show what this press of the button writes."""
    st.query_params.pop(FEED, None)
    st.query_params[RUN] = str(run_id)


def open_feed(feed_id: uuid.UUID) -> None:
    """Show a stored feed."""
    st.query_params.pop(RUN, None)
    st.query_params[FEED] = str(feed_id)


def close() -> None:
    """Show neither."""
    for name in (RUN, FEED):
        st.query_params.pop(name, None)


def asked_for(name: str) -> uuid.UUID | None:
    """The run or the feed that the address names; None too for what is no id."""
    try:
        return uuid.UUID(str(st.query_params.get(name)))
    except ValueError:
        return None


def being_written(here: Studio) -> bool:
    """Whether the run that this page shows is still being written by this process."""
    run_id = asked_for(RUN)
    return run_id is not None and any(progress.run_id == run_id for progress in list(here.running.values()))
