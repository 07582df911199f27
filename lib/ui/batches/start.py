"""What a sheet will take in time and money, the limit, and the button that starts it."""

from __future__ import annotations

import uuid
from pathlib import PurePath

import streamlit as st

from lib.batches import estimate as estimates
from lib.batches.creation import MAX_NAME
from lib.batches.drafts import Draft
from lib.batches.estimate import Estimate, ModelEstimate
from lib.domain.errors import StudioError
from lib.studio import Studio
from lib.ui.batches import presses
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import actions, feedback, numbers, words
from lib.ui.core.words import say

ESTIMATE = "sheet_estimate"
"""In the session: the estimate made last, with what it is of: draft, revision, and whether through the Batch API."""


def show(studio: Studio, draft: Draft) -> None:
    """Draw the estimate and what starts the good rows."""
    good = draft.good
    left = len(_unfinished(draft))
    with st.container(border=True, key="sheet_start"):
        if not good:
            feedback.show_quietly(say("batches.nothing_good"))
            return
        economy = st.toggle(
            say("batches.economy"),
            key=actions.row_key("economy", draft.draft_id),
            help=say("batches.economy_help"),
        )
        estimate = of(studio, draft, economy=economy)
        if economy and not _has_batch_api(studio, estimate):
            return
        _figures(estimate)
        for model in estimate.models:
            feedback.show_quietly(_basis(model))
        if left:
            st.warning(say("batches.without_wrong", count=left), icon=":material/rule:")
        values = {"draft_id": str(draft.draft_id), "rows": len(good), "economy": "yes" if economy else ""}
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


def of(studio: Studio, draft: Draft, *, economy: bool) -> Estimate:
    """The estimate of the draft as it is now; ``economy``: through the Batch API."""
    this = (draft.draft_id, draft.revision, economy)
    made: tuple[tuple[uuid.UUID, int, bool], Estimate] | None = st.session_state.get(ESTIMATE)
    if made and made[0] == this:
        return made[1]
    estimate = estimates.estimate(studio, draft.tenant_id, draft.requests(), economy=economy)
    st.session_state[ESTIMATE] = (this, estimate)
    return estimate


def _has_batch_api(studio: Studio, estimate: Estimate) -> bool:
    """Whether every model can be asked through a Batch API; else why not is said."""
    try:
        for each in estimate.models:
            studio.writer.require(each.model)
            studio.writer.batches.require(each.model)
    except StudioError as error:
        feedback.show_error(error)
        return False
    return True


def _unfinished(draft: Draft) -> list[int]:
    return [place for place in draft.wrong if place not in draft.left_out]


def _figures(estimate: Estimate) -> None:
    cost = numbers.usd(estimate.cost_usd)
    if estimate.is_of_prompts_alone and estimate.cost_usd is not None:
        cost = say("batches.from_to", least=cost, most=numbers.usd(estimate.most_usd))
    figures = {
        "captions": f"{estimate.captions:,}",
        "cost": cost,
        "time": _time(estimate),
    }
    with st.container(horizontal=True, gap="medium"):
        for name, value in figures.items():
            with st.container(width="content", gap=None):
                feedback.show_quietly(say(f"batches.estimate_{name}"))
                st.markdown(f"**{feedback.inert(value)}**")


def _time(estimate: Estimate) -> str:
    if estimate.economy:
        return say("batches.economy_time")
    return say("value.unknown") if estimate.seconds is None else words.duration(estimate.seconds)


def _basis(model: ModelEstimate) -> str:
    """What the estimate of a model rests on."""
    return say(
        f"batches.basis_{model.basis}",
        model=feedback.inert(model.model),
        captions=model.captions,
        seen=model.seen,
    )
