"""What a team without captions sees: what will be here, and a way to look around in sample data."""

from __future__ import annotations

import streamlit as st

from lib import sample, sample_data
from lib.metrics import Figures
from lib.studio import Studio
from lib.ui import feedback, metric_selection
from lib.ui.words import say


def is_empty(figures: Figures) -> bool:
    """Whether there is nothing to draw."""
    return not (figures.total.rows or figures.before.rows or figures.requests.rows)


def show(here: Studio, figures: Figures) -> None:
    """In place of the figures."""
    with st.container(border=True):
        st.subheader(say("metrics.empty_title"), anchor=False)
        st.markdown(say("metrics.empty"))
        if figures.undated.rows:
            st.markdown(feedback.inert(say("metrics.undated_told", count=figures.undated.rows)))
        if not any(map(sample.is_sample_tenant, figures.tenants)):
            st.button(
                say("metrics.load_sample"), key="load_sample", icon=":material/science:",
                help=say("metrics.load_sample_help"), on_click=_load, args=(here,),
            )  # fmt: skip


def show_mark(figures: Figures) -> None:
    """That it is sample data, wherever it is."""
    if any(map(sample.is_sample_tenant, figures.tenants)):
        st.info(say("metrics.sample"), icon=":material/science:")


def _load(here: Studio) -> None:
    with feedback.shown_later():
        metric_selection.only_tenant(sample_data.load(here))
