"""What a page reads again at every redraw and may be a little old: kept for all sessions, by tenant."""

from __future__ import annotations

import streamlit as st

from lib import studio
from lib.feed_filter import FeedFilter
from lib.store import jobs, listing
from lib.store.jobs import PipelineJob
from lib.store.listing import Choices

KEPT_S = 30
"""Seconds after which it is read anew; what this app itself changes is read anew at once."""


@st.cache_data(ttl=KEPT_S, max_entries=500, show_spinner=False)
def count(tenant_id: str, wanted: FeedFilter) -> int | None:
    """:func:`lib.store.listing.count`."""
    with studio.current().database.tenant(tenant_id) as db:
        return listing.count(db, tenant_id, wanted)


@st.cache_data(ttl=KEPT_S, max_entries=200, show_spinner=False)
def choices(tenant_id: str) -> Choices:
    """:func:`lib.store.listing.choices`."""
    with studio.current().database.tenant(tenant_id) as db:
        return listing.choices(db, tenant_id)


@st.cache_data(ttl=KEPT_S, max_entries=200, show_spinner=False)
def recent_jobs(tenant_id: str) -> list[PipelineJob]:
    """:func:`lib.store.jobs.recent`."""
    with studio.current().database.tenant(tenant_id) as db:
        return jobs.recent(db, tenant_id)


def forget() -> None:
    """Something was changed here: read all of it anew."""
    count.clear()
    choices.clear()
    recent_jobs.clear()
