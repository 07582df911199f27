"""Blind judging: two captions, three answers, by mouse, finger or the keys 1, 2 and 0."""

from __future__ import annotations

import uuid

import streamlit as st

from lib.experiments import judging
from lib.experiments.judging import REASONS, BlindPair, Side
from lib.store.experiments.judging import Text
from lib.studio import Studio
from lib.ui.components.marked_text import marked_text
from lib.ui.core import actions, feedback, session
from lib.ui.core.actions import row_key
from lib.ui.core.addresses import ExperimentsAddress
from lib.ui.core.words import say

CHIPS, LAST = "vote_reasons", "last_vote"
"""Session keys: the reasons that are pressed for a pair; the pair of a person's last vote, which can be taken back."""
EVERY_S = 1.0
"""Seconds after which it is looked whether a name was typed."""
ANSWERS: tuple[tuple[Side, str], ...] = (("left", "1"), ("right", "2"), ("tie", "0"))


def show(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> None:
    """Draw the next pair of the experiment. Nothing on the page tells which variant a caption is of."""
    st.subheader(say("experiments.judge_title"), anchor=False)
    person = session.person()
    if not person:
        st.info(say("experiments.need_name"), icon=":material/badge:")
        st.fragment(_watch_name, run_every=EVERY_S)()
        return
    pair = judging.next_pair(studio, tenant_id, experiment_id, person)
    progress = judging.progress(studio, tenant_id, experiment_id, person)
    total = progress.judged + progress.left
    st.progress(
        progress.judged / total if total else 0.0,
        text=say("experiments.judged", judged=progress.judged, total=total),
    )
    if pair is None:
        _nothing_left(progress.judged)
    else:
        _pair(studio, tenant_id, pair, person)
    _footer(studio, tenant_id, experiment_id, person)


def _watch_name() -> None:
    """The name is typed elsewhere on the page; go on when it is there."""
    if session.person():
        st.rerun()


def _pair(studio: Studio, tenant_id: str, pair: BlindPair, person: str) -> None:
    feedback.show_quietly(say("experiments.judge_help"))
    left, right = st.columns(2, gap="medium")
    for column, name, text in ((left, "left", pair.left), (right, "right", pair.right)):
        with column, st.container(border=True, key=f"caption_{name}"):
            st.markdown(f"**{say(f'experiments.side_{name}')}**")
            _caption(text, row_key(f"text_{name}", pair.pair_id))
    with st.container(horizontal=True, key="answers"):
        for side, shortcut in ANSWERS:
            actions.button(
                say(f"experiments.choose_{side}"),
                f"vote_{side}",
                pair.pair_id,
                shortcut=shortcut,
                type="secondary" if side == "tie" else "primary",
                on_click=_vote,
                args=(studio, tenant_id, pair.pair_id, person, side),
            )
    st.pills(
        say("experiments.reasons"),
        REASONS,
        selection_mode="multi",
        format_func=lambda reason: say(f"experiments.reason_{reason}"),
        key=row_key(CHIPS, pair.pair_id),
    )


def _caption(text: Text, key: str) -> None:
    shown = f"{text.instagram_ad_copy}\n\n{text.hashtags}" if text.hashtags else text.instagram_ad_copy
    marked_text.show([("same", shown)], key=key)


def _nothing_left(judged: int) -> None:
    with st.container(border=True, key="all_judged"):
        st.markdown(f"**{say('experiments.all_judged' if judged else 'experiments.nothing_to_judge')}**")
        feedback.show_quietly(say("experiments.all_judged_help"))


def _footer(studio: Studio, tenant_id: str, experiment_id: uuid.UUID, person: str) -> None:
    with st.container(horizontal=True):
        last: uuid.UUID | None = st.session_state.get(_last_of(experiment_id, person))
        if last:
            actions.button(
                say("experiments.take_back"),
                "take_back",
                last,
                type="tertiary",
                icon=":material/undo:",
                on_click=_take_back,
                args=(studio, tenant_id, experiment_id, last, person),
            )
        st.button(
            say("experiments.enough"),
            key="enough",
            type="tertiary",
            icon=":material/bedtime:",
            on_click=lambda: ExperimentsAddress().show(),
        )


def _last_of(experiment_id: uuid.UUID, person: str) -> str:
    return row_key(LAST, f"{experiment_id} {person}")


# -- callbacks --------------------------------------------------------------------------------------------------------


def _vote(studio: Studio, tenant_id: str, pair_id: uuid.UUID, person: str, side: Side) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        reasons = st.session_state.get(row_key(CHIPS, pair_id)) or ()
        counts = judging.vote(studio, tenant_id, pair_id, person, side, reasons)
        address = ExperimentsAddress.read()
        if address.experiment:
            st.session_state[_last_of(address.experiment, person)] = pair_id
        if not counts:
            feedback.toast_later(say("experiments.not_counted"), icon=":material/info:")


def _take_back(studio: Studio, tenant_id: str, experiment_id: uuid.UUID, pair_id: uuid.UUID, person: str) -> None:
    st.session_state.pop(_last_of(experiment_id, person), None)
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        judging.withdraw(studio, tenant_id, pair_id, person)
