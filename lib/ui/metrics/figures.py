"""The figures that the page shows: counted up to now, kept while nothing changes, and how old they are."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import zoneinfo
from typing import Any, cast

import streamlit as st

from lib.domain.dimensions import Dimension, DimensionValue
from lib.domain.errors import DatabaseAway
from lib.metrics import service
from lib.metrics.figures import Figures, Part
from lib.studio import Studio
from lib.ui.core import feedback, format_dates, numbers
from lib.ui.core.words import say
from lib.ui.metrics.selection import Selection

KEPT = "metrics_kept"
PATIENCE_S = 0.5
"""Counting for longer than this is shown with how much is left."""
CHECK_S = 30
"""How often an open page asks whether its figures are still those of the database."""


def show_and_get(studio: Studio, selection: Selection) -> Figures:
    """The figures of the selection, of the rows as they are now; meanwhile progress or a skeleton in their place.

    While nothing changes, one transaction a team finds that out, and the figures of the last run are shown.
    """
    place = st.empty()
    versions = service.versions(studio, selection.tenants)
    shown: dict[str, Any] = st.session_state.get(KEPT, {})
    is_current = shown.get("selection") == selection and shown.get("versions") == versions
    if is_current and all(number is not None for number, _ in versions):
        # Nothing has changed since, so these are also the figures of now.
        shown["figures"] = dataclasses.replace(shown["figures"], as_of=dt.datetime.now(dt.UTC))
    else:
        for tenant_id in selection.tenants:
            until, whole = time.monotonic() + PATIENCE_S, 0
            for left in service.count(studio, tenant_id):
                whole = max(whole, left)
                if left and time.monotonic() > until:
                    place.progress(1 - left / whole, say("metrics.counting", left=numbers.amount(left)))
        with place.container(), st.skeleton(height=720):
            figures = service.figures(studio, selection.tenants, selection.view)
        versions = service.versions(studio, selection.tenants)
        shown = {"selection": selection, "versions": versions, "figures": figures, "parts": {}}
        st.session_state[KEPT] = shown
    place.empty()
    shown["just_checked"] = True
    return cast("Figures", shown["figures"])


def parts(studio: Studio, figures: Figures, dimension: Dimension) -> dict[DimensionValue, Part]:
    """The figures by the values of a dimension, read when they are first shown."""
    parts: dict[Dimension, dict[DimensionValue, Part]] = st.session_state[KEPT]["parts"]
    if dimension not in parts:
        parts[dimension] = service.breakdown(studio, figures.tenants, figures.view, dimension)
    return parts[dimension]


@st.fragment(run_every=CHECK_S)
def show_age(studio: Studio, figures: Figures) -> None:
    """The time and time zone of the figures; checked again and again, and a button to renew them once they change."""
    zone = figures.view.period.zone
    at = figures.as_of.astimezone(zoneinfo.ZoneInfo(zone))
    several = say("metrics.own_zones") if len(figures.tenants) > 1 else say("metrics.zone", zone=zone)
    period = figures.view.period
    days = f"{format_dates.day(period.first)} – {format_dates.day(period.last)}"
    shown = st.session_state[KEPT]
    try:
        checked = shown.pop("just_checked", False)  # by the run of the whole page, and not by a tick of this fragment
        stale = not checked and service.versions(studio, figures.tenants) != shown["versions"]
    except DatabaseAway:
        stale = True
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f"{days} · {several} · {say('metrics.as_of', at=at.strftime('%Y-%m-%d %H:%M:%S'))}"
        feedback.show_quietly(feedback.inert(told))
        if stale and st.button(say("metrics.renew"), icon=":material/refresh:", type="tertiary", key="renew"):
            st.rerun()
