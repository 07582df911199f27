"""What is drawn around every page: name, team, person, language, and the notice that the texts are an AI's."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib import studio as studios
from lib.domain.brief import LANGUAGES
from lib.domain.errors import DatabaseAway
from lib.store import tenants
from lib.ui.components.browser_history import browser_history
from lib.ui.components.page_language import page_language
from lib.ui.components.press import press
from lib.ui.core import feedback, session, url_state
from lib.ui.core.words import language, say
from lib.ui.shell import batch_notices

ICON = Path(__file__).parent / "icon.svg"
TENANT_WIDGET, LANGUAGE_WIDGET = "tenant_id", "lang"
"""Session keys: what the two widgets show."""


def configure() -> None:
    """Team, language and the browser's tab; before anything else is drawn."""
    url_state.begin_run()
    session.follow_address()
    # A file of our own: Streamlit's named icons and emoji are fetched from elsewhere when they become a tab's icon.
    st.set_page_config(page_title=say("app.name"), page_icon=str(ICON), layout="wide")


def show(page: str) -> None:
    """The sidebar: team, person and language. Team and language are in the address too, so that a link opens the same.

    ``page`` is the path of the page that is about to be drawn.
    """
    url_state.settle(page)
    feedback.show_toasts()
    feedback.show_left_error()
    with st.sidebar:
        _complete_address()
        st.subheader(say("app.name"), anchor=False)
        feedback.show_quietly(say("app.slogan"))
        press.carry_code()
        _choose_tenant()
        _ask_person()
        _choose_language()
        batch_notices.show(session.tenant_id())
        feedback.show_quietly(say("app.ai_notice"))
        page_language.declare()


@st.fragment
def _complete_address() -> None:
    parameters = session.parameters()
    if browser_history.watch(parameters):
        url_state.complete(parameters)


def _choose_tenant() -> None:
    """The list of teams. It stands at the session's team by default too: so it does when it is drawn anew."""
    usual, chosen = studios.current().settings.default_tenant, session.tenant_id()
    offered = list(dict.fromkeys([*_stored_tenants(), usual, chosen]))
    st.session_state[TENANT_WIDGET] = chosen
    st.selectbox(
        say("app.tenant"),
        offered,
        index=offered.index(chosen),
        key=TENANT_WIDGET,
        accept_new_options=True,
        format_func=session.typable,
        help=say("app.tenant_help"),
        on_change=lambda: session.choose_tenant(str(st.session_state[TENANT_WIDGET] or "")),
    )


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
        on_change=lambda: session.choose_language(str(st.session_state[LANGUAGE_WIDGET]).lower()),
    )


def _stored_tenants() -> list[str]:
    try:
        with studios.current().database.directory() as db:
            return tenants.list_ids(db)
    except DatabaseAway as error:
        feedback.show_error(error)
        return []
