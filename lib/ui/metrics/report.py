"""The report: the whole page as one file for people without an account."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
import plotly.graph_objects as go
import plotly.io
import streamlit as st
from markupsafe import Markup

from lib.demo.samples import is_sample_tenant
from lib.exports.safe_text import composed, composed_in
from lib.metrics.figures import Figures
from lib.studio import Studio
from lib.ui.core import format_dates
from lib.ui.core.words import language, say
from lib.ui.metrics import cards as card_row
from lib.ui.metrics import export, sections
from lib.ui.metrics.chart_parts import Chart

INK, PAPER = "#23252d", "#fcfbf8"

_TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)

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
    """The page as one HTML file that fetches nothing; all text in it is escaped."""
    period = figures.view.period
    introduction = [
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
    charts = sections.all_charts(studio, figures)
    teams = ", ".join(name or say("metrics.all_tenants") for name in figures.tenants)
    page = _TEMPLATES.get_template("report.html").render(
        language=language(),
        title=say("metrics.report_title", tenants=teams),
        ink=INK,
        paper=PAPER,
        introduction=introduction,
        cards=[
            (card.name, f"{card.value} ({card.change})" if card.change else card.value)
            for card in card_row.cards(figures)
        ],
        notes=filter(None, notes),
        table_label=say("metrics.table"),
        charts=[(heading, chart, _picture(chart, first=chart is charts[0][1])) for heading, chart in charts],
    )
    return composed(page).encode()


def _picture(chart: Chart, *, first: bool) -> Markup:
    """The chart as HTML by Plotly; the first one of a page carries Plotly's program."""
    figure = go.Figure(composed_in(chart.figure.to_dict()))  # in the page its texts are written as escapes
    figure.update_layout(
        template="plotly_white", colorway=st.get_option("theme.light.chartCategoricalColors"), font_color=INK,
        paper_bgcolor=PAPER, plot_bgcolor=PAPER, title=None,
    )  # fmt: skip
    drawn = plotly.io.to_html(figure, include_plotlyjs=first, full_html=False, config={"displaylogo": False})
    return Markup(drawn)  # noqa: S704 - Plotly writes the data as JSON with "<" escaped


def _plain(value: Any) -> str:
    """A value of a table, unrounded; empty if it is unknown."""
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


_TEMPLATES.filters["plain"] = _plain
