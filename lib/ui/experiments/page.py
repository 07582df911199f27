"""What the page of experiments shows, by its address: the list, one experiment, its pairs, a new one, the library."""

from __future__ import annotations

import streamlit as st

from lib.domain.errors import StudioError
from lib.experiments import standings
from lib.experiments.standings import Standings
from lib.store.experiments import definitions
from lib.studio import Studio
from lib.ui.components.scroll_to_top import scroll_to_top
from lib.ui.core import feedback, format_dates, paging
from lib.ui.core.actions import row_key
from lib.ui.core.addresses import ExperimentsAddress
from lib.ui.core.words import say
from lib.ui.experiments import judge, library, new, results, verdict_text

SHOWN = "experiments_shown"
"""Session key, with the team behind it: how many experiments are listed."""


def show(studio: Studio, tenant_id: str) -> None:
    """Draw what the address names."""
    try:
        address = ExperimentsAddress.read()
        scroll_to_top.watch(f"{address.experiment}/{address.view}")
        if address.experiment and address.view == "judge":
            judge.show(studio, tenant_id, address.experiment)
        elif address.experiment:
            results.show(studio, tenant_id, address.experiment)
        elif address.view == "new":
            new.show(studio, tenant_id)
        elif address.view == "prompts":
            library.show(studio, tenant_id)
        else:
            _list(studio, tenant_id)
    except StudioError as error:
        feedback.show_error(error)
        st.button(say("experiments.back"), key="experiments_again", on_click=lambda: ExperimentsAddress().show())


def _list(studio: Studio, tenant_id: str) -> None:
    st.subheader(say("experiments.title"), anchor=False)
    feedback.show_quietly(say("experiments.what"))
    with st.container(horizontal=True):
        _open_button("new", "new_experiment", ":material/add:", kind="primary")
        _open_button("prompts", "open_library", ":material/library_books:", kind="secondary")
    with studio.database.tenant(tenant_id) as db:
        rows = definitions.newest(db, tenant_id, paging.shown(SHOWN, tenant_id) + 1)
    if not rows:
        with st.container(border=True, key="no_experiments"):
            st.markdown(f"**{say('experiments.none')}**")
            feedback.show_quietly(say("experiments.none_help"))
        return
    for experiment in paging.part(rows, SHOWN, tenant_id):
        _row(standings.read(studio, tenant_id, experiment.experiment_id))
    paging.offer_more(rows, SHOWN, tenant_id)


def _open_button(view: str, key: str, icon: str, *, kind: str) -> None:
    st.button(
        say(f"experiments.open_{view}"),
        key=key,
        icon=icon,
        type="primary" if kind == "primary" else "secondary",
        on_click=lambda: ExperimentsAddress(view=view).show(),
    )


def _row(state: Standings) -> None:
    experiment = state.experiment
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="content", gap=None):
            st.markdown(f"**{feedback.inert(experiment.name)}**")
            status = say("experiments.closed" if experiment.closed_at else "experiments.running")
            parts = [status, format_dates.short(experiment.created_at), verdict_text.progress(state)]
            feedback.show_quietly(" · ".join(parts))
            feedback.show_quietly(verdict_text.headline(state))
        with st.container(horizontal=True, width="content"):
            if not experiment.closed_at:
                st.button(
                    say("experiments.judge"),
                    key=row_key("judge", experiment.experiment_id),
                    icon=":material/balance:",
                    on_click=_open,
                    args=(ExperimentsAddress(experiment.experiment_id, "judge"),),
                )
            st.button(
                say("experiments.see_results"),
                key=row_key("results", experiment.experiment_id),
                on_click=_open,
                args=(ExperimentsAddress(experiment.experiment_id),),
            )


def _open(address: ExperimentsAddress) -> None:
    address.show()
