"""The form of a brief: the five inputs, the options, the press of the button; each problem beside its field."""

from __future__ import annotations

import uuid
from typing import Any

import streamlit as st

from lib import generation
from lib.brief import (
    DEFAULT_MAX_TOKENS,
    INPUTS,
    LANGUAGES,
    MAX_CHARS,
    MAX_TEMPERATURE,
    MAX_TOKENS,
    MAX_VARIANTS,
    MIN_TOKENS,
    REQUIRED,
    Brief,
    GenerationOptions,
)
from lib.errors import Invalid, InvalidBrief, KeyReused, Problem, StudioError
from lib.settings import DEMO_MODEL
from lib.store import generations
from lib.studio import Studio
from lib.ui import draft, feedback, frame, runs, words
from lib.ui.words import say

TONES = ("warm", "witty", "calm", "formal", "lively", "minimal")
HEIGHTS = {"product_description": 132, "store_information": 84, "gpt_prompt": 108}
"""Pixels of the fields that take more than a line."""


def show(here: Studio, tenant_id: str) -> None:
    """Draw the form and, where its button was pressed, begin to write."""
    state = st.session_state
    draft.keep(_defaults(here, tenant_id), scope=tenant_id)
    problems: list[Problem] = state.get("problems", [])

    st.subheader(say("form.title"))
    _input("product_description", problems)
    _input("refined_ad_copy_eng", problems)
    tones = [say(f"tone.{tone}") for tone in TONES]
    st.pills(say("form.tone_preset"), tones, key="tone_preset", on_change=_take_tone, wrap=True)
    _input("tone_style", problems)
    _input("store_information", problems)
    _input("gpt_prompt", problems)
    _main_options()
    with st.expander(say("form.options"), icon=":material/tune:", expanded=_concerns_options(problems)):
        _options(here, problems)
    if state.get("form_error"):
        feedback.show_error(state["form_error"])

    writing = runs.being_written(here)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("form.generating" if writing else "form.generate"),
            key="generate",
            type="primary",
            icon=":material/auto_awesome:",
            on_click=_press,
            args=(here, tenant_id),
            disabled=writing,
        )
        st.button(say("form.clear"), key="new_brief", type="tertiary", on_click=_clear, args=(tenant_id,))
        if state.get("cleared"):
            st.button(say("form.undo"), key="undo_new_brief", type="tertiary", on_click=_undo, icon=":material/undo:")
    st.file_uploader(
        say("form.picture"), type=["jpg", "jpeg", "png", "webp"], key="picture", help=say("form.picture_help")
    )


def use_again(brief: dict[str, Any]) -> None:
    """Fill the form with a recorded brief. Only from a callback."""
    for name in INPUTS:
        st.session_state[name] = brief[name]


def _input(name: str, problems: list[Problem]) -> None:
    label = say(f"form.{name}")
    if name not in REQUIRED:
        label = f"{label} · {say('form.optional')}"
    told = words.listed("form")
    limit = say("form.limit", most=MAX_CHARS[name])
    options: dict[str, Any] = {
        "key": name,
        "placeholder": told.get(f"{name}_hint"),
        "help": "  \n".join(filter(None, [told.get(f"{name}_help"), limit])),
        "on_change": "ignore",  # no rerun while somebody writes; the press of the button brings every value
    }
    if name in HEIGHTS:
        st.text_area(label, height=HEIGHTS[name], **options)
    else:
        st.text_input(label, **options)
    feedback.show_problems(problems, name)


def _main_options() -> None:
    state = st.session_state
    if state.get("language") in (None, state.get("language_followed")):  # nobody chose: as the reader reads
        state["language"] = state["language_followed"] = words.language()
    with st.container(horizontal=True, gap="large"):
        st.segmented_control(
            say("form.language"),
            LANGUAGES,
            format_func=lambda language: say(f"form.language_{language}"),
            required=True,
            key="language",
            persist_state="session",
        )
        st.segmented_control(
            say("form.variants"),
            range(1, MAX_VARIANTS + 1),
            default=1,
            required=True,
            help=say("form.variants_help"),
            key="variants",
            persist_state="session",
        )


def _options(here: Studio, problems: list[Problem]) -> None:
    kept: dict[str, Any] = {"persist_state": "session"}
    models = list(here.settings.openai_models)
    st.selectbox(
        say("form.model"),
        models,
        accept_new_options=True,
        format_func=frame.typable,
        key="model",
        help=say("form.model_help"),
        **kept,
    )
    feedback.show_problems(problems, "model")
    left, right = st.columns(2)
    with left:
        st.number_input(
            say("form.temperature"),
            min_value=0.0,
            max_value=MAX_TEMPERATURE,
            step=0.1,
            value=None,
            placeholder=say("form.temperature_hint"),
            help=say("form.temperature_help"),
            key="temperature",
            **kept,
        )
        feedback.show_problems(problems, "temperature")
    with right:
        st.number_input(
            say("form.max_tokens"),
            min_value=MIN_TOKENS,
            max_value=MAX_TOKENS,
            value=DEFAULT_MAX_TOKENS,
            step=500,
            help=say("form.max_tokens_help"),
            key="max_tokens",
            **kept,
        )
        feedback.show_problems(problems, "max_tokens")
    for name in ("job_id", "overlay_id"):
        label = f"{say(f'form.{name}')} · {say('form.optional')}"
        st.text_input(label, key=name, placeholder=say("form.id_hint"), **kept)
        feedback.show_problems(problems, name)


def _concerns_options(problems: list[Problem]) -> bool:
    return any(problem.field not in INPUTS for problem in problems)


def _defaults(here: Studio, tenant_id: str) -> dict[str, str]:
    """What the fields hold before anybody types: the store's facts and the tone of the tenant's last brief."""
    known: dict[str, dict[str, Any]] = st.session_state.setdefault("last_brief", {})
    if tenant_id not in known:
        try:
            with here.database.tenant(tenant_id) as db:
                last = generations.newest(db, tenant_id)
        except StudioError as error:
            feedback.show_error(error)
            last = None
        else:
            known[tenant_id] = last.brief if last else {}
    last_brief = known.get(tenant_id, {})
    return {
        "product_description": "",
        "refined_ad_copy_eng": "",
        "tone_style": words.translated("tone", last_brief.get("tone_style") or say("tone.warm")),
        "store_information": last_brief.get("store_information") or "",
        "gpt_prompt": say("form.gpt_prompt_default"),
    }


# -- callbacks: they run before the page is drawn again --------------------------------------------------------------


def _take_tone() -> None:
    if st.session_state["tone_preset"]:
        st.session_state["tone_style"] = st.session_state["tone_preset"]


def _clear(tenant_id: str) -> None:
    state = st.session_state
    state["cleared"] = {name: state.get(name, "") for name in INPUTS}
    state["problems"], state["form_error"] = [], None
    draft.forget(scope=tenant_id)


def _undo() -> None:
    use_again(st.session_state.pop("cleared"))


def _press(here: Studio, tenant_id: str) -> None:
    state = st.session_state
    run_id = runs.press()
    if runs.being_written(here) and not runs.is_open(run_id):
        return  # another run is being written, and the page's button says so by now
    state["problems"], state["form_error"], state["cleared"] = [], None, None
    begun: list[generation.Begun] = []
    try:
        brief, options = _asked(tenant_id)
        for variant in range(1, int(state["variants"]) + 1):
            key = runs.key(run_id, variant)
            one = generation.begin(
                here, brief, options, source="page", idempotency_key=key, run_id=run_id, variant=variant
            )
            if isinstance(one, generation.Begun):  # else the first click of a double click asked for it
                begun.append(one)
    except Invalid as error:
        state["problems"], state["form_error"] = error.problems, error
        return
    except KeyReused:
        pass  # the form was changed between two clicks of one press: what the first one asked for is shown
    except StudioError as error:
        state["form_error"] = error
        if not begun:
            return
    finally:  # also when a variant could not be begun for a reason nobody foresaw
        for one in begun:
            generation.start(here, one)
    state.setdefault("last_brief", {})[tenant_id] = brief.inputs()
    runs.open_run(run_id)


def _asked(tenant_id: str) -> tuple[Brief, GenerationOptions]:
    """The brief and the options as they stand in the form; every problem of both at once."""
    state = st.session_state
    problems: list[Problem] = []
    brief = options = None
    try:
        brief = Brief(tenant_id, **{name: str(state.get(name) or "") for name in INPUTS})
    except InvalidBrief as error:
        problems += error.problems
    ids: dict[str, uuid.UUID | None] = {}
    for name in ("job_id", "overlay_id"):
        try:
            typed = str(state.get(name) or "").strip()
            ids[name] = uuid.UUID(typed) if typed else None
        except ValueError:
            problems.append(Problem(name, "not_an_id"))
    try:
        options = GenerationOptions(
            model=str(state.get("model") or DEMO_MODEL),
            language=state.get("language") or LANGUAGES[0],
            temperature=state.get("temperature"),
            max_tokens=int(state.get("max_tokens") or DEFAULT_MAX_TOKENS),
            job_id=ids.get("job_id"),
            overlay_id=ids.get("overlay_id"),
        )
    except InvalidBrief as error:
        problems += error.problems
    if problems or brief is None or options is None:
        raise InvalidBrief(problems)
    return brief, options
