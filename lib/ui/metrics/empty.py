"""What a team without captions sees: what will be here, and a way to look around in sample data."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from lib.demo.samples import is_sample_tenant
from lib.feeds import samples
from lib.metrics.figures import Figures
from lib.studio import Studio
from lib.ui.core import feedback, format_dates
from lib.ui.core.words import say
from lib.ui.metrics import selection


def is_empty(figures: Figures) -> bool:
    """Whether there is nothing to draw."""
    return not (figures.total.rows or figures.before.rows or figures.requests.rows)


def last_day_elsewhere(figures: Figures) -> dt.date | None:
    """The day of the newest caption, if it is in neither period; None also if the team has no captions."""
    last, period = figures.last_day, figures.view.period
    return None if last is None or period.before.first <= last <= period.last else last


def show(studio: Studio, figures: Figures) -> None:
    """In place of the figures."""
    with st.container(border=True):
        st.subheader(say("metrics.empty_title"), anchor=False)
        if last := last_day_elsewhere(figures):
            st.markdown(feedback.inert(say("metrics.last_caption", day=format_dates.day(last))))
            st.button(
                say("metrics.show_last"), key="show_last", icon=":material/history:", type="primary",
                on_click=selection.show_until, args=(last,),
            )  # fmt: skip
            return
        st.markdown(say("metrics.empty"))
        if figures.undated.rows:
            st.markdown(feedback.inert(say("metrics.undated_told", count=figures.undated.rows)))
        if not any(map(is_sample_tenant, figures.tenants)):
            st.button(
                say("metrics.load_sample"), key="load_sample", icon=":material/science:",
                help=say("metrics.load_sample_help"), on_click=_load, args=(studio,),
            )  # fmt: skip


def show_mark(figures: Figures) -> None:
    """Say that the figures are of sample data, if they are."""
    if any(map(is_sample_tenant, figures.tenants)):
        st.info(say("metrics.sample"), icon=":material/science:")


def _load(studio: Studio) -> None:
    with feedback.shown_later():
        selection.only_tenant(samples.load(studio))
