"""How many captions, how fast, how many tokens, at what cost: every figure can be traced to its rows."""

import streamlit as st

from lib import metrics, studio
from lib.ui import (
    feedback,
    frame,
    metric_cards,
    metric_empty,
    metric_figures,
    metric_report,
    metric_sections,
    metric_selection,
    metric_settings_form,
)

here = studio.current()
tenant_id = frame.tenant_id()
feedback.show_left_error()

with feedback.shown_to_user():
    settings, prices, views = metrics.settings_of(here, tenant_id)
    selection = metric_selection.show(here, tenant_id, settings, views)
    figures = metric_figures.show_and_get(here, selection)
    metric_figures.show_age(here, figures)
    metric_empty.show_mark(figures)
    if metric_empty.is_empty(figures):
        metric_empty.show(here, figures)
    else:
        metric_cards.show(figures)
        metric_cards.show_missing(figures)
        metric_sections.show_unusual(figures)
        with st.grid(2, min_column_width=380, gap="small"):
            metric_sections.show_over_time(figures)
            metric_sections.show_breakdown(here, figures)
            metric_sections.show_latency(figures)
            metric_sections.show_latency_over_time(figures)
            metric_sections.show_hours(figures)
            metric_sections.show_scatter(figures)
            metric_sections.show_outcomes(figures)
            metric_sections.show_budget(figures)
            metric_sections.show_what_if(figures, prices)
        metric_report.show(here, figures)
    metric_settings_form.show(here, tenant_id, settings, prices)
