"""How it is to be written: the options beside the brief, kept over a reload like the brief itself."""

from __future__ import annotations

import json
import uuid
from typing import Any

import streamlit as st

from lib.domain.brief import (
    DEFAULT_MAX_TOKENS,
    LANGUAGES,
    MAX_TEMPERATURE,
    MAX_TOKENS,
    MAX_VARIANTS,
    MIN_TOKENS,
    GenerationOptions,
)
from lib.domain.errors import InvalidBrief, Problem
from lib.domain.models import DEMO_MODEL
from lib.studio import Studio
from lib.ui.components.draft import draft
from lib.ui.components.field_errors import field_errors
from lib.ui.core import session, words
from lib.ui.core.words import say
from lib.ui.feed import links

IDS = ("job_id", "overlay_id")
CHOSEN, APPLIED = "chosen_options", "applied_options"
"""In the session: the options that differ from their defaults, as JSON, as the browser keeps them and as the widgets
show them. Where the two differ, the browser or another tenant's draft has brought others."""
LONGEST = 255
"""Characters of a text that are taken back from the browser."""


def keep(studio: Studio, tenant_id: str) -> None:
    """Give every option its value, the one of before a reload too; before the widgets are drawn.

    Nobody is to pay for another model than the one they chose.
    """
    state = st.session_state
    if APPLIED in state and state.get(CHOSEN) == state[APPLIED]:
        state[CHOSEN] = state[APPLIED] = _chosen(studio)
    draft.keep({CHOSEN: "{}"}, scope=tenant_id, key="options_draft")
    if state[CHOSEN] != state.get(APPLIED):
        _apply(_defaults(studio) | _read(state[CHOSEN]))
        state[APPLIED] = state[CHOSEN]
    if state.get("language") in (None, state.get("language_followed")):  # nobody chose: as the reader reads
        state["language"] = state["language_followed"] = words.language()


def show_main() -> None:
    """The two that matter for every brief."""
    with st.container(horizontal=True, gap="small"):
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
            required=True,
            help=say("form.variants_help"),
            key="variants",
            persist_state="session",
        )


def show_more(studio: Studio, tenant_id: str) -> None:
    """The others, which have good defaults."""
    kept: dict[str, Any] = {"persist_state": "session"}
    st.selectbox(
        say("form.model"),
        list(studio.settings.openai_models),
        accept_new_options=True,
        format_func=session.typable,
        key="model",
        help=say("form.model_help"),
        **kept,
    )
    field_errors.show("model")
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
        field_errors.show("temperature")
    with right:
        st.number_input(
            say("form.max_tokens"),
            min_value=MIN_TOKENS,
            max_value=MAX_TOKENS,
            step=500,
            help=say("form.max_tokens_help"),
            key="max_tokens",
            **kept,
        )
        field_errors.show("max_tokens")
    links.choose(studio, tenant_id, *IDS, beneath=field_errors.show, **kept)


def asked() -> GenerationOptions:
    """The options as they stand in the form; raises ``InvalidBrief`` with every problem of all."""
    state = st.session_state
    problems: list[Problem] = []
    options = None
    ids: dict[str, uuid.UUID | None] = {}
    for name in IDS:
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
    if problems or options is None:
        raise InvalidBrief(problems)
    return options


def variants() -> int:
    """How many captions are asked for."""
    return int(st.session_state.get("variants") or 1)


def _defaults(studio: Studio) -> dict[str, Any]:
    return {
        "model": studio.settings.openai_models[0],
        "language": None,
        "variants": 1,
        "temperature": None,
        "max_tokens": DEFAULT_MAX_TOKENS,
        "job_id": None,
        "overlay_id": None,
    }


def _chosen(studio: Studio) -> str:
    state = st.session_state
    differ = {name: state[name] for name, usual in _defaults(studio).items() if name in state and state[name] != usual}
    if differ.get("language") == state.get("language_followed"):
        differ.pop("language", None)
    return json.dumps(differ, ensure_ascii=False, sort_keys=True)


def _read(told: str) -> dict[str, Any]:
    """What the browser kept, as far as the widgets can show it: another release may have kept something else."""
    try:
        kept = json.loads(told)
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: kept[name] for name, fits in _FITS.items() if name in kept and fits(kept[name])}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _is_filled(value: Any) -> bool:
    return _is_text(value) and bool(value.strip())


def _is_number(value: Any, kinds: type[int] | tuple[type[int], type[float]], least: float, most: float) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool) and least <= float(value) <= most


_FITS = {
    "model": _is_filled,
    "language": lambda value: value in LANGUAGES,
    "variants": lambda value: _is_number(value, int, 1, MAX_VARIANTS),
    "temperature": lambda value: _is_number(value, (int, float), 0, MAX_TEMPERATURE),
    "max_tokens": lambda value: _is_number(value, int, MIN_TOKENS, MAX_TOKENS),
    "job_id": _is_filled,
    "overlay_id": _is_filled,
}


def _apply(values: dict[str, Any]) -> None:
    state = st.session_state
    for name, value in values.items():
        state[name] = float(value) if name == "temperature" and value is not None else value
