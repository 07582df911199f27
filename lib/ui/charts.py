"""The metrics page's pictures, in plotly: what each shows, the table behind it, and which captions a point stands for.

Colours and fonts are the theme's of day or night (see .streamlit/config.toml).
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from lib.measures import (
    LARGEST_ERROR,
    Filters,
    Period,
    Slot,
    Sums,
    bin_edges,
    bin_of,
    merged,
    percentile,
    slot_end,
    start_of,
    summed,
)
from lib.metrics import SHARES, Figures, Histogram, Moment, Part
from lib.outlook import Projection, WhatIf
from lib.store.metrics import OTHERS, Facet
from lib.ui import numbers
from lib.ui.words import listed, say

HEIGHT = 320
MOST_SERIES = 5
"""Colours that stay apart; what is beyond is drawn together."""
MOST_BARS = 10
DRAWN_BINS = 3
"""Bins of the histogram that are drawn as one bar: 6 % wide."""
TICKS_MS = (1, 10, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000, 600_000)
LONGEST_LABEL = 24

_THEMED = st.plotly_chart
"""Looking it up registers Streamlit's template, in which figures are made from then on."""

Query = dict[str, str]


@dataclass(frozen=True)
class Table:
    """The figures behind a picture, unrounded."""

    columns: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True)
class Chart:
    """A picture, what it says in words, its figures, and the captions behind each point, as an address names them."""

    name: str
    figure: go.Figure
    alt: str
    table: Table
    queries: list[Query | None] = field(default_factory=list)


# -- measures that a chart can show ---------------------------------------------------------------------------------

MEASURES: dict[str, Callable[[Sums], float]] = {
    "captions": lambda sums: sums.rows,
    "cost": lambda sums: float(sums.cost),
    "tokens": lambda sums: sums.prompt + sums.completion,
    "latency": lambda sums: sums.latency_avg or 0.0,
}
STACKED = ("captions", "cost", "tokens")
"""Measures of which the parts make the whole."""


def written(measure: str, value: float) -> str:
    """A measure's value for a reader."""
    if measure == "cost":
        return numbers.usd(value)
    return numbers.milliseconds(value) if measure == "latency" else numbers.amount(value)


def over_time(figures: Figures, measure: str) -> Chart:
    """The measure in each slot, stacked by model."""
    cut = figures.wanted.cut
    moments = _moments(figures)
    figure, queries = go.Figure(), list[Query | None]()
    models = list(figures.models)
    drawn, rest = models[:MOST_SERIES], models[MOST_SERIES:]
    for value in [*drawn, *([OTHERS] if rest else [])]:
        parts = rest if value == OTHERS else [value]
        sums = [summed(figures.by_model.get((moment, one), Sums()) for one in parts) for moment in moments]
        only = None if value == OTHERS else Filters(model=value)
        _bars(figure, moments, cut, label(value), [MEASURES[measure](one) for one in sums], measure, len(queries))
        queries += [_slot_query(figures, moment, only) for moment in moments]
    figure.update_layout(barmode="stack")
    _dated(figure, cut)
    if cut == "day":
        _mark_unusual(figure, figures, measure)
    rows = [
        [*_moment_cells(moment, cut), label(value), *_sum_cells(figures.by_model[moment, value])]
        for moment in moments
        for value in models
        if (moment, value) in figures.by_model
    ]
    table = Table([*_moment_columns(cut), say("metrics.model"), *_sum_columns()], rows)
    total = MEASURES[measure](figures.total)
    alt = say("metrics.alt_over_time", measure=say(f"metrics.{measure}"), total=written(measure, total))
    return Chart(f"over_time_{measure}", _styled(figure, measure), alt, table, queries)


def latency_over_time(figures: Figures) -> Chart:
    """The median and the slowest of twenty, in each slot."""
    cut, moments = figures.wanted.cut, [one for one in _moments(figures) if figures.latencies_over_time.get(one)]
    figure, queries, whole = go.Figure(), list[Query | None](), figures.over_time
    for share_ in (0.5, 0.95):
        values = [percentile(figures.latencies_over_time[one], share_) or 0.0 for one in moments]
        figure.add_scatter(
            x=[_x(one, cut) for one in moments],
            y=values,
            mode="lines+markers",
            name=f"p{share_ * 100:.0f}",
            customdata=[[len(queries) + place, written("latency", value)] for place, value in enumerate(values)],
            hovertemplate="%{x}<br>%{customdata[1]}<extra>%{fullData.name}</extra>",
        )
        queries += [_slot_query(figures, one) for one in moments]
    _dated(figure, cut)
    rows = [
        [
            *_moment_cells(one, cut),
            *_latency_cells(whole.get(one, Sums()), figures.latencies_over_time[one]),
        ]
        for one in moments
    ]
    table = Table([*_moment_columns(cut), *_latency_columns()], rows)
    told = numbers.milliseconds(percentile(figures.latencies, 0.95))
    return Chart(
        "latency_over_time", _styled(figure, "latency"), say("metrics.alt_latency_over_time", p95=told), table, queries
    )


def latency_histogram(figures: Figures) -> Chart:
    """How many captions took how long, on a logarithmic scale: each bar is 6 % wider than the one before."""
    bars = merged({number // DRAWN_BINS: rows} for number, rows in figures.latencies.items())
    places = list(range(min(bars), max(bars) + 1)) if bars else []
    figure, queries, rows, told = go.Figure(), list[Query | None](), list[list[Any]](), []
    for place in places:
        low, high = bin_edges(place * DRAWN_BINS)[0], bin_edges(place * DRAWN_BINS + DRAWN_BINS - 1)[1]
        shown_high = high if math.isfinite(high) else figures.total.latency_max
        told.append([len(queries), f"{numbers.milliseconds(low)} – {numbers.milliseconds(shown_high)}"])
        query = _query(figures, figures.wanted.period, None)
        if query is not None:
            query |= {"latency_from": repr(low)} | ({"latency_to": repr(high)} if math.isfinite(high) else {})
        queries.append(query)
        rows.append([low, high if math.isfinite(high) else None, bars.get(place, 0)])
    figure.add_bar(
        x=places,
        y=[bars.get(place, 0) for place in places],
        customdata=told,
        hovertemplate="%{customdata[1]}<br>%{y:,}<extra></extra>",
        name=say("metrics.captions"),
    )
    for share_ in (0.5, 0.95, 0.99):
        if (value := percentile(figures.latencies, share_)) is not None:
            at = bin_of(value) // DRAWN_BINS
            figure.add_vline(x=at, line_dash="dot", line_width=1, annotation_text=f"p{share_ * 100:.0f}")
    figure.update_layout(bargap=0)
    shown = [(bin_of(tick) // DRAWN_BINS, numbers.milliseconds(tick)) for tick in TICKS_MS]
    shown = [(place, words) for place, words in shown if places and places[0] <= place <= places[-1]]
    figure.update_xaxes(tickvals=[place for place, _ in shown], ticktext=[words for _, words in shown])
    table = Table([say("metrics.from_ms"), say("metrics.to_ms"), say("metrics.captions")], rows)
    told_median = numbers.milliseconds(percentile(figures.latencies, 0.5))
    return Chart(
        "latency_histogram", _styled(figure, "captions"), say("metrics.alt_histogram", p50=told_median), table, queries
    )


def breakdown(figures: Figures, parts: dict[str, Part], facet: Facet | str, measure: str) -> Chart:
    """The measure of each value of a facet; the rest together where there are many."""
    shown = sorted(parts.items(), key=lambda one: (one[0] == OTHERS, -MEASURES[measure](one[1].sums), one[0]))
    head, tail = shown[:MOST_BARS], shown[MOST_BARS:]
    bars = [(value, part.sums) for value, part in head]
    if tail:
        bars.append((OTHERS, summed(part.sums for _, part in tail)))
    values = [MEASURES[measure](sums) for _, sums in bars]
    figure = go.Figure()
    figure.add_bar(
        y=list(range(len(bars))),
        x=values,
        orientation="h",
        customdata=[
            [place, written(measure, value), label(bars[place][0], facet)] for place, value in enumerate(values)
        ],
        hovertemplate="%{customdata[2]}<br>%{customdata[1]}<extra></extra>",
        text=[written(measure, value) for value in values],
    )
    figure.update_yaxes(
        autorange="reversed", tickvals=list(range(len(bars))), ticktext=[label(value, facet) for value, _ in bars]
    )
    rows = [
        [label(value, facet, whole=True), *_sum_cells(part.sums), *_latency_cells(part.sums, part.latencies)]
        for value, part in parts.items()
    ]
    name = say(f"metrics_facet.{facet}")
    table = Table([name, *_sum_columns(), *_latency_columns()], rows)
    queries = [_facet_query(figures, facet, value) for value, _ in bars]
    leader = label(bars[0][0], facet) if bars else "–"
    alt = say("metrics.alt_breakdown", measure=say(f"metrics.{measure}"), facet=name, leader=leader)
    return Chart(f"by_{facet}_{measure}", _styled(figure, measure, axis="x"), alt, table, queries)


def hours(figures: Figures, measure: str) -> Chart:
    """The measure in each hour of the week."""
    weekdays = list(listed("weekday").values())
    grid = [[MEASURES[measure](figures.hours.get((day, hour), Sums())) for hour in range(24)] for day in range(7)]
    figure = go.Figure()
    figure.add_heatmap(
        z=grid,
        x=list(range(24)),
        y=weekdays,
        customdata=[[written(measure, value) for value in row] for row in grid],
        hovertemplate="%{y} %{x}<br>%{customdata}<extra></extra>",
        xgap=2,
        ygap=2,
        showscale=False,
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title=say("metrics.hour_axis"), dtick=3)
    rows = [
        [weekdays[day], hour, *_sum_cells(figures.hours[day, hour])]
        for day in range(7)
        for hour in range(24)
        if (day, hour) in figures.hours
    ]
    busiest = max(figures.hours, key=lambda one: MEASURES[measure](figures.hours[one]), default=(0, 0))
    alt = say("metrics.alt_hours", measure=say(f"metrics.{measure}"), day=weekdays[busiest[0]], hour=busiest[1])
    table = Table([say("metrics.weekday"), say("metrics.hour"), *_sum_columns()], rows)
    return Chart(f"hours_{measure}", _styled(figure, measure, axis=None), alt, table)


def scatter(figures: Figures) -> Chart:
    """Latency against completion tokens, a point a caption."""
    figure, queries = go.Figure(), list[Query | None]()
    models = [value.removeprefix("=") if value != "-" else None for value in figures.models]
    groups = [(model, [one for one in figures.points if one.model == model]) for model in models[:MOST_SERIES]]
    groups.append((OTHERS, [one for one in figures.points if one.model in models[MOST_SERIES:]]))
    tenant = figures.tenants[0]
    for model, points in groups:
        if not points:
            continue
        figure.add_scatter(
            x=[one.completion for one in points],
            y=[one.latency_ms / 1000 for one in points],
            mode="markers",
            marker={"size": 6, "opacity": 0.6},
            name=label(OTHERS if model == OTHERS else "-" if model is None else f"={model}"),
            customdata=[[len(queries) + place] for place in range(len(points))],
            hovertemplate="%{x:,} · %{y:,.1f} s<extra>%{fullData.name}</extra>",
        )
        queries += [{"tenant_id": tenant, "feed": str(one.feed_id)} for one in points]
    figure.update_xaxes(title=say("metrics.completion"))
    figure.update_yaxes(title=say("metrics.seconds_axis"))
    rows = [[str(one.feed_id), one.created_at, one.model, one.completion, one.latency_ms] for one in figures.points]
    columns = [say("metrics.feed"), say("metrics.created_at"), say("metrics.model"), say("metrics.completion")]
    told = statistics.correlation(*_pairs(figures)) if _can_correlate(figures) else None
    alt = say("metrics.alt_scatter", count=len(figures.points), correlation="–" if told is None else f"{told:.2f}")
    return Chart(
        "scatter", _styled(figure, "latency"), alt, Table([*columns, say("metrics.latency_ms")], rows), queries
    )


def outcomes(figures: Figures) -> Chart:
    """How the requests of this app ended, in each slot; those that brought a caption are not drawn."""
    cut, moments = figures.wanted.cut, _moments(figures)
    figure = go.Figure()
    ends = [value for value in figures.ends if value != "=written"]
    for value in ends[:MOST_SERIES]:
        counts = [figures.outcomes.get((moment, value), Sums()).rows for moment in moments]
        _bars(figure, moments, cut, outcome_label(value), counts, "captions", 0)
    if rest := ends[MOST_SERIES:]:
        counts = [sum(figures.outcomes.get((moment, one), Sums()).rows for one in rest) for moment in moments]
        _bars(figure, moments, cut, say("metrics.others"), counts, "captions", 0)
    figure.update_layout(barmode="stack")
    _dated(figure, cut)
    rows = [
        [*_moment_cells(moment, cut), outcome_label(value), sums.rows, sums.cost if sums.priced else None]
        for (moment, value), sums in sorted(figures.outcomes.items())
    ]
    columns = [*_moment_columns(cut), say("metrics.outcome"), say("metrics.requests"), say("metrics.cost_usd")]
    alt = say("metrics.alt_outcomes", failed=figures.failed, requests=figures.requests.rows)
    return Chart("outcomes", _styled(figure, "captions"), alt, Table(columns, rows))


def budget(month: Projection, now: dt.datetime, limit: Decimal | None) -> Chart:
    """This month's cost so far, the straight line to its end, and the budget."""
    first = now.date().replace(day=1)
    last = slot_end(first, "month")
    figure = go.Figure()
    today = now.replace(tzinfo=None)
    figure.add_scatter(
        x=[first, today], y=[0.0, float(month.spent)], mode="lines+markers", name=say("metrics.spent"), line_width=3
    )
    figure.add_scatter(
        x=[today, last + dt.timedelta(days=1)],
        y=[float(month.spent), float(month.expected)],
        mode="lines",
        line_dash="dash",
        name=say("metrics.expected"),
    )
    _dated(figure, "day")
    if limit is not None:
        figure.add_hline(y=float(limit), line_dash="dot", annotation_text=say("metrics.budget"))
    rows: list[list[Any]] = [
        [say("metrics.spent"), month.spent],
        [say("metrics.elapsed_days"), month.elapsed_days],
        [say("metrics.expected"), month.expected],
        [say("metrics.budget"), limit],
    ]
    alt = say("metrics.alt_budget", spent=numbers.usd(month.spent), expected=numbers.usd(month.expected))
    return Chart("budget", _styled(figure, "cost"), alt, Table([say("metrics.figure"), say("metrics.cost_usd")], rows))


def comparison(figures: Figures, others: Sequence[WhatIf]) -> Chart:
    """What the traffic cost, and what it would have cost on other models."""
    named: list[tuple[str, Decimal | None]] = [
        (say("metrics.really"), figures.total.cost if figures.total.priced else None)
    ]
    named += [(one.model, one.cost) for one in others]
    figure = go.Figure()
    figure.add_bar(
        x=[name for name, _ in named],
        y=[None if cost is None else float(cost) for _, cost in named],
        text=[numbers.usd(cost) for _, cost in named],
        hovertemplate="%{x}<br>%{text}<extra></extra>",
    )
    alt = say("metrics.alt_what_if", told=", ".join(f"{name} {numbers.usd(cost)}" for name, cost in named))
    columns = [say("metrics.model"), say("metrics.cost_usd"), say("metrics.captions")]
    rows: list[list[Any]] = [[named[0][0], named[0][1], figures.total.priced]]
    rows += [[one.model, one.cost, one.rows] for one in others]
    return Chart("what_if", _styled(figure, "cost"), alt, Table(columns, rows))


# -- labels ---------------------------------------------------------------------------------------------------------


def label(value: str, facet: Facet | str = "model", *, whole: bool = False) -> str:
    """What a reader calls the value behind a key."""
    if value == OTHERS:
        return say("metrics.others")
    if value == "-":
        return say(f"metrics.no_{facet}") if facet in ("model", "prompt", "job") else say("metrics.unknown")
    told = value[1:] if value[:1] == "=" else value[33:] + "…" if value[:1] == "~" else value
    if facet == "source":
        return listed("metrics_source").get(told, told)
    if not told.strip():
        return say("metrics.blank")
    return told if whole or len(told) <= LONGEST_LABEL else told[: LONGEST_LABEL - 1] + "…"


def outcome_label(value: str) -> str:
    """How a request ended; for a failure, why."""
    told = value.removeprefix("=")
    outcome, _, code = told.partition(":")
    words = listed("metrics_outcome")
    return words.get(code) or words.get(outcome) or told


# -- which captions a point stands for ------------------------------------------------------------------------------


def filter_query(filters: Filters) -> Query | None:
    """The filters as the history page names them; None where it cannot be told there."""
    told: Query = {}
    for name in ("model", "tone", "source", "prompt", "job"):
        value = getattr(filters, name)
        if value is None:
            continue
        if value[:1] not in ("=", "-") or value == "=":
            return None
        told[name] = value.removeprefix("=")
    return told


def _query(figures: Figures, period: Period, only: Filters | None) -> Query | None:
    if len(figures.tenants) != 1:
        return None
    since, until = period.instants()
    return _between(figures, since, until, only)


def _between(figures: Figures, since: dt.datetime, until: dt.datetime, only: Filters | None) -> Query | None:
    wanted, extra = filter_query(figures.wanted.filters), filter_query(only or Filters())
    if wanted is None or extra is None or len(figures.tenants) != 1:
        return None
    if any(wanted.get(name, value) != value for name, value in extra.items()):
        return None
    instants = {"since": _iso(since), "until": _iso(until)}
    return {"tenant_id": figures.tenants[0], "status": "any"} | wanted | extra | instants


def _slot_query(figures: Figures, moment: Moment, only: Filters | None = None) -> Query | None:
    period, (begins, hour) = figures.wanted.period, moment
    if figures.wanted.cut == "hour":
        since, until = start_of(begins, period.zone, hour), start_of(begins, period.zone, hour + 1)
        return _between(figures, since, until, only)
    return _query(figures, period.part(begins, figures.wanted.cut), only)


def _facet_query(figures: Figures, facet: Facet | str, value: str) -> Query | None:
    if facet == "tenant":
        return None
    return None if value == OTHERS else _query(figures, figures.wanted.period, Filters(**{facet: value}))


def _iso(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


# -- parts of pictures and tables -----------------------------------------------------------------------------------


def _moments(figures: Figures) -> list[Moment]:
    """Every slot of the period, also those in which nothing was."""
    cut, period = figures.wanted.cut, figures.wanted.period
    hours_ = range(24) if cut == "hour" else (0,)
    return [(begins, hour) for begins in period.slots(cut) for hour in hours_]


def _x(moment: Moment, cut: Slot) -> Any:
    begins, hour = moment
    return dt.datetime.combine(begins, dt.time(hour)) if cut == "hour" else begins


def _dated(figure: go.Figure, cut: Slot) -> None:
    """An axis of days as the language writes them; plotly knows English only."""
    told = say("metrics.tick_month" if cut == "month" else "metrics.tick_hour" if cut == "hour" else "metrics.tick_day")
    whole = say("metrics.hover_hour" if cut == "hour" else "metrics.hover_day")
    figure.update_xaxes(type="date", tickformat=told, hoverformat=whole)


def _bars(
    figure: go.Figure, moments: list[Moment], cut: Slot, name: str, values: Iterable[float], measure: str, first: int
) -> None:
    drawn = list(values)
    figure.add_bar(
        x=[_x(moment, cut) for moment in moments],
        y=drawn,
        name=name,
        customdata=[[first + place, written(measure, value)] for place, value in enumerate(drawn)],
        hovertemplate="%{x}<br>%{customdata[1]}<extra>%{fullData.name}</extra>",
    )


def _mark_unusual(figure: go.Figure, figures: Figures, measure: str) -> None:
    """A mark over each day that is unlike its weekday."""
    whole = figures.over_time
    days = sorted({one.day for one in figures.unusual if (one.day, 0) in whole})
    if days:
        figure.add_scatter(
            x=days,
            y=[MEASURES[measure](whole[day, 0]) for day in days],
            mode="text",
            text=["▼"] * len(days),
            textposition="top center",
            name=say("metrics.unusual_title"),
            hovertemplate="%{x}<extra>%{fullData.name}</extra>",
        )


def _moment_columns(cut: Slot) -> list[str]:
    return [say(f"metrics.slot_{cut}"), *([say("metrics.hour")] if cut == "hour" else [])]


def _moment_cells(moment: Moment, cut: Slot) -> list[Any]:
    return [moment[0].isoformat(), *([moment[1]] if cut == "hour" else [])]


def _sum_columns() -> list[str]:
    names = ("captions", "kept", "cost_usd", "unpriced", "unused", "prompt", "cached", "completion", "reasoning")
    return [say(f"metrics.{name}") for name in names]


def _sum_cells(sums: Sums) -> list[Any]:
    cost = sums.cost if sums.priced else None
    return [sums.rows, sums.kept, cost, sums.unpriced, sums.unused, sums.prompt, sums.cached, sums.completion,
            sums.reasoning]  # fmt: skip


def _latency_columns() -> list[str]:
    named = [say(f"metrics.latency_{name}") for name in ("avg", "min", "max")]
    return [*named, *(f"p{share_ * 100:.0f} (ms, ±{LARGEST_ERROR:.0%})" for share_ in SHARES), say("metrics.untimed")]


def _latency_cells(sums: Sums, latencies: Histogram) -> list[Any]:
    told = [percentile(latencies, share_) for share_ in SHARES]
    return [sums.latency_avg, sums.latency_min, sums.latency_max, *told, sums.rows - sums.timed]


def _pairs(figures: Figures) -> tuple[list[float], list[float]]:
    return [float(one.completion) for one in figures.points], [one.latency_ms for one in figures.points]


def _can_correlate(figures: Figures) -> bool:
    return all(len(set(values)) > 1 for values in _pairs(figures))


def _styled(figure: go.Figure, measure: str, axis: str | None = "y") -> go.Figure:
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        hoverlabel={"align": "left"},
        clickmode="event+select",
        colorway=st.get_option(f"theme.{st.context.theme.type or 'light'}.chartCategoricalColors"),
        dragmode=False,
    )
    figure.update_yaxes(fixedrange=True, automargin=True)
    figure.update_xaxes(fixedrange=True, automargin=True)
    if axis:
        _ticks(figure, measure, axis)
    return figure


def _ticks(figure: go.Figure, measure: str, axis: str) -> None:
    """Ticks in the reader's units: plotly itself knows K and M, and neither 만 nor 억."""
    stacked: dict[Any, float] = {}
    for trace in figure.data:
        across, along = (trace.x, trace.y) if axis == "y" else (trace.y, trace.x)
        for place, value in zip(across or (), along or (), strict=False):
            if value is not None:
                bar = figure.layout.barmode == "stack"
                stacked[place] = stacked.get(place, 0.0) + value if bar else max(stacked.get(place, 0.0), value)
    most = max(stacked.values(), default=0.0)
    if most <= 0:
        return
    step = _round_step(most / 4)
    if measure == "captions":
        step = max(1, step)
    ticks = [step * number for number in range(math.ceil(most / step) + 1)]
    update = figure.update_yaxes if axis == "y" else figure.update_xaxes
    scale = 1000 if measure == "latency" and figure.layout.yaxis.title.text else 1
    update(tickvals=ticks, ticktext=[written(measure, tick * scale) for tick in ticks], rangemode="tozero")


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least * 0.999)
