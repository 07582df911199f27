"""The report: the whole page as one file for people without an account."""

from __future__ import annotations

import hashlib

import streamlit as st

from lib.metrics import Figures
from lib.sample import is_sample_tenant
from lib.studio import Studio
from lib.ui import metric_cards, metric_export, metric_sections, numbers
from lib.ui.words import say


def show(here: Studio, figures: Figures) -> None:
    """The button; the file is made when it is pressed."""
    mark = hashlib.sha256(f"{figures.tenants}{figures.wanted}{figures.as_of}".encode()).hexdigest()[:10]
    st.download_button(
        say("metrics.report"), data=lambda: make(here, figures), file_name=f"feed-studio-{mark}.html", mime="text/html",
        key="report", icon=":material/picture_as_pdf:", on_click="ignore",
    )  # fmt: skip


def make(here: Studio, figures: Figures) -> bytes:
    """The file."""
    period = figures.wanted.period
    title = say("metrics.report_title", tenants=", ".join(figures.tenants))
    told = [
        f"{numbers.day(period.first)} – {numbers.day(period.last)} · {say('metrics.zone', zone=period.zone)}",
        say("metrics.as_of", at=figures.as_of.isoformat(timespec="seconds")),
        *([say("metrics.sample")] if any(map(is_sample_tenant, figures.tenants)) else []),
        *metric_cards.missing(figures),
        metric_sections.budget_told(figures),
        *metric_cards.unusual(figures),
    ]
    cards = [
        (card.name, f"{card.value}{f' ({card.change})' if card.change else ''}") for card in metric_cards.cards(figures)
    ]
    return metric_export.as_report(title, filter(None, told), cards, metric_sections.all_charts(here, figures))
