"""What a page reads again at every redraw, kept for all sessions until any program changes the tenant's data.

Each entry is kept under the version of the tenant's data (:mod:`lib.store.tenant_changes`), which the database changes
in the transaction of the change. So every process notices it at its next page run, and nothing is cleared by hand.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib import studio
from lib.domain.feed_filter import FeedFilter
from lib.domain.pricing import OwnPrice
from lib.experiments import prompts
from lib.metrics import settings
from lib.store import attempt_listing, feed_listing, pipeline_jobs, tenant_changes
from lib.store.experiments import definitions
from lib.store.feed_listing import Choices
from lib.store.pipeline_jobs import PipelineJob

VERSIONS = "tenant_versions"
"""In the session: the versions that this page run has read, with a mark of the run."""
MOST_EXPERIMENTS = 20
"""Experiments that the figures can be filtered by, the newest ones."""
JOBS_KEPT_S = 30
"""Seconds. A pipeline's table of jobs may lie where this app can make no trigger; see studio_record_change.sql."""


def version(tenant_id: str) -> int:
    """The version of the tenant's data. A page run reads it once; a callback, which may write, reads it each time."""
    run = get_script_run_ctx()
    if run is None or not run.has_script_started:
        return _read_version(tenant_id)
    mark, versions = st.session_state.get(VERSIONS, (None, {}))
    if mark is not run.cursors:  # Streamlit makes this dict anew for each run of a page or of a fragment
        versions = {}
        st.session_state[VERSIONS] = (run.cursors, versions)
    if tenant_id not in versions:
        versions[tenant_id] = _read_version(tenant_id)
    return int(versions[tenant_id])


def _read_version(tenant_id: str) -> int:
    with studio.current().database.tenant(tenant_id) as db:
        return tenant_changes.version(db, tenant_id)


def count(tenant_id: str, filters: FeedFilter) -> int | None:
    """:func:`lib.store.feed_listing.count`."""
    return _count(tenant_id, filters, version(tenant_id))


def requests_counted(tenant_id: str, filters: FeedFilter, endings: tuple[str, ...]) -> tuple[int, list[str]]:
    """How many requests ended in one of these ways (none: in any), and the ways in which those of the period ended."""
    return _requests_counted(tenant_id, filters, endings, version(tenant_id))


def choices(tenant_id: str) -> Choices:
    """:func:`lib.store.feed_listing.choices`."""
    return _choices(tenant_id, version(tenant_id))


def recent_jobs(tenant_id: str) -> list[PipelineJob]:
    """:func:`lib.store.pipeline_jobs.recent`."""
    return _recent_jobs(tenant_id, version(tenant_id))


def own_prices(tenant_id: str) -> list[OwnPrice]:
    """:func:`lib.metrics.settings.own_prices_of`."""
    return _own_prices(tenant_id, version(tenant_id))


def default_prompt(tenant_id: str) -> str | None:
    """:func:`lib.experiments.prompts.default_text`."""
    return _default_prompt(tenant_id, version(tenant_id))


def experiments(tenant_id: str) -> list[tuple[str, str, list[int]]]:
    """Id, name and variants of the team's newest experiments."""
    return _experiments(tenant_id, version(tenant_id))


@st.cache_data(max_entries=500, show_spinner=False)
def _count(tenant_id: str, filters: FeedFilter, version: int) -> int | None:  # noqa: ARG001 - a part of its key
    with studio.current().database.tenant(tenant_id) as db:
        return feed_listing.count(db, tenant_id, filters)


@st.cache_data(max_entries=200, show_spinner=False)
def _requests_counted(
    tenant_id: str,
    filters: FeedFilter,
    endings: tuple[str, ...],
    version: int,  # noqa: ARG001 - a part of its key
) -> tuple[int, list[str]]:
    with studio.current().database.tenant(tenant_id) as db:
        return (
            attempt_listing.count(db, tenant_id, filters, endings),
            attempt_listing.endings(db, tenant_id, filters),
        )


@st.cache_data(max_entries=200, show_spinner=False)
def _choices(tenant_id: str, version: int) -> Choices:  # noqa: ARG001 - a part of its key
    with studio.current().database.tenant(tenant_id) as db:
        return feed_listing.choices(db, tenant_id)


@st.cache_data(ttl=JOBS_KEPT_S, max_entries=200, show_spinner=False)
def _recent_jobs(tenant_id: str, version: int) -> list[PipelineJob]:  # noqa: ARG001 - a part of its key
    with studio.current().database.tenant(tenant_id) as db:
        return pipeline_jobs.recent(db, tenant_id)


@st.cache_data(max_entries=200, show_spinner=False)
def _own_prices(tenant_id: str, version: int) -> list[OwnPrice]:  # noqa: ARG001 - a part of its key
    return settings.own_prices_of(studio.current(), tenant_id)


@st.cache_data(max_entries=200, show_spinner=False)
def _default_prompt(tenant_id: str, version: int) -> str | None:  # noqa: ARG001 - a part of its key
    return prompts.default_text(studio.current(), tenant_id)


@st.cache_data(max_entries=200, show_spinner=False)
def _experiments(tenant_id: str, version: int) -> list[tuple[str, str, list[int]]]:  # noqa: ARG001 - a part of its key
    with studio.current().database.tenant(tenant_id) as db:
        return [
            (str(each.experiment_id), each.name, sorted(variants))
            for each, variants in definitions.with_variants(db, tenant_id, MOST_EXPERIMENTS)
        ]
