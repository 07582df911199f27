"""The pictures of the metrics page, each with its controls, its table and its file; a press opens its rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import zoneinfo
from typing import Any, cast

import streamlit as st

from lib.domain import pricing
from lib.domain.dimensions import GROUPED, Dimension
from lib.domain.forecast import what_if
from lib.domain.models import is_demo
from lib.metrics import settings
from lib.metrics.figures import Figures
from lib.store.metrics.settings import Price
from lib.studio import Studio
from lib.ui.components.open_url import open_url
from lib.ui.core import feedback, numbers
from lib.ui.core.words import language, say
from lib.ui.metrics import cards, chart_parts, charts, export
from lib.ui.metrics import figures as figures_shown
from lib.ui.metrics.chart_parts import Chart

SHOWN = 4
"""Unusual days that are listed at once."""
CONFIG = {"displayModeBar": False, "responsive": True}


@st.fragment
def show_over_time(figures: Figures) -> None:
    """Captions, cost or tokens over time, by model."""
    with st.container(border=True, height="stretch"):
        _title("over_time")
        measure = _choose("over_time_measure", chart_parts.STACKED, "metrics")
        _draw(figures, charts.over_time(figures, measure))


@st.fragment
def show_breakdown(studio: Studio, figures: Figures) -> None:
    """What each model, tone, source, prompt version, job or team has part in."""
    with st.container(border=True, height="stretch"):
        _title("breakdown")
        dimensions = [*GROUPED, *(["tenant"] if figures.is_of_several else [])]
        with st.container(horizontal=True):
            dimension = _choose("breakdown_facet", dimensions, "metrics_facet")
            measure = _choose("breakdown_measure", tuple(chart_parts.MEASURES), "metrics")
        if dimension == "tenant":
            named = figures.by_tenant
        else:
            named = figures_shown.parts(studio, figures, cast("Dimension", dimension))
        _draw(figures, charts.breakdown(figures, named, dimension, measure))


@st.fragment
def show_latency(figures: Figures) -> None:
    """How long captions took: their distribution."""
    with st.container(border=True, height="stretch"):
        _title("latency_histogram")
        _draw(figures, charts.latency_histogram(figures))


@st.fragment
def show_latency_over_time(figures: Figures) -> None:
    """How long captions took, over time."""
    with st.container(border=True, height="stretch"):
        _title("latency_over_time")
        _draw(figures, charts.latency_over_time(figures))


@st.fragment
def show_scatter(figures: Figures) -> None:
    """Whether longer answers take longer."""
    if figures.is_of_several:
        return
    with st.container(border=True, height="stretch"):
        _title("scatter", count=len(figures.points))
        _draw(figures, charts.scatter(figures))


@st.fragment
def show_hours(figures: Figures) -> None:
    """The hours of the week."""
    with st.container(border=True, height="stretch"):
        _title("hours")
        measure = _choose("hours_measure", tuple(chart_parts.MEASURES), "metrics")
        _draw(figures, charts.hours(figures, measure))


@st.fragment
def show_outcomes(figures: Figures) -> None:
    """What went wrong, and why."""
    if not figures.requests.rows:
        return
    with st.container(border=True, height="stretch"):
        _title("outcomes")
        _draw(figures, charts.outcomes(figures))


@st.fragment
def show_budget(figures: Figures) -> None:
    """Where this month's cost is heading."""
    month, limit = figures.month, figures.settings.budget_usd
    if month is None:
        return
    now = figures.as_of.astimezone(zoneinfo.ZoneInfo(figures.settings.time_zone))
    with st.container(border=True, height="stretch"):
        _title("budget_title")
        feedback.show_quietly(feedback.inert(budget_told(figures)))
        if limit is not None and month.expected is not None and month.expected > limit:
            st.warning(
                feedback.inert(say("metrics.over_budget", over=numbers.usd(month.expected - limit))),
                icon=":material/warning:",
            )
        _draw(figures, charts.budget(figures, month, now))


def budget_told(figures: Figures) -> str:
    """The projection in a sentence, with its basis."""
    month = figures.month
    if month is None:
        return ""
    spent = month.spent.amount
    basis = say("metrics.projection_unknown") if spent is None else say(
        "metrics.projection", spent=numbers.usd(spent), days=month.elapsed_days,
        each=numbers.usd(spent / month.elapsed_days), month_days=month.month_days, expected=numbers.usd(month.expected),
    )  # fmt: skip
    if month.spent.unpriced:
        basis += f" {say('metrics.spent_unknown', count=month.spent.unpriced)}"
    limit = figures.settings.budget_usd
    return basis if limit is None else f"{basis} {say('metrics.budget_told', budget=numbers.usd(limit))}"


@st.fragment
def show_what_if(figures: Figures, prices: list[Price]) -> None:
    """What the same traffic would have cost on another model."""
    with st.container(border=True, height="stretch"):
        _title("what_if")
        own = settings.own_prices(figures.settings, prices)
        used = [model.text for model in figures.models if model.kind == "value"]
        offered = dict.fromkeys(
            [*(price.model for price in own), *(name for name in used if name and not is_demo(name)), *_priced()]
        )
        usual = [name for name in offered if name not in used][:3]
        shown = [name for name in st.session_state.get("what_if", usual) if name in offered]
        chosen = st.multiselect(
            say("metrics.other_models"), list(offered), default=shown, key="what_if", max_selections=5,
            placeholder=say("metrics.choose_models"),
        )  # fmt: skip
        compared = say("metrics.compared", priced=figures.priced.with_cost, rows=figures.total.rows)
        feedback.show_quietly(feedback.inert(compared))
        now = dt.datetime.now(dt.UTC)
        _draw(figures, charts.comparison(figures, [what_if(figures.priced, name, now, own) for name in chosen]))


@st.cache_data
def _priced() -> list[str]:
    return sorted(pricing.known_models(), key=lambda name: (name.startswith("gpt-"), name), reverse=True)


def show_unusual(figures: Figures) -> None:
    """Days far from their weekday's habit."""
    days = cards.unusual(figures)
    if days:
        with st.container(border=True, height="stretch"):
            _title("unusual")
            for line in days[-SHOWN:]:
                st.markdown(f":orange[:material/priority_high:] {feedback.inert(line)}")
            if days[:-SHOWN]:
                with st.expander(say("metrics.earlier", count=len(days) - SHOWN)):
                    for line in days[:-SHOWN]:
                        st.markdown(f":orange[:material/priority_high:] {feedback.inert(line)}")


def all_charts(studio: Studio, figures: Figures) -> list[tuple[str, Chart]]:
    """What the report shows, in its order."""
    parts = figures_shown.parts(studio, figures, "model")
    named = [
        ("over_time", charts.over_time(figures, "captions")),
        ("over_time", charts.over_time(figures, "cost")),
        ("breakdown", charts.breakdown(figures, parts, "model", "cost")),
        ("latency_histogram", charts.latency_histogram(figures)),
        ("latency_over_time", charts.latency_over_time(figures)),
        ("hours", charts.hours(figures, "captions")),
    ]
    if figures.requests.rows:
        named.append(("outcomes", charts.outcomes(figures)))
    return [(f"{say(f'metrics.{name}_title')} · {chart.alt}", chart) for name, chart in named]


def _title(name: str, **values: Any) -> None:
    name = name.removesuffix("_title")
    st.markdown(f"**{say(f'metrics.{name}_title')}**", help=say(f"metrics.{name}_help", **values))


def _choose(key: str, options: tuple[str, ...] | list[str], section: str) -> str:
    st.session_state.setdefault(key, options[0])
    if st.session_state[key] not in options:
        st.session_state[key] = options[0]
    chosen = st.segmented_control(
        say(f"metrics.{key}"), options, default=st.session_state[key], key=key, label_visibility="collapsed",
        required=True, format_func={option: say(f"{section}.{option}") for option in options}.__getitem__,
    )  # fmt: skip
    return str(chosen)


def _draw(figures: Figures, chart: Chart) -> None:
    """The picture, and beneath it its table on demand and as a file."""
    links = any(chart.queries)
    event = st.plotly_chart(
        chart.figure,
        key=f"chart_{chart.name}",
        on_select="rerun" if links else "ignore",
        selection_mode="points",
        alt=chart.alt,
        config=CONFIG,
    )
    if links:
        _open(chart, event.selection.points)  # type: ignore[union-attr,unused-ignore]
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = st.toggle(say("metrics.table"), key=f"table_{chart.name}")
        mark = hashlib.sha256(f"{figures.tenants}{figures.view}{figures.as_of}".encode()).hexdigest()[:10]
        st.download_button(
            say("metrics.csv"), data=lambda: export.as_csv(chart.table), file_name=f"{chart.name}-{mark}.csv",
            mime="text/csv", key=f"csv_{chart.name}", icon=":material/download:", type="tertiary", on_click="ignore",
        )  # fmt: skip
    if shown:
        columns = list(zip(*chart.table.rows, strict=True)) or [()] * len(chart.table.columns)
        named = {name: [export.cell(value) for value in column] if any(map(_odd, column)) else list(column)
                 for name, column in zip(chart.table.columns, columns, strict=True)}  # fmt: skip
        st.dataframe(named, hide_index=True, alt=chart.alt)


def _odd(value: object) -> bool:
    return not (value is None or isinstance(value, int | float | str))


def _open(chart: Chart, points: list[dict[str, object]]) -> None:
    """The captions behind the point that was pressed, in the history."""
    for point in points:
        data = point.get("customdata")
        place = (
            data.get("0") if isinstance(data, dict) else data[0] if isinstance(data, list | tuple) and data else data
        )
        query = chart.queries[int(str(place))] if place is not None else None
        if query is not None:
            open_url.to("history", {"lang": language().upper(), **query}, key=f"leave_{chart.name}")
            return
