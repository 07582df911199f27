"""The figures that the page shows: counted up to now, kept while nothing changes, and how old they are."""

from __future__ import annotations

import datetime as dt
import time
import zoneinfo
from contextlib import nullcontext

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.domain.dimensions import Dimension, DimensionValue
from lib.domain.errors import DatabaseAway, FiguresBeingCounted
from lib.domain.progress import Count
from lib.metrics import counts, service
from lib.metrics.figures import Figures, Part
from lib.studio import Studio
from lib.ui.core import feedback, format_dates, numbers
from lib.ui.core.words import say
from lib.ui.metrics.selection import Selection

KEPT = "metrics_kept"
PATIENCE_S = 0.5
"""Counting for longer than this is shown with how much is left."""
LOOK_S = 0.2
EARLIER_AFTER_S = 3.0
"""Counting for longer than this shows the last figures, if there are any."""
FRESH = dt.timedelta(seconds=10)
"""Figures younger than this are those of the run that shows them."""
CHECK_S = 30
"""How often an open page asks whether its figures are still those of the database."""


def show_and_get(studio: Studio, selection: Selection) -> Figures:
    """The figures of the selection, of the rows as they are now; meanwhile progress or a skeleton in their place.

    Where many rows wait to be counted, the last figures are shown with their time. Counting stops with the page.
    """
    place = st.empty()
    tenants, view_of = selection.tenants, lambda _: selection.view
    shown = st.session_state.get(KEPT, {})
    is_redraw = shown.get("selection") == selection
    with nullcontext() if is_redraw else place.container(), nullcontext() if is_redraw else st.skeleton(height=720):
        figures = service.current(studio, tenants, view_of)
    if figures is None:
        with counts.watched(studio, tenants) as count:
            is_counted = _wait(place, count, has_earlier=_has_earlier(studio, selection))
        figures = (service.counted if is_counted else service.last)(studio, tenants, view_of)
    place.empty()
    if not is_redraw or shown["figures"].versions != figures.versions:
        shown = st.session_state[KEPT] = {"selection": selection, "parts": {}}
    shown["figures"], shown["just_checked"] = figures, figures.as_of >= dt.datetime.now(dt.UTC) - FRESH
    return figures


def _has_earlier(studio: Studio, selection: Selection) -> bool:
    try:
        service.last(studio, selection.tenants, lambda _: selection.view)
    except FiguresBeingCounted:
        return False
    return True


def _wait(place: DeltaGenerator, count: Count, *, has_earlier: bool) -> bool:
    """Show how far the counting is until it has ended; False if that takes long and earlier figures can be shown."""
    started = time.monotonic()
    while not count.wait(LOOK_S):
        passed = time.monotonic() - started
        if has_earlier and passed > EARLIER_AFTER_S:
            return False
        if passed > PATIENCE_S:  # drawn at each look, so that Streamlit can end the run of a page that was closed
            place.progress(count.share, say("metrics.counting", left=numbers.amount(count.left)))
    return True


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
    several = say("metrics.own_zones") if figures.is_of_several else say("metrics.zone", zone=zone)
    period = figures.view.period
    days = f"{format_dates.day(period.first)} – {format_dates.day(period.last)}"
    shown = st.session_state[KEPT]
    try:
        checked = shown.pop("just_checked", False)  # by the run of the whole page, and not by a tick of this fragment
        stale = not checked and service.versions(studio, figures.tenants) != figures.versions
    except DatabaseAway:
        stale = True
    with st.container(horizontal=True, vertical_alignment="center"):
        line = f"{days} · {several} · {say('metrics.as_of', at=at.strftime('%Y-%m-%d %H:%M:%S'))}"
        if figures.view.is_coarser:
            line += f" · {say('metrics.coarser', slot=say(f'metrics.slot_{figures.view.granularity}'))}"
        feedback.show_quietly(feedback.inert(line))
        if stale and st.button(say("metrics.renew"), icon=":material/refresh:", type="tertiary", key="renew"):
            st.rerun()
