"""The choice of a team: a list of all teams, or a search where they are too many for a list."""

from __future__ import annotations

import streamlit as st

from lib import studio as studios
from lib.domain.brief import clean
from lib.domain.errors import DatabaseAway
from lib.store import tenants
from lib.ui.core import actions, feedback, session
from lib.ui.core.changes import when_changed
from lib.ui.core.words import say

WIDGET, SEARCHED = "tenant_id", "team_searched"
"""Session keys: of the list, with the team behind it that it stands at, and of the part of a name that was typed."""
MOST_LISTED = 200
"""Teams of a list. The browser gets no more; with more teams, what is typed is looked for in the database."""
MOST_FOUND = 8


def show() -> None:
    """The list of teams. It stands at the session's team by default too: so it does when it is drawn anew.

    For each team it is another widget: a message that the browser sent before it had drawn the team says nothing of it.
    """
    usual, chosen = studios.current().settings.default_tenant, session.tenant_id()
    searched: str | None = st.session_state.get(SEARCHED)
    try:
        stored = _find("", MOST_LISTED + 1)
        matches = _find(searched, MOST_FOUND + 1) if searched else []
    except DatabaseAway as error:
        feedback.show_error(error)
        stored, matches = [], []
    is_list = len(stored) <= MOST_LISTED
    offered = list(dict.fromkeys([*(stored if is_list else ()), usual, chosen]))
    key = actions.row_key(WIDGET, chosen)
    st.session_state[key] = chosen
    with st.container(key=WIDGET):
        st.selectbox(
            say("app.tenant"),
            offered,
            index=offered.index(chosen),
            key=key,
            accept_new_options=True,
            format_func=session.typable,
            help=say("app.tenant_help" if is_list else "app.tenant_search_help"),
            on_change=when_changed(key, _take, key) if is_list else when_changed(key, _search, key, offered),
        )
    if stored and searched:
        _show_matches(searched, matches)


def _take(key: str) -> None:
    _choose(str(st.session_state[key] or ""))


def _search(key: str, offered: list[str]) -> None:
    """Take a name that a team has or none contains; of any other, show the teams whose names contain it."""
    typed = clean(str(st.session_state[key] or ""))
    try:
        names = [] if typed in offered else _find(typed, 1)
    except DatabaseAway:
        names = []  # the page says it
    if not names or typed == names[0]:
        _take(key)
    else:
        st.session_state[SEARCHED] = typed


def _show_matches(searched: str, names: list[str]) -> None:
    more = "_more" if len(names) > MOST_FOUND else ""
    feedback.show_quietly(feedback.inert(say(f"app.tenants_found{more}", part=searched, most=MOST_FOUND)))
    for place, tenant_id in enumerate(names[:MOST_FOUND]):
        st.button(
            feedback.inert(tenant_id), key=f"team_match_{place}", type="tertiary", icon=":material/group:",
            on_click=_choose, args=(tenant_id,),
        )  # fmt: skip
    st.button(
        feedback.inert(say("app.tenant_new", name=searched)), key="team_new", type="tertiary",
        icon=":material/group_add:", on_click=_choose, args=(searched,),
    )  # fmt: skip


def _choose(tenant_id: str) -> None:
    st.session_state.pop(SEARCHED, None)
    session.choose_tenant(tenant_id)


def _find(part: str, most: int) -> list[str]:
    return studios.current().database.ask("", lambda db: tenants.find(db, part, most))
