"""What is drawn around every page: name, team, person, language, and the notice that the texts are an AI's."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.domain.brief import LANGUAGES
from lib.ui.components.browser_history import browser_history
from lib.ui.components.page_language import page_language
from lib.ui.components.press import press
from lib.ui.core import feedback, interruption, session, url_state
from lib.ui.core.changes import when_changed
from lib.ui.core.words import language, say
from lib.ui.shell import batch_notices, team_picker

ICON = Path(__file__).parent / "icon.svg"
LANGUAGE_WIDGET = "lang"
"""Session key: what the widget shows."""


def configure() -> None:
    """Team, language and the browser's tab; before anything else is drawn."""
    interruption.shield_callbacks()
    url_state.begin_run()
    session.follow_address()
    # A file of our own: Streamlit's named icons and emoji are fetched from elsewhere when they become a tab's icon.
    st.set_page_config(page_title=say("app.name"), page_icon=str(ICON), layout="wide")


def show(page: str) -> DeltaGenerator:
    """The sidebar: team, person and language. Team and language are in the address too, so that a link opens the same.

    ``page`` is the path of the page that is about to be drawn. Returns the place of what went wrong, for :func:`end`.
    """
    url_state.settle(page)
    feedback.show_toasts(whole_page=True)
    wrong = st.empty()
    with wrong.container():
        feedback.show_left_error()
    with st.sidebar:
        _complete_address()
        st.subheader(say("app.name"), anchor=False)
        feedback.show_quietly(say("app.slogan"))
        press.carry_code()
        team_picker.show()
        _ask_person()
        _choose_language()
        batch_notices.show(session.tenant_id())
        feedback.show_quietly(say("app.ai_notice"))
        page_language.declare()
    return wrong


def end(wrong: DeltaGenerator) -> None:
    """Say what no part of the page has said; last call of every full run."""
    if press.leave_untold():
        with wrong.container():
            feedback.show_left_error()
    feedback.drawn()
    url_state.drawn()


@st.fragment
def _complete_address() -> None:
    parameters = session.parameters()
    if browser_history.watch(parameters):
        url_state.complete(parameters)


@st.fragment
def _ask_person() -> None:
    """The person's name, which the browser keeps for all teams."""
    field = {
        "name": session.PERSON,
        "kind": "text",
        "group": "person",
        "label": say("app.person"),
        "value": "",
        "hint": say("app.person_hint"),
        "help": say("app.person_help"),
        "longest": session.MAX_PERSON,
    }
    form = {
        "storage": "feed-studio.person_draft.person",
        "about": say("form.about"),
        "fields": [field],
        "listens": [session.PERSON],
        "signs": session.PERSON,
    }
    press.show(session.PERSON, session.tenant_id(), [], form=form)


def _choose_language() -> None:
    offered, chosen = [name.upper() for name in LANGUAGES], language().upper()
    st.session_state[LANGUAGE_WIDGET] = chosen
    st.segmented_control(
        say("app.language"),
        offered,
        default=chosen,
        key=LANGUAGE_WIDGET,
        required=True,
        on_change=when_changed(LANGUAGE_WIDGET, _take_language),
    )


def _take_language() -> None:
    session.choose_language(str(st.session_state[LANGUAGE_WIDGET]).lower())
