"""How often the team may ask each model: what is set, and the form that sets it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.generation.pacing import LIMITS, MAX_MODEL
from lib.store.traffic import limits as store
from lib.store.traffic.limits import Limits
from lib.studio import Studio
from lib.ui.batches import presses
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import feedback, format_dates, words
from lib.ui.core.words import say


def show(studio: Studio, tenant_id: str) -> None:
    """Draw the limits of each model, and the form."""
    box = st.expander(say("batches.limits"), icon=":material/speed:", key="model_limits", on_change="rerun")
    if not box.open:
        return
    with box:
        feedback.show_quietly(say("batches.limits_help"))
        with studio.database.tenant(tenant_id) as db:
            stored = store.of_tenant(db, tenant_id)
        for place, limits in enumerate(stored):
            _line(tenant_id, limits, place)
        fields: list[dict[str, Any]] = [
            {"name": "model", "label": words.field_name("model"), "value": "", "most": MAX_MODEL},
            *({"name": name, "kind": "number", "value": "", "label": words.field_name(name)} for name in LIMITS),
        ]
        press.show(
            "set_limits",
            tenant_id,
            [Button("save_limits", presses.MODEL_LIMITS, say("batches.set_limits"), icon="check")],
            form=presses.form(presses.MODEL_LIMITS, f"limits.{tenant_id}", fields),
        )


def line(limits: Limits) -> str:
    """The limits of a model, in a line."""
    numbers = {name: getattr(limits, name) for name in LIMITS}
    stated = [f"{words.field_name(name)} {number:,}" for name, number in numbers.items() if number is not None]
    return " · ".join([limits.model, *(stated or [say("batches.no_limit")])])


def _line(tenant_id: str, limits: Limits, place: int) -> None:
    text = feedback.inert(line(limits))
    if limits.blocked_until:
        until = format_dates.to_the_second(limits.blocked_until)
        text += f" · {feedback.inert(say('batches.blocked_until', at=until))}"
    with st.container(horizontal=True, vertical_alignment="center"):
        feedback.show_quietly(text)
        if any(getattr(limits, name) is not None for name in LIMITS):
            label, values = say("batches.lift_limits"), {"model": limits.model}
            button = Button(f"lift_limits_{place}", presses.LIFT, label, values=values, kind="tertiary")
            press.show(f"lift_limits_of_{place}", tenant_id, [button])
