"""The form of a brief: the five inputs, the options, the press of the button; each problem beside its field."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.domain.brief import INPUTS, MAX_CHARS, REQUIRED, Brief, GenerationOptions
from lib.domain.errors import Invalid, InvalidBrief, KeyReused, Problem, StudioError
from lib.domain.progress import Progress
from lib.generation.submit import GenerationRequest, submit
from lib.store import generations
from lib.studio import Studio
from lib.ui.components.draft import draft
from lib.ui.components.field_errors import field_errors
from lib.ui.core import feedback, run_state, words
from lib.ui.core.words import say
from lib.ui.generate import options_form
from lib.ui.generate.shown import Shown, Watch, phase_line

TONES = ("warm", "witty", "calm", "formal", "lively", "minimal")
HEIGHTS = {"product_description": 132, "store_information": 84, "gpt_prompt": 108}
"""Pixels of the fields that take more than a line."""
EVERY_S = 0.5
"""How often the line beside the button is drawn again while a caption is being written."""


def show(studio: Studio, tenant_id: str, shown: Shown) -> None:
    """Draw the form and, where its button was pressed, begin to write."""
    state = st.session_state
    draft.keep(_defaults(studio, tenant_id), scope=tenant_id)
    options_form.keep(studio, tenant_id)

    st.subheader(say("form.title"), anchor=False)
    _input("product_description")
    _input("refined_ad_copy_eng")
    _tone_presets()
    _input("tone_style")
    _input("store_information")
    with st.container():
        remembered = _last_brief(tenant_id).get("store_information")
        if remembered and state["store_information"] == remembered and not state["product_description"]:
            feedback.show_quietly(say("form.remembered"))
    _input("gpt_prompt")
    options_form.show_main()
    with st.expander(say("form.options"), icon=":material/tune:", expanded=_concerns_options(field_errors.known())):
        options_form.show_more(studio, tenant_id)
    _buttons(studio, tenant_id, shown)
    # Below, so that the button stays where it is under a finger that presses twice.
    _form_error(state.get("form_error"))
    field_errors.tie()
    st.file_uploader(
        say("form.picture"), type=["jpg", "jpeg", "png", "webp"], key="picture", help=say("form.picture_help")
    )


def use_again(brief: dict[str, Any]) -> None:
    """Fill the form with a recorded brief; what stood there can be brought back. Only from a callback."""
    state = st.session_state
    before = {name: state.get(name, "") for name in INPUTS}
    if before != {name: brief[name] for name in INPUTS}:
        state["replaced"] = _Replaced("form.loaded", before)
    _forget_problems()
    _fill(brief)


@dataclass(frozen=True)
class _Replaced:
    """What a press took out of the form, and what was shown beside it then, for who wants it back."""

    told: str
    """The words that say what the press did."""
    brief: dict[str, str]
    feed_id: uuid.UUID | None = None
    run_id: uuid.UUID | None = None


def _tone_presets() -> None:
    tones = [say(f"tone.{tone}") for tone in TONES]
    # The field is the truth: what stands there is what is chosen here, also after somebody has typed another tone.
    st.session_state["tone_preset"] = next((tone for tone in tones if tone == st.session_state["tone_style"]), None)
    st.pills(say("form.tone_preset"), tones, key="tone_preset", on_change=_take_tone, wrap=True)


def _form_error(error: StudioError | None) -> None:
    """What went wrong with the whole form; a field's own problem stands beside the field."""
    if isinstance(error, Invalid) and field_errors.known():
        named = ", ".join(dict.fromkeys(words.field_name(one.field) for one in error.problems))
        st.error(feedback.inert(say("form.to_correct", fields=named)), icon=":material/error:")
    elif error:
        feedback.show_error(error)


def _buttons(studio: Studio, tenant_id: str, shown: Shown) -> None:
    writing = bool(shown.running)
    replaced: _Replaced | None = st.session_state.get("replaced")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("form.generating" if writing else "form.generate"),
            key="generate",
            type="primary",
            icon=":material/auto_awesome:",
            on_click=_press,
            args=(studio, tenant_id),
            disabled=writing,
        )
        st.button(say("form.clear"), key="new_brief", type="tertiary", on_click=_clear, args=(tenant_id,))
        if replaced:
            st.button(say("form.undo"), key="undo_new_brief", type="tertiary", on_click=_undo, icon=":material/undo:")
    with st.container():
        if replaced:
            feedback.show_quietly(say(replaced.told))
    # Always there and always at the same place: a tick that comes late finds it still there.
    st.fragment(_status, run_every=EVERY_S if writing else None)(Watch(studio, shown))


def _status(watch: Watch) -> None:
    """How far it is, and the way to stop it, where the button was pressed: on a phone the post is a screen away."""
    running = [(variant, variant.progress) for variant in watch.look().running if variant.progress]
    if not running:
        return  # the fragment of the post sees it too and draws the whole page
    furthest = max(running, key=lambda pair: len(pair[1].seen()[0]))
    with st.container(horizontal=True, vertical_alignment="center"):
        progresses = [progress for _, progress in running]
        st.button(say("result.stop"), key="stop_run", icon=":material/stop_circle:", on_click=_stop, args=(progresses,))
        feedback.show_quietly(phase_line(*furthest))


def _input(name: str) -> None:
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
    with st.container():  # with what is wrong or without, what follows keeps its place
        if name in HEIGHTS:
            st.text_area(label, height=HEIGHTS[name], **options)
        else:
            st.text_input(label, **options)
        field_errors.show(name)


def _concerns_options(problems: list[Problem]) -> bool:
    return any(problem.field not in INPUTS for problem in problems)


def _last_brief(tenant_id: str) -> dict[str, Any]:
    found: dict[str, Any] = st.session_state["last_brief"].get(tenant_id, {})
    return found


def _defaults(studio: Studio, tenant_id: str) -> dict[str, str]:
    """What the fields hold before anybody types: the store's facts and the tone of the tenant's last brief."""
    known: dict[str, dict[str, Any]] = st.session_state.setdefault("last_brief", {})
    if tenant_id not in known:
        try:
            with studio.database.tenant(tenant_id) as db:
                last = generations.newest(db, tenant_id)
        except StudioError as error:
            feedback.show_error(error)
        else:
            known[tenant_id] = last.brief if last else {}
    last_brief = _last_brief(tenant_id)
    return {
        "product_description": "",
        "refined_ad_copy_eng": "",
        "tone_style": words.translated("tone", last_brief.get("tone_style") or say("tone.warm")),
        "store_information": last_brief.get("store_information") or "",
        "gpt_prompt": say("form.gpt_prompt_default"),
    }


def _fill(brief: Mapping[str, Any]) -> None:
    for name in INPUTS:
        st.session_state[name] = brief[name]


# -- callbacks: they run before the page is drawn again --------------------------------------------------------------


def _take_tone() -> None:
    if st.session_state["tone_preset"]:
        st.session_state["tone_style"] = st.session_state["tone_preset"]


def _clear(tenant_id: str) -> None:
    state = st.session_state
    before = {name: state.get(name, "") for name in INPUTS}
    state["replaced"] = _Replaced("form.cleared", before, feed_id=run_state.shown().feed, run_id=run_state.shown().run)
    _forget_problems()
    draft.forget(scope=tenant_id)
    run_state.close()


def _forget_problems() -> None:
    field_errors.found([])
    st.session_state["form_error"] = None


def _undo() -> None:
    replaced: _Replaced = st.session_state.pop("replaced")
    _fill(replaced.brief)
    if replaced.feed_id:
        run_state.open_feed(replaced.feed_id)
    elif replaced.run_id:
        run_state.open_run(replaced.run_id)


def _stop(running: list[Progress]) -> None:
    for progress in running:
        progress.stop()


def _press(studio: Studio, tenant_id: str) -> None:
    state = st.session_state
    run_id = run_state.press()
    open_run = run_state.shown().run
    if run_id != open_run and any(progress.run_id == open_run for progress in list(studio.running.values())):
        return  # another run is being written, and the page's button says so by now
    _forget_problems()
    state["replaced"] = None
    submitted = 0
    try:
        brief, options = _asked(tenant_id)
        for variant in range(1, options_form.variants() + 1):
            submit(
                studio,
                GenerationRequest(
                    brief=brief,
                    options=options,
                    source="page",
                    idempotency_key=run_state.key(run_id, variant),
                    run_id=run_id,
                    variant=variant,
                ),
            )
            submitted += 1
    except Invalid as error:
        field_errors.found(error.problems)
        state["form_error"] = error
        return
    except KeyReused:
        pass  # the form was changed between two clicks of one press: what the first one asked for is shown
    except StudioError as error:
        state["form_error"] = error
        if not submitted:
            return
    state.setdefault("last_brief", {})[tenant_id] = brief.inputs()
    run_state.open_run(run_id)


def _asked(tenant_id: str) -> tuple[Brief, GenerationOptions]:
    """The brief and the options as they stand in the form; every problem of both at once."""
    problems: list[Problem] = []
    brief = options = None
    try:
        brief = Brief(tenant_id, **{name: str(st.session_state.get(name) or "") for name in INPUTS})
    except InvalidBrief as error:
        problems += error.problems
    try:
        options = options_form.asked()
    except InvalidBrief as error:
        problems += error.problems
    if brief is None or options is None:
        raise InvalidBrief(problems)
    return brief, options
