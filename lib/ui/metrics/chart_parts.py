"""What every picture of the metrics page is made of: nouns, labels, links to captions, cells of tables, and a look.

Colours and fonts are the theme's of day or night (see .streamlit/config.toml).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from lib.domain import feed_filter_url
from lib.domain.dimensions import MISSING, OTHERS, Dimension, DimensionValue, Filters
from lib.domain.feed_filter import LIVE, UNKNOWN, FeedFilter, WeekHour, found_by, key_of
from lib.domain.latency_histogram import LARGEST_ERROR
from lib.domain.periods import DEFAULT_ZONE, Bucket, Granularity, Period, times_of
from lib.domain.totals import Sums
from lib.metrics.figures import PERCENTILES, Figures, Part
from lib.ui.core import experiments, numbers
from lib.ui.core.words import ending, listed, say

HEIGHT = 320
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


def drawn(value: Decimal | float | None) -> float | None:
    """A value as a picture takes it; None, which is unknown, leaves a gap."""
    return None if value is None else float(value)


MEASURES: dict[str, Callable[[Sums], float | None]] = {
    "captions": lambda sums: sums.rows,
    "cost": lambda sums: drawn(sums.cost.amount),
    "tokens": lambda sums: sums.tokens,
    "latency": lambda sums: sums.latency_avg_ms,
}
STACKED = ("captions", "cost", "tokens")
"""Measures of which the parts make the whole."""


def formatted(measure: str, value: float | None) -> str:
    """A measure's value for a reader."""
    if value is None:
        return say("value.unknown")
    if measure == "cost":
        return numbers.usd(value)
    return numbers.milliseconds(value) if measure == "latency" else numbers.amount(value)


# -- labels ---------------------------------------------------------------------------------------------------------


def label(value: DimensionValue, dimension: Dimension | str = "model", *, whole: bool = False) -> str:
    """The name of a value for a reader, cut to :data:`LONGEST_LABEL` unless it is asked for whole."""
    if value == OTHERS:
        return say("metrics.others")
    text = value.plain
    if text is None:
        has_name = dimension in ("model", "tone", "prompt", "job")
        return say(f"metrics.no_{dimension}") if has_name else say("value.unknown")
    if dimension == "experiment":
        return experiments.label(value)
    if dimension == "source":
        return listed("metrics_source").get(text, text)
    return text if whole or len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def outcome_label(outcome: DimensionValue) -> str:
    """The name of a request's outcome for a reader."""
    return ending(outcome.text)


# -- which captions a point stands for ------------------------------------------------------------------------------


def filter_query(filters: Filters) -> Query:
    """The filters as the address of the history page spells them."""
    return {dimension: _history_value(dimension, value) for dimension, value in filters.given().items()}


def _history_value(dimension: str, value: DimensionValue) -> str:
    if value == MISSING:
        return UNKNOWN
    text = f"~{value.digest}{value.text}" if value.kind == "hashed" else value.text
    return key_of(text) if dimension == "tone" else text


def period_query(figures: Figures, period: Period, only: Filters | None) -> Query | None:
    """The captions of a period, narrowed as the page is and once more; None where the history cannot tell them."""
    if figures.is_of_several:
        return None
    since, until = period.instants()
    return _between(figures, since, until, only)


def _between(figures: Figures, since: dt.datetime, until: dt.datetime, only: Filters | None) -> Query | None:
    if figures.is_of_several:
        return None
    narrowed_to, extra = filter_query(figures.view.filters), filter_query(only or Filters())
    if any(narrowed_to.get(name, value) != value for name, value in extra.items()):
        return None
    instants = {"since": _iso(since), "until": _iso(until)}
    return {"tenant_id": figures.tenants[0], "status": "any"} | narrowed_to | extra | instants


def bucket_query(figures: Figures, bucket: Bucket, only: Filters | None = None) -> Query | None:
    """The captions of a bucket of the period."""
    period, (begins, hour) = figures.view.period, bucket
    if figures.view.granularity == "hour":
        times = times_of(begins, hour, period.zone)
        if len(times) == 1:
            return _between(figures, *times[0], only)
        query = period_query(figures, Period(begins, begins, period.zone), only)
        return None if query is None else query | {"hour": str(WeekHour(begins.weekday(), hour, period.zone))}
    return period_query(figures, period.within(begins, figures.view.granularity), only)


def value_query(
    figures: Figures, dimension: Dimension | str, value: DimensionValue, drawn: Iterable[DimensionValue] = ()
) -> Query | None:
    """The captions with this value; for :data:`OTHERS`, those with none of the drawn values."""
    if dimension == "tenant":
        return None if value == OTHERS else tenant_query(figures, value.text)
    if value == OTHERS:
        return without(period_query(figures, figures.view.period, None), dimension, drawn)
    return period_query(figures, figures.view.period, Filters(**{dimension: value}))


def without(query: Query | None, dimension: str, values: Iterable[DimensionValue]) -> Query | None:
    """The query without the captions that have one of these values."""
    if query is None:
        return None
    named = [_history_value(dimension, value) for value in values if value != OTHERS]
    excluded = tuple(f"{dimension}:{found_by(text) if dimension == 'tone' else text}" for text in named)
    return query | feed_filter_url.to_query(FeedFilter(none_of=excluded, status=LIVE))


def tenant_query(figures: Figures, tenant_id: str) -> Query | None:
    """One team's captions of the period, whose days are those of that team's time zone."""
    period = dataclasses.replace(figures.view.period, zone=figures.zones.get(tenant_id, DEFAULT_ZONE))
    return period_query(dataclasses.replace(figures, tenants=(tenant_id,)), period, None)


def hour_query(figures: Figures, weekday: int, hour: int) -> Query | None:
    """The captions of an hour of the week."""
    query = period_query(figures, figures.view.period, None)
    return None if query is None else query | {"hour": str(WeekHour(weekday, hour, figures.view.period.zone))}


def requests_query(figures: Figures, bucket: Bucket, outcomes: Iterable[DimensionValue]) -> Query | None:
    """The requests of a bucket that had one of these outcomes."""
    query = bucket_query(figures, bucket)
    if query is None:
        return None
    del query["status"]
    return query | {"requests": ",".join(outcome.text for outcome in outcomes)}


def _iso(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


# -- parts of pictures and tables -----------------------------------------------------------------------------------


def axis_value(bucket: Bucket, granularity: Granularity) -> Any:
    """Where a slot stands on an axis of dates."""
    begins, hour = bucket
    return dt.datetime.combine(begins, dt.time(hour)) if granularity == "hour" else begins


def date_axis(figure: go.Figure, granularity: Granularity) -> None:
    """An axis of days as the language writes them; plotly knows English only."""
    tick = granularity if granularity in ("hour", "month", "year") else "day"
    whole = say("metrics.hover_hour" if granularity == "hour" else "metrics.hover_day")
    figure.update_xaxes(type="date", tickformat=say(f"metrics.tick_{tick}"), hoverformat=whole)


def add_bars(
    figure: go.Figure,
    buckets: list[Bucket],
    granularity: Granularity,
    name: str,
    values: Iterable[float | None],
    measure: str,
    first: int,
) -> None:
    """A bar for each slot; ``first`` is the place of their first link among the chart's."""
    heights = list(values)
    figure.add_bar(
        x=[axis_value(bucket, granularity) for bucket in buckets],
        y=heights,
        name=name,
        customdata=[[first + place, formatted(measure, value)] for place, value in enumerate(heights)],
        hovertemplate="%{x}<br>%{customdata[1]}<extra>%{fullData.name}</extra>",
    )


def mark_unusual(figure: go.Figure, figures: Figures, measure: str) -> None:
    """A mark over each day that is unlike its weekday."""
    whole = figures.over_time
    days = sorted({anomaly.day for anomaly in figures.unusual if Bucket(anomaly.day) in whole})
    if days:
        figure.add_scatter(
            x=days,
            y=[MEASURES[measure](whole[Bucket(day)]) for day in days],
            mode="text",
            text=["▼"] * len(days),
            textposition="top center",
            name=say("metrics.unusual_title"),
            hovertemplate="%{x}<extra>%{fullData.name}</extra>",
            showlegend=False,
        )


def bucket_columns(granularity: Granularity) -> list[str]:
    """The names over a slot's cells."""
    return [say(f"metrics.slot_{granularity}"), *([say("metrics.hour")] if granularity == "hour" else [])]


def bucket_cells(bucket: Bucket, granularity: Granularity) -> list[Any]:
    """A slot in a table."""
    return [bucket[0].isoformat(), *([bucket[1]] if granularity == "hour" else [])]


def sum_columns() -> list[str]:
    """The names over the cells of sums."""
    names = ("captions", "kept", "cost_usd", "unpriced", "unused", "prompt", "cached", "completion", "reasoning")
    return [say(f"metrics.{name}") for name in names]


def sum_cells(sums: Sums) -> list[Any]:
    """Sums in a table; what is unknown is None."""
    cost = sums.cost_usd if sums.with_cost else None
    counts = [count for name, count in sums.token_counts.items() if name != "written"]
    return [sums.rows, sums.approved, cost, sums.without_price, sums.without_usage, *counts]


def latency_columns() -> list[str]:
    """The names over the cells of latencies."""
    named = [say(f"metrics.latency_{name}") for name in ("avg", "min", "max")]
    return [
        *named,
        *(f"p{share * 100:.0f} (ms, ±{LARGEST_ERROR:.0%})" for share in PERCENTILES),
        say("metrics.untimed"),
    ]


def latency_cells(part: Part) -> list[Any]:
    """Latencies in a table."""
    sums, percentiles = part.sums, part.percentiles
    return [sums.latency_avg_ms, sums.latency_min_ms, sums.latency_max_ms, *percentiles, sums.without_latency]


def styled(figure: go.Figure, measure: str, axis: str | None = "y") -> go.Figure:
    """The one look; ``axis`` carries the measure, and has ticks in the reader's units."""
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
    is_stack = figure.layout.barmode == "stack"  # once: each look at plotly's objects is slow
    for trace in figure.data:
        if trace.type == "scatter" and trace.mode == "text":  # a mark, and no measure
            continue
        across, along = (trace.x, trace.y) if axis == "y" else (trace.y, trace.x)
        for place, value in zip(across or (), along or (), strict=False):
            if value is not None:
                before = stacked.get(place, 0.0)
                stacked[place] = before + value if is_stack else max(before, value)
    most = max(stacked.values(), default=0.0)
    if most <= 0:
        return
    if most > 1e300:
        return  # beyond what has round steps
    step = _round_step(most / 4)
    if measure == "captions":
        step = max(1, step)
    ticks = [step * number for number in range(math.ceil(most / step) + 1)]
    update = figure.update_yaxes if axis == "y" else figure.update_xaxes
    scale = 1000 if measure == "latency" and figure.layout.yaxis.title.text else 1
    update(tickvals=ticks, ticktext=[formatted(measure, tick * scale) for tick in ticks], rangemode="tozero")


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least * 0.999)
