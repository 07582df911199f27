"""How many captions, how fast, how many tokens, at what cost: every figure can be traced to its rows."""

import streamlit as st

from lib import studio as studios
from lib.metrics import settings as metric_settings
from lib.ui.core import feedback, session
from lib.ui.metrics import cards, empty, report, sections, settings_form
from lib.ui.metrics import figures as figures_shown
from lib.ui.metrics import selection as selector

studio = studios.current()
tenant_id = session.tenant_id()

with feedback.shown_to_user():
    settings, prices, views = metric_settings.settings_of(studio, tenant_id)
    selection = selector.show(studio, tenant_id, settings, views)
    figures = figures_shown.show_and_get(studio, selection)
    figures_shown.show_age(studio, figures)
    empty.show_mark(figures)
    if empty.is_empty(figures):
        empty.show(studio, figures)
    else:
        cards.show(figures)
        cards.show_missing(figures)
        sections.show_unusual(figures)
        with st.grid(2, min_column_width=380, gap="small"):
            sections.show_over_time(figures)
            sections.show_breakdown(studio, figures)
            sections.show_latency(figures)
            sections.show_latency_over_time(figures)
            sections.show_hours(figures)
            sections.show_scatter(figures)
            sections.show_outcomes(figures)
            sections.show_budget(figures)
            sections.show_what_if(figures, prices)
        report.show(studio, figures)
    settings_form.show(studio, tenant_id, settings, prices)
