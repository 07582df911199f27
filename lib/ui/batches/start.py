"""What a sheet will take in time and money, the limit, and the button that starts it."""

from __future__ import annotations

import uuid
from pathlib import PurePath

import streamlit as st

from lib.batches import estimate as estimates
from lib.batches.creation import MAX_NAME
from lib.batches.drafts import Draft
from lib.batches.estimate import Estimate, ModelEstimate
from lib.studio import Studio
from lib.ui.batches import presses
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import feedback, numbers, words
from lib.ui.core.words import say

ESTIMATE = "sheet_estimate"
"""In the session: the estimate made last, with the draft and the revision that it is of."""


def show(studio: Studio, draft: Draft) -> None:
    """Draw the estimate and what starts the good rows."""
    good = draft.good
    left = len(_unfinished(draft))
    with st.container(border=True, key="sheet_start"):
        if not good:
            feedback.show_quietly(say("batches.nothing_good"))
            return
        estimate = of(studio, draft)
        _figures(estimate)
        for model in estimate.models:
            feedback.show_quietly(_basis(model))
        if left:
            st.warning(say("batches.without_wrong", count=left), icon=":material/rule:")
        values = {"draft_id": str(draft.draft_id), "rows": len(good)}
        name = {
            "name": presses.NAME_FIELD,
            "label": say("batches.name"),
            "value": PurePath(draft.name).stem,
            "hint": say("batches.unnamed"),
            "most": MAX_NAME,
        }
        press.show(
            "start_batch",
            draft.tenant_id,
            [
                Button(
                    "run_batch",
                    presses.RUN,
                    say("batches.run", count=estimate.captions),
                    values=values,
                    kind="primary",
                    icon="play_arrow",
                    busy=say("batches.starting"),
                )
            ],
            form=presses.form(presses.RUN, f"batch.{draft.draft_id}", [name, presses.limit_field()]),
        )


def of(studio: Studio, draft: Draft) -> Estimate:
    """The estimate of the draft as it is now."""
    made: tuple[uuid.UUID, int, Estimate] | None = st.session_state.get(ESTIMATE)
    if made and made[:2] == (draft.draft_id, draft.revision):
        return made[2]
    estimate = estimates.estimate(studio, draft.tenant_id, draft.requests())
    st.session_state[ESTIMATE] = (draft.draft_id, draft.revision, estimate)
    return estimate


def _unfinished(draft: Draft) -> list[int]:
    return [place for place in draft.wrong if place not in draft.left_out]


def _figures(estimate: Estimate) -> None:
    unknown = say("value.unknown")
    cost = numbers.usd(estimate.cost_usd)
    if estimate.is_of_prompts_alone and estimate.cost_usd is not None:
        cost = say("batches.from_to", least=cost, most=numbers.usd(estimate.most_usd))
    seconds = estimate.seconds
    figures = {
        "captions": f"{estimate.captions:,}",
        "cost": cost,
        "time": unknown if seconds is None else words.duration(seconds),
    }
    with st.container(horizontal=True, gap="large"):
        for name, value in figures.items():
            with st.container(width="content", gap=None):
                feedback.show_quietly(say(f"batches.estimate_{name}"))
                st.markdown(f"**{feedback.inert(value)}**")


def _basis(model: ModelEstimate) -> str:
    """What the estimate of a model rests on."""
    return say(
        f"batches.basis_{model.basis}",
        model=feedback.inert(model.model),
        captions=model.captions,
        seen=model.seen,
    )
