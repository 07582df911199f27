"""What stands around every page: name, language, tenant, and the notice that the texts are an AI's."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib import studio as studios
from lib.domain.brief import LANGUAGES
from lib.domain.errors import DatabaseAway
from lib.store import tenants
from lib.ui.components.draft import draft
from lib.ui.components.page_language import page_language
from lib.ui.core import feedback, run_state, url_state
from lib.ui.core.session import MAX_PERSON, PERSON_KEY, TENANT_KEY, tenant_id, typable
from lib.ui.core.words import LANGUAGE_KEY, say

OF_A_TENANT = ("after", "before", "compare", "job", "overlay")
"""What an address names that another tenant does not have."""
ICON = Path(__file__).parent / "icon.svg"


def configure() -> None:
    """The browser's tab; before anything else is drawn."""
    told, offered = st.query_params.get(LANGUAGE_KEY), [language.upper() for language in LANGUAGES]
    # From the address, as the bound widget below takes it, but before the first word is said.
    st.session_state.setdefault(LANGUAGE_KEY, told if told in offered else offered[0])
    # A file of our own: Streamlit's named icons and emoji are fetched from elsewhere when they become a tab's icon.
    st.set_page_config(page_title=say("app.name"), page_icon=str(ICON), layout="wide")


def show(page: str) -> None:
    """The sidebar: who is asking, in which language. Both stay in the address, so that a link reopens the same.

    ``page`` is the path of the page that is about to be drawn.
    """
    studio = studios.current()
    url_state.settle(page)
    run_state.settle()
    feedback.show_toasts()
    feedback.show_left_error()
    with st.sidebar:
        st.subheader(say("app.name"), anchor=False)
        feedback.show_quietly(say("app.slogan"))
        st.session_state.setdefault(TENANT_KEY, st.query_params.get(TENANT_KEY) or studio.settings.default_tenant)
        known = _known_tenants()
        st.selectbox(
            say("app.tenant"),
            list(dict.fromkeys([*known, studio.settings.default_tenant, tenant_id()])),
            key=TENANT_KEY,
            accept_new_options=True,
            format_func=typable,
            help=say("app.tenant_help"),
            on_change=_tenant_chosen,
        )
        st.query_params[TENANT_KEY] = tenant_id()
        draft.keep({PERSON_KEY: ""}, scope="person", key="person_draft")
        st.text_input(
            say("app.person"),
            key=PERSON_KEY,
            max_chars=MAX_PERSON,
            placeholder=say("app.person_hint"),
            help=say("app.person_help"),
            on_change="ignore",
        )
        st.segmented_control(
            say("app.language"),
            [language.upper() for language in LANGUAGES],
            key=LANGUAGE_KEY,
            required=True,
            bind="query-params",
        )
        feedback.show_quietly(say("app.ai_notice"))
        page_language.declare()


def _tenant_chosen() -> None:
    """What the address names beside the tenant is the other tenant's."""
    run_state.close()
    url_state.show(dict.fromkeys(OF_A_TENANT))


def _known_tenants() -> list[str]:
    try:
        with studios.current().database.directory() as db:
            return tenants.list_ids(db)
    except DatabaseAway as error:
        feedback.show_error(error)
        return []
