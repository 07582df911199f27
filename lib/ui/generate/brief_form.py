"""The form of a brief: its five inputs, the options, and the button that has a caption written from what they show."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.domain.brief import MAX_CHARS, REQUIRED
from lib.domain.errors import StudioError
from lib.domain.models import DEMO_MODEL
from lib.domain.progress import Progress
from lib.store import generations
from lib.studio import Studio
from lib.ui.components.post_preview import post_preview
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import cache, feedback, words
from lib.ui.core.words import say
from lib.ui.feed import editor, loading, post
from lib.ui.generate import options_form, presses
from lib.ui.generate.shown import Shown, Watch, phase_line

HEIGHTS = {"product_description": 132, "store_information": 84, "gpt_prompt": 108}
"""Pixels of the fields that take more than a line."""
ORDER = ("product_description", "refined_ad_copy_eng", "tone_style", "store_information", "gpt_prompt")
PICTURE_TYPES = ["jpg", "jpeg", "png", "webp", "gif", "avif", "tif", "tiff", "bmp", "heic", "heif"]
"""The endings that may be chosen; HEIC cannot be opened, and is told what to do."""
EVERY_S = 0.5
"""Seconds after which the line beside the button is drawn again while a caption is being written."""


def show(studio: Studio, tenant_id: str, shown: Shown) -> None:
    """Draw the form and take the presses of the page."""
    handlers = presses.handlers(studio)
    st.subheader(say("form.title"), anchor=False)
    press.show(
        presses.FORM,
        tenant_id,
        [
            Button(
                "generate",
                presses.WRITE,
                say("form.generate"),
                kind="primary",
                icon="auto_awesome",
                busy=say("form.generating"),
            ),
            Button("new_brief", "clear", say("form.clear"), kind="tertiary", text=say("form.cleared")),
            Button("undo_new_brief", "undo", say("form.undo"), kind="tertiary", icon="undo"),
        ],
        handlers=handlers,
        form=_form(studio, tenant_id),
        writing=shown.under_way,
        finished=[shown.run_id] if shown.run_id and shown.variants and shown.is_finished else [],
        shown=shown.address,
    )
    # Always at the same place: a tick that comes late still finds it.
    st.fragment(_status, run_every=EVERY_S if shown.running else None)(Watch(studio, shown))
    with st.container():  # below the button, so that it stays where it is under a finger that presses twice
        _refusal(press.refusal(handlers.keys() - editor.ACTIONS))
    st.file_uploader(
        say("form.picture"),
        type=PICTURE_TYPES,
        key=post.PICTURE,
        max_upload_size=post_preview.MOST_FILE_MB,
        help=say("form.picture_help"),
    )


def _refusal(error: StudioError | None) -> None:
    """Why the last press was refused; what is wrong with a field is beside the field."""
    if problems := press.field_errors(presses.WRITE):
        fields = ", ".join(dict.fromkeys(words.field_name(problem.field) for problem in problems))
        st.error(feedback.inert(say("form.to_correct", fields=fields)), icon=":material/error:")
    elif error:
        feedback.show_error(error)


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


def _stop(progresses: list[Progress]) -> None:
    for progress in progresses:
        progress.stop()


def _form(studio: Studio, tenant_id: str) -> dict[str, Any]:
    """The form as the browser draws it: each field with its words and with what it shows until somebody types."""
    storage = f"feed-studio.draft.{tenant_id}"
    typed = press.typed(presses.FORM, storage)
    chosen_job = typed.values.get(options_form.JOB, "") if typed else ""
    return {
        "storage": storage,
        "action": presses.WRITE,
        "listens": [options_form.JOB],
        "kept": options_form.NAMES,
        "fields": [*_inputs(studio, tenant_id), *options_form.fields(studio, tenant_id, chosen_job)],
        "more": say("form.options"),
        "about": say("form.about"),
        "notice": {"field": "model", "pattern": f"^{DEMO_MODEL}(-|$)", "text": say("result.demo_notice")},
        "load": st.session_state.get(loading.LOADED),
    }


def _inputs(studio: Studio, tenant_id: str) -> list[dict[str, Any]]:
    last_brief = _last_brief(studio, tenant_id)
    store = last_brief.get("store_information") or ""
    values = {
        "tone_style": words.translated("tone", last_brief.get("tone_style") or say("tone.warm")),
        "store_information": store,
        "gpt_prompt": _instruction(tenant_id),
    }
    hints = words.listed("form")
    fields: list[dict[str, Any]] = [
        {
            "name": name,
            "kind": "area" if name in HEIGHTS else "text",
            "group": "brief",
            "label": say(f"form.{name}") if name in REQUIRED else f"{say(f'form.{name}')} · {say('form.optional')}",
            "value": values.get(name, ""),
            "hint": hints.get(f"{name}_hint"),
            "help": " ".join(filter(None, [hints.get(f"{name}_help"), say("form.limit", most=MAX_CHARS[name])])),
            "required": name in REQUIRED,
            "most": MAX_CHARS[name],
            "height": HEIGHTS.get(name),
        }
        for name in ORDER
    ]
    tone, remembered = fields[ORDER.index("tone_style")], fields[ORDER.index("store_information")]
    tone |= {"presets": list(words.listed("tone").values()), "presetsLabel": say("form.tone_preset")}
    if store:
        remembered["note"] = {"value": store, "text": say("form.remembered"), "whileEmpty": "product_description"}
    return fields


def _instruction(tenant_id: str) -> str:
    """The team's default instruction, or the product's own."""
    try:
        return cache.default_prompt(tenant_id) or say("form.gpt_prompt_default")
    except StudioError:  # the form is there without a database too
        return say("form.gpt_prompt_default")


def _last_brief(studio: Studio, tenant_id: str) -> dict[str, Any]:
    """The inputs of the tenant's last brief, of which the next one takes the store and the tone; empty without one."""
    last: dict[str, dict[str, Any]] = st.session_state.setdefault(presses.LAST_BRIEF, {})
    if tenant_id not in last:
        try:
            with studio.database.tenant(tenant_id) as db:
                generation = generations.newest(db, tenant_id)
        except StudioError as error:
            feedback.show_error(error)
            return {}
        last[tenant_id] = generation.brief if generation else {}
    return last[tenant_id]
