"""The report: the whole page as one file for people without an account."""

from __future__ import annotations

import streamlit as st

from lib.demo.samples import is_sample_tenant
from lib.metrics.figures import Figures
from lib.studio import Studio
from lib.ui.core import format_dates
from lib.ui.core.words import say
from lib.ui.metrics import cards as card_row
from lib.ui.metrics import export, sections

MADE = "metrics_report"
"""In the session: the report that was made last, beside the figures it was made of."""


@st.fragment
def show(studio: Studio, figures: Figures) -> None:
    """A button that makes the report, and then one to take it.

    Made while the page is drawn, and not at the download: there Streamlit 1.67 knows neither session nor language.
    """
    made_of, report = st.session_state.get(MADE, (None, b""))
    with st.container(horizontal=True):
        if st.button(say("metrics.report"), key="make_report", icon=":material/summarize:"):
            made_of, report = st.session_state[MADE] = (figures, make(studio, figures))
        if made_of is figures:
            st.download_button(
                say("metrics.download"),
                data=report,
                file_name=export.file_name("feed-studio", report, "html"),
                mime="text/html",
                key="download_report",
                icon=":material/download:",
                on_click="ignore",
            )


def make(studio: Studio, figures: Figures) -> bytes:
    """The file."""
    period = figures.view.period
    title = say("metrics.report_title", tenants=", ".join(figures.tenants))
    told = [
        f"{format_dates.day(period.first)} – {format_dates.day(period.last)} · {say('metrics.zone', zone=period.zone)}",
        say("metrics.as_of", at=figures.as_of.isoformat(timespec="seconds")),
        *([say("metrics.sample").replace("*", "")] if any(map(is_sample_tenant, figures.tenants)) else []),
    ]
    notes = [
        *card_row.rate_told(figures),
        *card_row.missing(figures),
        sections.budget_told(figures),
        *card_row.unusual(figures),
    ]
    cards = [
        (card.name, f"{card.value}{f' ({card.change})' if card.change else ''}") for card in card_row.cards(figures)
    ]
    return export.as_report(title, told, cards, filter(None, notes), sections.all_charts(studio, figures))
