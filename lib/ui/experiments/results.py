"""An experiment: its variants, the verdict with its picture, and how it is closed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lib.domain.experiments.evidence import THRESHOLD
from lib.domain.feed_filter import FeedFilter
from lib.experiments import costs, counterparts, design, export, standings
from lib.experiments.observations import COUNTS
from lib.experiments.standings import LEAST_PAIRS, Standings
from lib.exports import background, xlsx_file
from lib.exports.background import Export
from lib.exports.formats import Format
from lib.store.batches import batches, rows
from lib.store.batches.rows import Failure
from lib.store.experiments import definitions
from lib.store.experiments.definitions import Variant
from lib.studio import Studio
from lib.ui.core import actions, exporting, feedback, format_dates, numbers, reasons, session, words
from lib.ui.core.actions import row_key
from lib.ui.core.addresses import BatchesAddress, ExperimentsAddress, HistoryAddress, MetricsAddress
from lib.ui.core.words import say
from lib.ui.experiments import costs_ahead, observed, verdict_text

EVERY_S = 2.0
"""Seconds after which the progress of the captions is drawn again while they are being written."""
WINNER, AS_DEFAULT, SHARE = "experiment_winner", "winner_as_default", "experiment_share"
"""Session keys, with the experiment behind them."""
ABREAST = 3
"""Variants beside each other."""
MIDDLE = "#8a8f98"
"""The colour of the line of 50 %, seen on light and on dark."""
BAR = 46
"""Pixels of one bar of the picture."""


def show(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> None:
    """Draw the experiment."""
    state = standings.read(studio, tenant_id, experiment_id)
    experiment = state.experiment
    st.subheader(feedback.inert(experiment.name), anchor=False)
    started = say(
        "experiments.started",
        at=format_dates.to_the_minute(experiment.created_at),
        person=feedback.inert(experiment.person or say("value.unknown")),
    )
    feedback.show_quietly(started)
    with st.container(horizontal=True):
        st.button(say("experiments.back"), key="results_back", on_click=lambda: ExperimentsAddress().show())
        if not experiment.closed_at:
            st.button(
                say("experiments.judge"),
                key="judge_pairs",
                icon=":material/balance:",
                type="primary",
                on_click=lambda: ExperimentsAddress(experiment_id, "judge").show(),
            )
    with studio.database.tenant(tenant_id) as db:
        written_by = batches.of_experiment(db, tenant_id, experiment_id)
        failures = rows.failures_by_variant(db, tenant_id, [batch.batch_id for batch in written_by])
        written = definitions.captions_by_variant(db, tenant_id, experiment_id) if failures else {}
    is_writing = not all(batch.is_ended for batch in written_by)
    if written_by and not experiment.closed_at:
        progress = st.fragment(_progress, run_every=EVERY_S if is_writing else None)
        progress(studio, tenant_id, experiment_id, was_writing=is_writing)
    for variant in () if is_writing else state.variants:
        if variant.variant in failures and variant.variant not in written:
            reasons_told = _reasons(failures[variant.variant])
            st.warning(
                say("experiments.wrote_nothing", variant=variant.variant, reasons=reasons_told),
                icon=":material/warning:",
            )
    with st.container(border=True, key="verdict"):
        st.markdown(f"**{verdict_text.headline(state)}**")
        feedback.show_quietly(verdict_text.progress(state))
        if state.duels:
            st.plotly_chart(_picture(state), key="intervals", config={"displayModeBar": False})
            feedback.show_quietly(say("experiments.how_to_read"))
            for duel in state.duels:
                feedback.show_quietly(
                    say(
                        "experiments.duel",
                        first=duel.first,
                        second=duel.second,
                        won=duel.verdict.won,
                        lost=duel.verdict.lost,
                        tied=duel.tied,
                        open=duel.open,
                        e=verdict_text.evidence(duel.verdict.e),
                        threshold=THRESHOLD,
                    )
                    + (f" {verdict_text.of_duel(duel)}" if len(state.duels) > 1 else "")
                )
    if state.strengths:
        _strengths(state)
    elif len(state.variants) > 2:
        feedback.show_quietly(say("experiments.strengths_later", pairs=LEAST_PAIRS))
    columns = st.columns(min(len(state.variants), ABREAST))
    for place, variant in enumerate(state.variants):
        with columns[place % len(columns)]:
            _variant(state, variant, failures.get(variant.variant, []))
    _costs(studio, state)
    observed.show(studio, tenant_id, experiment_id)
    _download(studio, state)
    if experiment.closed_at:
        _closed(state)
    else:
        _share(studio, state)
        _close(studio, state)


def _progress(studio: Studio, tenant_id: str, experiment_id: uuid.UUID, *, was_writing: bool) -> None:
    """How far the captions are, live until they are written: then the page is drawn with their pairs."""
    with studio.database.tenant(tenant_id) as db:
        written_by = batches.of_experiment(db, tenant_id, experiment_id)
        done = batches.progress(db, tenant_id, [batch.batch_id for batch in written_by]).values()
    if was_writing and all(batch.is_ended for batch in written_by):
        st.rerun()
    total = sum(each.total for each in done)
    written = sum(each.rows.get("written", 0) for each in done)
    failed = sum(each.rows.get("failed", 0) + each.rows.get("unknown", 0) for each in done)
    label = say("experiments.written", written=written, total=total, failed=failed)
    if any(batch.status == "paused" for batch in written_by):
        label = f"{label} · {say('experiments.paused')}"
    st.progress((written + failed) / total if total else 0.0, text=label)
    with st.container(horizontal=True):
        for number, batch in enumerate(written_by, 1):
            only = len(written_by) == 1
            st.page_link(
                BatchesAddress.file,
                label=say("experiments.in_batch") if only else say("experiments.of_batch", number=number),
                icon=":material/table_rows:",
                query_params=BatchesAddress(batch=batch.batch_id).link(tenant_id),
            )


def _reasons(failures: Sequence[Failure]) -> str:
    """Why captions are missing."""
    return feedback.inert(" · ".join(map(reasons.counted, failures)))


def _picture(state: Standings) -> go.Figure:
    """A bar for each two variants: where the preference lies, beside the line of 50 %."""
    labels = [say("experiments.versus", first=duel.first, second=duel.second) for duel in state.duels]
    verdicts = [duel.verdict for duel in state.duels]
    lows = [verdict.low for verdict in verdicts]
    bars = {
        "type": "bar",
        "y": labels,
        "base": lows,
        "x": [verdict.high - low for verdict, low in zip(verdicts, lows, strict=True)],
        "orientation": "h",
        "width": 0.35,
        "opacity": 0.55,
        "hoverinfo": "skip",
    }
    shares = {
        "type": "scatter",
        "y": labels,
        "x": [verdict.share for verdict in verdicts],
        "mode": "markers",
        "marker": {"size": 12, "symbol": "diamond"},
        "cliponaxis": False,
        "hovertemplate": "%{x:.0%}<extra></extra>",
    }
    middle = {
        "type": "line",
        "x0": 0.5,
        "x1": 0.5,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"dash": "dash", "color": MIDDLE},
    }
    layout = {
        "height": 90 + BAR * len(labels),
        "margin": {"l": 8, "r": 28, "t": 8, "b": 8},
        "showlegend": False,
        "xaxis": {"range": [0, 1], "tickformat": ".0%", "dtick": 0.25, "title": {"text": say("experiments.axis")}},
        "yaxis": {"autorange": "reversed"},
        "shapes": [middle],
        "dragmode": False,
    }
    return go.Figure({"data": [bars, shares], "layout": layout})


def _strengths(state: Standings) -> None:
    with st.expander(say("experiments.strengths"), key="strengths"):
        for variant, strength in sorted(state.strengths.items(), key=lambda item: -item[1].share):
            low, share, high = (
                numbers.share(round(part * 1000), 1000) for part in (strength.low, strength.share, strength.high)
            )
            feedback.show_quietly(say("experiments.strength", variant=variant, share=share, low=low, high=high))


def _costs(studio: Studio, state: Standings) -> None:
    """What each variant took, as the metrics page says it."""
    with st.expander(say("experiments.costs"), key="variant_costs", on_change="rerun") as box:
        if not box.open:
            return  # counted when it is opened
        rows, unknown = {}, say("value.unknown")
        for number, figures in costs.by_variant(studio, state.experiment, state.variants).items():
            sums, tokens = figures.total, figures.total.tokens
            rows[say("experiments.variant", variant=number)] = {
                say("experiments.cost_captions"): numbers.amount(sums.rows),
                say("experiments.cost_latency"): numbers.milliseconds(figures.whole.percentile(0.5)),
                say("experiments.cost_tokens"): unknown if tokens is None else numbers.amount(tokens),
                say("experiments.cost_spent"): numbers.usd(figures.spent.amount),
                say("experiments.cost_failed"): numbers.amount(figures.failed),
                say("experiments.cost_rules"): numbers.amount(figures.rule_breaking),
                say("experiments.cost_kept"): numbers.amount(sums.approved),
                say("experiments.cost_per_kept"): numbers.usd(costs.cost_per_kept(figures)),
            }
        st.table(pd.DataFrame(rows))
        feedback.show_quietly(say("experiments.costs_help"))
        filters = costs.view(state.experiment).filters
        tenant_id = state.experiment.tenant_id
        st.page_link(
            MetricsAddress.file,
            label=say("experiments.in_metrics"),
            icon=":material/monitoring:",
            query_params=MetricsAddress(filters=filters).link(tenant_id),
        )


def _download(studio: Studio, state: Standings) -> None:
    """Votes, pairs and captions as a workbook."""
    experiment = state.experiment
    headings = words.listed("export") | words.listed("status") | words.listed("experiment_export")
    headings |= {name: say(f"experiments.observed_{name}") for name in COUNTS}

    def start(file_format: Format) -> Export:
        def write(path: Path, **watch: Any) -> None:
            sheets = export.tables(studio, experiment.tenant_id, experiment.experiment_id, headings)
            with path.open("wb") as file:
                xlsx_file.write_tables(file, sheets)
            watch["progress"](sum(len(list(sheet.rows)) for sheet in sheets))

        return background.start_file(
            studio,
            experiment.tenant_id,
            say("experiments.file_stem"),
            file_format,
            write,
            zone=format_dates.zone(),
            total=state.closed + state.open,
        )

    exporting.show(
        f"experiment {experiment.experiment_id}",
        experiment.tenant_id,
        say("experiments.download"),
        say("experiments.download_help"),
        ("xlsx",),
        start,
    )


def _variant(state: Standings, variant: Variant, failures: Sequence[Failure]) -> None:
    experiment = state.experiment
    with st.container(border=True, key=f"variant_{variant.variant}"):
        badge = f" :green-badge[{say('experiments.chosen')}]" if experiment.winner == variant.variant else ""
        st.markdown(f"**{say('experiments.variant', variant=variant.variant)}**{badge}")
        for line in changes(variant):
            feedback.show_quietly(line)
        if failures:
            feedback.show_quietly(say("experiments.variant_failed", reasons=_reasons(failures)))
        filters = FeedFilter(experiment=f"{experiment.experiment_id}:{variant.variant}")
        st.page_link(
            HistoryAddress.file,
            label=say("experiments.in_history"),
            icon=":material/history:",
            query_params=HistoryAddress(filters=filters).link(experiment.tenant_id),
        )


def changes(variant: Variant) -> list[str]:
    """What the variant changes, a line each; that it changes nothing, else."""
    lines = [
        f"{feedback.inert(words.field_name(name))}: {feedback.inert(str(value))}"
        for name, value in variant.changes.items()
    ]
    return lines or [say("experiments.as_it_is")]


def _closed(state: Standings) -> None:
    experiment = state.experiment
    when = format_dates.to_the_minute(experiment.closed_at)
    if experiment.winner:
        st.success(say("experiments.closed_with", variant=experiment.winner, at=when), icon=":material/flag:")
    else:
        st.info(say("experiments.closed_without", at=when), icon=":material/flag:")


def _share(studio: Studio, state: Standings) -> None:
    experiment = state.experiment
    key = row_key(SHARE, experiment.experiment_id)
    title = say("experiments.share_title", share=experiment.share)
    with st.expander(title, key="share", on_change="rerun") as box:
        if not box.open:
            return  # what it took is looked for when it is opened
        feedback.show_quietly(say("experiments.share_help"))
        st.session_state.setdefault(key, experiment.share)
        st.slider(say("experiments.share"), 0, 100, step=5, key=key, format="%d%%")
        actions.button(
            say("experiments.save_share"),
            "save_share",
            experiment.experiment_id,
            on_click=_save_share,
            args=(studio, experiment.tenant_id, experiment.experiment_id),
        )
        _counterparts(studio, state)


def _counterparts(studio: Studio, state: Standings) -> None:
    """What the experiment took can be judged when its briefs are written in the other variants."""
    experiment = state.experiment
    lacking = counterparts.missing(studio, experiment.tenant_id, experiment.experiment_id)
    if not lacking:
        return
    briefs = len({row.options.experiment.brief for row in lacking if row.options.experiment})
    st.markdown(say("experiments.counterparts", briefs=briefs, captions=len(lacking)))
    estimated_usd = costs_ahead.show(studio, experiment.tenant_id, lacking)
    actions.button(
        say("experiments.write_counterparts", captions=len(lacking)),
        "write_counterparts",
        experiment.experiment_id,
        icon=":material/play_arrow:",
        on_click=_write_counterparts,
        args=(studio, experiment.tenant_id, experiment.experiment_id, estimated_usd),
    )


def _close(studio: Studio, state: Standings) -> None:
    experiment = state.experiment
    winner_key = row_key(WINNER, experiment.experiment_id)
    with st.popover(say("experiments.close"), icon=":material/flag:"):
        feedback.show_quietly(say("experiments.close_help"))
        offered: list[int | None] = [None, *(variant.variant for variant in state.variants)]
        suggested = state.winner or state.leader
        st.session_state.setdefault(winner_key, suggested)
        st.selectbox(say("experiments.choose_winner"), offered, key=winner_key, format_func=_winner_name)
        chosen: Any = st.session_state.get(winner_key)
        if chosen and chosen != state.winner:
            st.warning(say("experiments.not_proven"), icon=":material/help:")
        variant = next((each for each in state.variants if each.variant == chosen), None)
        if variant and "gpt_prompt" in variant.changes:
            st.checkbox(say("experiments.as_default"), value=True, key=row_key(AS_DEFAULT, experiment.experiment_id))
        actions.button(
            say("experiments.close_now"),
            "close_experiment",
            experiment.experiment_id,
            type="primary",
            on_click=_close_now,
            args=(studio, experiment.tenant_id, experiment.experiment_id),
        )


def _winner_name(variant: int | None) -> str:
    return say("experiments.variant", variant=variant) if variant else say("experiments.no_winner")


# -- callbacks --------------------------------------------------------------------------------------------------------


def _save_share(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        share = int(st.session_state[row_key(SHARE, experiment_id)])
        design.set_share(studio, tenant_id, experiment_id, share)
        feedback.toast_later(say("experiments.share_saved", share=share), icon=":material/check:")


def _write_counterparts(
    studio: Studio, tenant_id: str, experiment_id: uuid.UUID, estimated_usd: Decimal | None
) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        counterparts.write(studio, tenant_id, experiment_id, estimated_usd=estimated_usd)


def _close_now(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        design.close(
            studio,
            tenant_id,
            experiment_id,
            winner=st.session_state[row_key(WINNER, experiment_id)],
            make_default=bool(st.session_state.get(row_key(AS_DEFAULT, experiment_id), True)),
            person=session.person(),
        )
