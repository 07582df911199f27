"""The report: the whole page as one file for people without an account."""

from __future__ import annotations

import streamlit as st

from lib.metrics import Figures
from lib.sample import is_sample_tenant
from lib.studio import Studio
from lib.ui import metric_cards, metric_export, metric_sections, numbers
from lib.ui.words import say

MADE = "metrics_report"
"""In the session: the report that was made last, beside the figures it was made of."""


@st.fragment
def show(here: Studio, figures: Figures) -> None:
    """A button that makes the report, and then one to take it.

    Made while the page is drawn, and not at the download: there Streamlit 1.67 knows neither session nor language.
    """
    made_of, report = st.session_state.get(MADE, (None, b""))
    with st.container(horizontal=True):
        if st.button(say("metrics.report"), key="make_report", icon=":material/summarize:"):
            made_of, report = st.session_state[MADE] = (figures, make(here, figures))
        if made_of is figures:
            st.download_button(
                say("metrics.download"),
                data=report,
                file_name=metric_export.file_name("feed-studio", report, "html"),
                mime="text/html",
                key="download_report",
                icon=":material/download:",
                on_click="ignore",
            )


def make(here: Studio, figures: Figures) -> bytes:
    """The file."""
    period = figures.wanted.period
    title = say("metrics.report_title", tenants=", ".join(figures.tenants))
    told = [
        f"{numbers.day(period.first)} – {numbers.day(period.last)} · {say('metrics.zone', zone=period.zone)}",
        say("metrics.as_of", at=figures.as_of.isoformat(timespec="seconds")),
        *([say("metrics.sample").replace("*", "")] if any(map(is_sample_tenant, figures.tenants)) else []),
    ]
    notes = [
        *metric_cards.rate_told(figures),
        *metric_cards.missing(figures),
        metric_sections.budget_told(figures),
        *metric_cards.unusual(figures),
    ]
    cards = [
        (card.name, f"{card.value}{f' ({card.change})' if card.change else ''}") for card in metric_cards.cards(figures)
    ]
    return metric_export.as_report(title, told, cards, filter(None, notes), metric_sections.all_charts(here, figures))
