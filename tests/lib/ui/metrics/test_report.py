"""The report is one file that fetches nothing."""

from __future__ import annotations

from typing import Any

from lib.studio import Studio
from lib.ui.metrics import cards as card_row
from lib.ui.metrics import report as reports
from tests.support.metrics_page import drawn, figures_of


def test_the_report_is_one_file_that_fetches_nothing(captions: Any, studio: Studio) -> None:
    told = figures_of(studio, captions)

    def make() -> Any:
        import streamlit as st

        from lib.ui.metrics import figures

        st.session_state[figures.KEPT] = {"parts": {}}
        return reports.make(studio, told), card_row.cards(told)

    report, shown = drawn(studio, make)
    page = report.decode()
    assert "<script src" not in page
    assert "<link" not in page
    assert "<img" not in page.partition("<h1>")[2].partition("<script")[0]
    assert "<b>" not in page.partition("<h1>")[2].partition("plotly.js")[0]
    assert page.count("<section>") >= 6
    for card in shown:
        assert card.name in page
    assert f"{told.total.cost_usd:f}" in page or shown[1].value in page
