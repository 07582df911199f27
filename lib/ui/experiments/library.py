"""The prompt library: the team's instructions in versions, the default, and who decided on it, when and why."""

from __future__ import annotations

import uuid
from typing import Any

import streamlit as st

from lib.domain.brief import MAX_CHARS
from lib.domain.errors import InvalidExperiment, StudioError
from lib.experiments import prompts
from lib.experiments.prompts import MAX_NAME
from lib.store.experiments import prompts as store
from lib.store.experiments.prompts import Default, Prompt
from lib.studio import Studio
from lib.ui.core import actions, feedback, format_dates, session
from lib.ui.core.actions import row_key
from lib.ui.core.addresses import ExperimentsAddress
from lib.ui.core.words import say
from lib.ui.experiments import verdict_text

NAME, TEXT, ERROR = "prompt_name", "prompt_text", "prompt_error"
"""Session keys: the fields of a new prompt, or of the next version of one; why it was refused."""


def show(studio: Studio, tenant_id: str) -> None:
    """Draw the library."""
    st.subheader(say("experiments.library"), anchor=False)
    feedback.show_quietly(say("experiments.library_what"))
    st.button(say("experiments.back"), key="library_back", on_click=lambda: ExperimentsAddress().show())
    with studio.database.tenant(tenant_id) as db:
        newest, decisions = store.newest(db, tenant_id), store.defaults(db, tenant_id)
        names = {prompt.prompt_id: prompt.name for prompt in newest}
        default = decisions[0] if decisions and decisions[0].prompt_id else None
        for prompt in newest:
            is_default = default is not None and default.prompt_id == prompt.prompt_id
            _prompt(studio, tenant_id, prompt, store.versions(db, tenant_id, prompt.prompt_id), default, is_default)
    _fields(studio, tenant_id, None)
    if decisions:
        with st.expander(say("experiments.decisions", count=len(decisions)), expanded=True, key="default_decisions"):
            for decision in decisions:
                _decision(decision, names)
            if default:
                actions.button(
                    say("experiments.product_default"),
                    "product_default",
                    tenant_id,
                    type="tertiary",
                    on_click=_make_default,
                    args=(studio, tenant_id, None, None),
                )


def _prompt(
    studio: Studio, tenant_id: str, prompt: Prompt, versions: list[Prompt], default: Default | None, is_default: bool
) -> None:
    label = f"{feedback.inert(prompt.name)} · {say('experiments.version', version=prompt.version)}"
    with st.expander(f"{label} :green-badge[{say('experiments.default')}]" if is_default else label):
        for version in versions:
            when = format_dates.to_the_minute(version.created_at)
            who = feedback.inert(version.person) if version.person else say("value.unknown")
            feedback.show_quietly(f"{say('experiments.version', version=version.version)} · {when} · {who}")
            st.text(version.text)
            is_this = is_default and default is not None and default.version == version.version
            if not is_this:
                actions.button(
                    say("experiments.make_default"),
                    f"make_default_{prompt.prompt_id}_{version.version}",
                    tenant_id,
                    on_click=_make_default,
                    args=(studio, tenant_id, prompt.prompt_id, version.version),
                )
        _fields(studio, tenant_id, prompt)


def _fields(studio: Studio, tenant_id: str, prompt: Prompt | None) -> None:
    row = prompt.prompt_id if prompt else tenant_id
    title = say("experiments.next_version") if prompt else say("experiments.new_prompt")
    with st.container(border=True, key=row_key("prompt_fields", row).replace("@", "_")):
        st.markdown(f"**{title}**")
        if prompt:
            st.session_state.setdefault(row_key(TEXT, row), prompt.text)
        else:
            st.text_input(say("experiments.prompt_name"), key=row_key(NAME, row), max_chars=MAX_NAME)
        st.text_area(say("form.gpt_prompt"), key=row_key(TEXT, row), max_chars=MAX_CHARS["gpt_prompt"], height=110)
        error: Any = st.session_state.get(row_key(ERROR, row))
        if isinstance(error, InvalidExperiment):
            for field in ("prompt_name", "gpt_prompt"):
                feedback.show_problems(error.problems, field)
        elif isinstance(error, StudioError):
            feedback.show_error(error)
        actions.button(
            say("experiments.save_prompt"),
            f"save_version_{row}" if prompt else "save_prompt",
            row,
            on_click=_save,
            args=(studio, tenant_id, prompt),
        )


def _decision(decision: Default, names: dict[uuid.UUID, str]) -> None:
    who = feedback.inert(decision.person) if decision.person else say("value.unknown")
    when = format_dates.to_the_minute(decision.created_at)
    if decision.prompt_id is None:
        what = say("experiments.decided_product")
    else:
        name = feedback.inert(names.get(decision.prompt_id, "?"))
        what = say("experiments.decided", name=name, version=decision.version)
    st.markdown(f"{what}  \n:small[{when} · {who}]")
    if decision.evidence:
        for duel in decision.evidence["against"]:
            feedback.show_quietly(
                say(
                    "experiments.because",
                    variant=decision.evidence["winner"],
                    other=duel["variant"],
                    won=duel["won"],
                    lost=duel["lost"],
                    tied=duel["tied"],
                    e=verdict_text.evidence(duel["e"]),
                )
            )
    if decision.experiment_id:
        st.button(
            say("experiments.see_results"),
            key=row_key("evidence", decision.number),
            type="tertiary",
            on_click=_open,
            args=(decision.experiment_id,),
        )


# -- callbacks --------------------------------------------------------------------------------------------------------


def _open(experiment_id: uuid.UUID) -> None:
    ExperimentsAddress(experiment_id).show()


def _save(studio: Studio, tenant_id: str, prompt: Prompt | None) -> None:
    row = prompt.prompt_id if prompt else tenant_id
    state = st.session_state
    state[row_key(ERROR, row)] = None
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        _store(studio, tenant_id, prompt)


def _store(studio: Studio, tenant_id: str, prompt: Prompt | None) -> None:
    """Save the text; what is wrong with it is said beside it."""
    row = prompt.prompt_id if prompt else tenant_id
    state = st.session_state
    try:
        prompts.save(
            studio,
            tenant_id,
            prompt.name if prompt else state[row_key(NAME, row)],
            state[row_key(TEXT, row)],
            prompt_id=prompt.prompt_id if prompt else None,
            person=session.person(),
        )
    except StudioError as error:
        state[row_key(ERROR, row)] = error
    else:
        if not prompt:
            state[row_key(NAME, row)] = state[row_key(TEXT, row)] = ""


def _make_default(studio: Studio, tenant_id: str, prompt_id: uuid.UUID | None, version: int | None) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        prompts.make_default(studio, tenant_id, prompt_id, version, person=session.person())
