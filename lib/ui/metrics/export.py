"""Figures to take away: the table behind each chart as CSV, and the page as one HTML file that needs nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import plotly.io
import streamlit as st

from lib.exports import csv_file
from lib.exports.safe_text import inert
from lib.ui.core.words import language, say
from lib.ui.metrics.chart_parts import Chart, Table

_STYLE = """
:root{color-scheme:light}body{font-family:Pretendard,'Apple SD Gothic Neo','Noto Sans KR','Malgun Gothic',sans-serif;
margin:2rem auto;max-width:70rem;padding:0 1rem;color:#23252d;background:#fcfbf8}h1{font-size:1.75rem}
h2{font-size:1.2rem;margin-top:2.5rem}dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:1rem}
dl div{border:1px
solid #d3ccbd;border-radius:.6rem;padding:.8rem 1rem}dt{font-size:.85rem}dd{font-size:1.5rem;font-weight:600;margin:0}
table{border-collapse:collapse;font-size:.8rem;display:block;overflow-x:auto}td,th{border:1px solid #d3ccbd;
padding:.25rem .5rem;text-align:right;white-space:nowrap}th{background:#f4f1ea}summary{cursor:pointer;font-size:.85rem}
"""


def cell(value: Any) -> str:
    """A value as text in a table: unrounded, empty where it is unknown, and never a formula of a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return repr(value)
    return inert(_text(value))


def as_csv(table: Table) -> bytes:
    """The table as CSV for spreadsheets, its numbers unrounded."""
    file = io.BytesIO()
    rows = ([_text(value) if isinstance(value, str | dt.date) else value for value in row] for row in table.rows)
    csv_file.write_table(file, map(str, table.columns), rows)
    return file.getvalue()


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def file_name(name: str, content: bytes, ending: str) -> str:
    """With a piece of the content's hash: Streamlit serves two files of one name and length as the same."""
    return f"{name}-{hashlib.sha256(content).hexdigest()[:10]}.{ending}"


def as_report(
    title: str,
    told: Iterable[str],
    cards: Sequence[tuple[str, str]],
    notes: Iterable[str],
    charts: Sequence[tuple[str, Chart]],
) -> bytes:
    """The page in one file: nothing in it is fetched, and what people wrote is text."""
    told_cards = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>" for name, value in cards
    )
    told_lines, told_notes = ("".join(f"<p>{html.escape(line)}</p>" for line in lines) for lines in (told, notes))
    parts = []
    for number, (heading, chart) in enumerate(charts):
        figure = go.Figure(chart.figure)
        figure.update_layout(
            template="plotly_white", colorway=st.get_option("theme.light.chartCategoricalColors"), font_color="#23252d",
            paper_bgcolor="#fcfbf8", plot_bgcolor="#fcfbf8", title=None,
        )  # fmt: skip
        picture = plotly.io.to_html(
            figure, include_plotlyjs="inline" if number == 0 else False, full_html=False, config={"displaylogo": False}
        )
        parts.append(
            f"<section><h2>{html.escape(heading)}</h2>"
            f'<div role="img" aria-label="{html.escape(chart.alt)}">{picture}</div>'
            f"<details><summary>{html.escape(say('metrics.table'))}</summary>{_html_table(chart.table)}</details>"
            "</section>"
        )
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>{told_lines}<dl>{told_cards}</dl>{told_notes}"
        f"{''.join(parts)}</body></html>"
    ).encode()


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape('' if value is None else _told(value))}</td>" for value in row) + "</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _told(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
