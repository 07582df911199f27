"""The form of a new experiment: its briefs, its variants, what it can show and what it costs, and the start."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lib.batches import sheet_reader
from lib.batches.columns import SPONSORSHIP
from lib.domain.brief import MAX_TEMPERATURE, Brief, GenerationOptions
from lib.domain.errors import Invalid, InvalidExperiment, Problem, StudioError
from lib.domain.experiments import evidence
from lib.experiments import briefs, design
from lib.experiments.design import LEAST_VARIANTS, MOST_VARIANTS, VOTES_PER_PAIR, Design
from lib.experiments.prompts import MAX_NAME
from lib.store import generations
from lib.store.experiments import prompts
from lib.store.experiments.definitions import Variant
from lib.store.experiments.prompts import Prompt
from lib.studio import Studio
from lib.ui.core import actions, cache, feedback, numbers, session, url_state, words
from lib.ui.core.actions import row_key
from lib.ui.core.addresses import ExperimentsAddress
from lib.ui.core.words import language, say
from lib.ui.experiments import costs_ahead

FORM, ERROR = "experiment_form", "experiment_error"
"""Session keys, with the team behind them: the briefs that the grid began with, and the id of the experiment that the
form makes; why the last start was refused."""
PREFERENCES = (0.6, 0.7, 0.8, 0.9)
"""True preferences whose chances to be noticed are told."""
OFTEN = 2 / 3
"""The part of tests that a reader may hope for: the pairs that it takes are told."""
FROM_HISTORY = 10
"""Briefs that are taken from the history at most."""
COLUMNS = ("product_description", "tone_style", "store_information", "gpt_prompt", "refined_ad_copy_eng", SPONSORSHIP)
"""Of the grid of briefs, in this order."""
FILE = "brief_file"
"""Session key of the file of briefs, with the number of the grid that it is for and the team behind it."""
MOST_WRONG = 10
"""Rows with mistakes that are told at once."""


def show(studio: Studio, tenant_id: str) -> None:
    """Draw the form; the start is taken in the run that has read every field."""
    st.subheader(say("experiments.open_new"), anchor=False)
    st.button(say("experiments.back"), key="new_back", on_click=lambda: ExperimentsAddress().show())
    form = _form(tenant_id)
    error = st.session_state.get(row_key(ERROR, tenant_id))
    problems = error.problems if isinstance(error, Invalid) else []
    st.text_input(
        say("experiments.name"),
        key=row_key("experiment_name", tenant_id),
        max_chars=MAX_NAME,
        placeholder=say("experiments.name_hint"),
    )
    feedback.show_problems(problems, "experiment_name")
    rows = _briefs(studio, tenant_id, form)
    feedback.show_problems(problems, "briefs")
    with studio.database.tenant(tenant_id) as db:
        library = prompts.newest(db, tenant_id)
    count = int(
        st.number_input(
            say("experiments.count"),
            LEAST_VARIANTS,
            MOST_VARIANTS,
            key=row_key("variant_count", tenant_id),
        )
    )
    columns = st.columns(min(count, 3))
    variants = []
    for number in range(1, count + 1):
        with columns[(number - 1) % len(columns)]:
            variants.append(_variant(tenant_id, number, library, problems))
    votes = st.segmented_control(
        say("experiments.votes_per_pair"),
        VOTES_PER_PAIR,
        default=VOTES_PER_PAIR[0],
        required=True,
        key=row_key("votes_per_pair", tenant_id),
        help=say("experiments.votes_help"),
    )
    share = int(
        st.slider(
            say("experiments.share"),
            0,
            100,
            step=5,
            key=row_key("new_share", tenant_id),
            format="%d%%",
            help=say("experiments.share_help"),
        )
    )
    name = str(st.session_state.get(row_key("experiment_name", tenant_id)) or "")
    fields = (rows, variants, int(votes or VOTES_PER_PAIR[0]), share)
    design_now = _design(studio, tenant_id, name, *fields)
    # What it costs and can show is said before it has a name.
    priced = design_now if name else _design(studio, tenant_id, "-", *fields)
    different = len(priced.briefs) if isinstance(priced, Design) else len(rows)
    if different < len(rows):
        feedback.show_quietly(say("experiments.same_briefs", count=len(rows) - different))
    _power(different, count)
    if isinstance(priced, Design) and priced.briefs:
        form["estimated_usd"] = costs_ahead.show(studio, tenant_id, priced.rows(form["id"]))
    if isinstance(error, StudioError):
        feedback.show_error(error)
    started = actions.button(
        say("experiments.start", captions=different * count) if rows else say("experiments.start_share"),
        "start_experiment",
        tenant_id,
        type="primary",
        icon=":material/play_arrow:",
    )
    if started:
        _start(studio, tenant_id, form, design_now)


def _form(tenant_id: str) -> dict[str, Any]:
    form: dict[str, Any] = st.session_state.setdefault(
        row_key(FORM, tenant_id), {"id": uuid.uuid4(), "grid": 0, "briefs": []}
    )
    return form


def _briefs(studio: Studio, tenant_id: str, form: dict[str, Any]) -> list[dict[str, str]]:
    """The grid of briefs; returns the rows that hold something."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{say('experiments.briefs')}**")
        st.button(
            say("experiments.from_history", count=FROM_HISTORY),
            key="briefs_from_history",
            icon=":material/history:",
            on_click=_from_history,
            args=(studio, tenant_id),
        )
    feedback.show_quietly(say("experiments.briefs_help"))
    _file(studio, tenant_id, form)
    frame = pd.DataFrame(form["briefs"] or [dict.fromkeys(COLUMNS, "")], columns=list(COLUMNS), dtype="string")
    edited = st.data_editor(
        frame,
        key=row_key(f"briefs_{form['grid']}", tenant_id),
        num_rows="dynamic",
        hide_index=True,
        column_config={name: st.column_config.TextColumn(words.field_name(name), width="medium") for name in COLUMNS},
    )
    values = edited.fillna("").astype(str).to_numpy().tolist()
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in values]
    form["rows"] = [row for row in rows if any(value.strip() for value in row.values())]
    return list(form["rows"])


def _from_history(studio: Studio, tenant_id: str) -> None:
    with feedback.shown_later():
        with studio.database.tenant(tenant_id) as db:
            recent = generations.recent_briefs(db, tenant_id, FROM_HISTORY * 5)
        _add(tenant_id, briefs.distinct(recent)[:FROM_HISTORY])


def _file(studio: Studio, tenant_id: str, form: dict[str, Any]) -> None:
    """Briefs of a file; it is taken by the run that finds it, because a callback may be cut off by what is typed."""
    with st.expander(say("experiments.from_file"), icon=":material/upload_file:", key="briefs_from_file"):
        with st.container(key=FILE):
            upload = st.file_uploader(
                say("experiments.file"),
                type=list(sheet_reader.SUFFIXES),
                key=row_key(f"{FILE}_{form['grid']}", tenant_id),
                max_upload_size=sheet_reader.MOST_FILE_MB,
                help=say("experiments.file_help"),
            )
        if upload is None:
            return
        refused, error = form.get("refused", ("", None))
        if refused != upload.file_id:
            try:
                with st.spinner(say("batches.reading")):
                    sheet = sheet_reader.read(upload.getvalue(), upload.name)
                    taken = briefs.of_sheet(studio, tenant_id, sheet)
            except StudioError as raised:
                form["refused"], error = (upload.file_id, raised), raised
            else:
                _add(tenant_id, taken.rows)
                text = say("experiments.file_taken", count=len(taken.rows))
                if taken.unused:
                    columns = feedback.inert(", ".join(taken.unused))
                    text = f"{text} {say('experiments.file_unused', columns=columns)}"
                feedback.toast_later(text, icon=":material/check:")
                url_state.draw_again()
        if error:
            feedback.show_error(error)


def _add(tenant_id: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Put these rows below those that the grid has, which stay; the same row stands in it once."""
    form = _form(tenant_id)
    whole = [{name: row.get(name, "") for name in briefs.FIELDS} for row in (*form.get("rows", []), *rows)]
    form["briefs"] = [row for place, row in enumerate(whole) if row not in whole[:place]]
    form["grid"] += 1


def _variant(tenant_id: str, number: int, library: Sequence[Prompt], problems: list[Problem]) -> Variant:
    """The fields of one variant; an empty field leaves what the brief says."""

    def key(name: str) -> str:
        return row_key(f"variant_{number}_{name}", tenant_id)

    with st.container(border=True, key=f"new_variant_{number}"):
        st.markdown(f"**{say('experiments.variant', variant=number)}**")
        feedback.show_problems(problems, f"variants.{number}")
        chosen: Prompt | None = None
        if library:
            chosen = st.selectbox(
                say("experiments.from_library"),
                library,
                index=None,
                key=key("prompt"),
                format_func=lambda prompt: f"{prompt.name} · {say('experiments.version', version=prompt.version)}",
                placeholder=say("experiments.typed"),
            )
        typed = st.text_area(
            words.field_name("gpt_prompt"),
            key=key("gpt_prompt"),
            height=110,
            placeholder=chosen.text if chosen else say("experiments.as_in_brief"),
            disabled=chosen is not None,
        )
        tone = st.text_input(
            words.field_name("tone_style"), key=key("tone_style"), placeholder=say("experiments.as_in_brief")
        )
        model = st.text_input(words.field_name("model"), key=key("model"), placeholder=say("experiments.usual_model"))
        temperature = st.number_input(
            words.field_name("temperature"), 0.0, MAX_TEMPERATURE, value=None, step=0.1, key=key("temperature")
        )
        tokens = st.number_input(
            words.field_name("max_tokens"), 64, 16_000, value=None, step=100, key=key("max_tokens")
        )
        for name in ("gpt_prompt", "tone_style", "model", "temperature", "max_tokens"):
            feedback.show_problems(problems, f"variants.{number}.{name}")
    values = {
        "gpt_prompt": chosen.text if chosen else (typed or "").strip(),
        "tone_style": (tone or "").strip(),
        "model": (model or "").strip(),
        "temperature": temperature,
        "max_tokens": tokens,
    }
    changed = {name: value for name, value in values.items() if value not in ("", None)}
    if chosen:
        return Variant(number, changed, chosen.prompt_id, chosen.version)
    return Variant(number, changed)


def _power(briefs: int, variants: int) -> None:
    """What so many pairs can show, before anything is spent."""
    if not briefs:
        return
    pairs = briefs * variants * (variants - 1) // 2
    with st.container(border=True, key="power"):
        st.markdown(f"**{say('experiments.power_title', pairs=pairs, each=briefs)}**")
        least = evidence.least_wins(briefs)
        if least is None:
            st.warning(say("experiments.too_few", pairs=briefs), icon=":material/info:")
            return
        for preference in PREFERENCES:
            chance = evidence.power(briefs, preference)
            feedback.show_quietly(
                say(
                    "experiments.power",
                    preference=f"{preference:.0%}",
                    chance=f"{chance:.0%}",
                    needed=numbers.amount(evidence.pairs_needed(preference, OFTEN)),
                )
            )


def _design(
    studio: Studio,
    tenant_id: str,
    name: str,
    rows: Sequence[dict[str, str]],
    variants: Sequence[Variant],
    votes: int,
    share: int,
) -> Design | StudioError:
    """What the fields say, or why it cannot be started."""
    try:
        return Design(
            name=name,
            briefs=_checked(studio, tenant_id, rows),
            options=GenerationOptions(studio.settings.openai_model, language=language()),
            variants=variants,
            votes_per_pair=votes,
            share=share,
        )
    except StudioError as error:
        return error


def _start(studio: Studio, tenant_id: str, form: dict[str, Any], made: Design | StudioError) -> None:
    state = st.session_state
    state[row_key(ERROR, tenant_id)] = None
    try:
        actions.require_screen(tenant_id)
        if isinstance(made, StudioError):
            raise made
        experiment_id = design.start(
            studio, tenant_id, form["id"], made, person=session.person(), estimated_usd=form.get("estimated_usd")
        )
    except StudioError as error:
        state[row_key(ERROR, tenant_id)] = error
    else:
        del state[row_key(FORM, tenant_id)]
        ExperimentsAddress(experiment_id).show()
    st.rerun()


def _checked(studio: Studio, tenant_id: str, rows: Sequence[dict[str, str]]) -> list[Brief]:
    """The briefs of the grid. Raises ``InvalidExperiment`` with the number of each row that is none."""
    defaults = {
        "tone_style": say("tone.warm"),
        "gpt_prompt": cache.default_prompt(tenant_id) or say("form.gpt_prompt_default"),
    }
    made, wrong = briefs.check(tenant_id, rows, defaults, studio.settings.openai_model)
    if wrong:
        raise InvalidExperiment([_as_one(number, problems) for number, problems in list(wrong.items())[:MOST_WRONG]])
    return made


def _as_one(number: int, problems: Sequence[Problem]) -> Problem:
    reasons = "; ".join(f"{words.field_name(each.field)}: {words.problem(each)}" for each in problems)
    return Problem("briefs", "row", {"row": number, "reasons": reasons})
