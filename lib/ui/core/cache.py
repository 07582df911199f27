"""What a page reads again at every redraw and may be a little old: kept for all sessions, by tenant."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from lib import studio
from lib.domain.feed_filter import FeedFilter
from lib.domain.pricing import OwnPrice
from lib.metrics import settings
from lib.store import attempt_listing, feed_listing, pipeline_jobs
from lib.store.feed_listing import Choices
from lib.store.pipeline_jobs import PipelineJob

KEPT_S = 30
"""Seconds after which it is read anew; what this app itself changes is read anew at once."""


_changes: Counter[str] = Counter()
"""How often something of each tenant was changed here."""


def count(tenant_id: str, wanted: FeedFilter) -> int | None:
    """:func:`lib.store.feed_listing.count`."""
    return _count(tenant_id, wanted, _changes[tenant_id])


def requests_counted(tenant_id: str, wanted: FeedFilter, ended: tuple[str, ...]) -> tuple[int, list[str]]:
    """How many requests there are, and how those of the period ended: :mod:`lib.store.attempt_listing`."""
    return _requests_counted(tenant_id, wanted, ended, _changes[tenant_id])


def choices(tenant_id: str) -> Choices:
    """:func:`lib.store.feed_listing.choices`."""
    return _choices(tenant_id, _changes[tenant_id])


def own_prices(tenant_id: str) -> list[OwnPrice]:
    """:func:`lib.metrics.settings.own_prices_of`."""
    return _own_prices(tenant_id, _changes[tenant_id])


def forget(tenant_id: str) -> None:
    """Something of the tenant's was changed here: read it anew."""
    _changes[tenant_id] += 1


@st.cache_data(ttl=KEPT_S, max_entries=500, show_spinner=False)
def _count(tenant_id: str, wanted: FeedFilter, changes: int) -> int | None:  # noqa: ARG001 - a part of its key
    with studio.current().database.tenant(tenant_id) as db:
        return feed_listing.count(db, tenant_id, wanted)


@st.cache_data(ttl=KEPT_S, max_entries=200, show_spinner=False)
def _requests_counted(
    tenant_id: str,
    wanted: FeedFilter,
    ended: tuple[str, ...],
    changes: int,  # noqa: ARG001 - a part of its key
) -> tuple[int, list[str]]:
    with studio.current().database.tenant(tenant_id) as db:
        return attempt_listing.count(db, tenant_id, wanted, ended), attempt_listing.endings(db, tenant_id, wanted)


@st.cache_data(ttl=KEPT_S, max_entries=200, show_spinner=False)
def _choices(tenant_id: str, changes: int) -> Choices:  # noqa: ARG001 - a part of its key
    with studio.current().database.tenant(tenant_id) as db:
        return feed_listing.choices(db, tenant_id)


@st.cache_data(ttl=KEPT_S, max_entries=200, show_spinner=False)
def recent_jobs(tenant_id: str) -> list[PipelineJob]:
    """:func:`lib.store.pipeline_jobs.recent`."""
    with studio.current().database.tenant(tenant_id) as db:
        return pipeline_jobs.recent(db, tenant_id)


@st.cache_data(ttl=KEPT_S, max_entries=200, show_spinner=False)
def _own_prices(tenant_id: str, changes: int) -> list[OwnPrice]:  # noqa: ARG001 - a part of its key
    return settings.own_prices_of(studio.current(), tenant_id)
