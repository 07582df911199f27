"""Who uses the page: the session's team, person and language. Only a person's choice changes them, or an address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from lib import studio
from lib.domain.brief import LANGUAGES, MAX_CHARS, clean
from lib.domain.errors import DatabaseAway
from lib.store import tenants
from lib.ui.core import url_state
from lib.ui.core.words import LANGUAGE_KEY, language

PERSON = "person"
"""Of the field of the person's name: its name, and the session key of the element that has it."""
MAX_PERSON = 80
"""Characters of a person's name."""
_signed: ContextVar[str | None] = ContextVar("signed", default=None)
"""The name with which the press is signed that is acted on just now; None outside of one."""
_TENANT = "session_tenant"
"""Session key: the team. It is no widget's key: a widget that is drawn anew stands at its default for a moment."""


def follow_address() -> None:
    """Take team and language from the address where it names them; before the first word of every run."""
    st.session_state[_TENANT] = _team(url_state.value(url_state.TENANT) or st.session_state.get(_TENANT))
    named = (url_state.value(url_state.LANGUAGE) or "").lower()
    if named in LANGUAGES:
        st.session_state[LANGUAGE_KEY] = named


def parameters() -> dict[str, str]:
    """Team and language as every address carries them."""
    return {url_state.TENANT: tenant_id(), url_state.LANGUAGE: language().upper()}


def choose_tenant(name: str) -> None:
    """Work for this team from now on, and show nothing that belongs to the team before; only from a callback."""
    url_state.drop_team()
    url_state.show({url_state.TENANT: _team(name)})


def choose_language(name: str) -> None:
    """Say everything in this language from now on; only from a callback."""
    url_state.show({url_state.LANGUAGE: name.upper()})


def tenant_id() -> str:
    """The team whose page this is, exactly as its id is stored."""
    return str(st.session_state.get(_TENANT) or studio.current().settings.default_tenant)


def person() -> str | None:
    """The name that the person at the browser gave; None where they gave none. Nothing verifies it."""
    if (signed := _signed.get()) is not None:
        return clean(signed)[:MAX_PERSON] or None
    typed = (st.session_state.get(PERSON) or {}).get("typed")
    values = typed.get("values") if isinstance(typed, dict) else None
    name = values.get(PERSON) if isinstance(values, dict) else None
    return clean(name)[:MAX_PERSON] or None if isinstance(name, str) else None


@contextmanager
def signed_by(name: str | None) -> Iterator[None]:
    """Let :func:`person` be the name that the screen showed at a press; None leaves it as the session has it.

    The session hears of a name only after a pause in the typing.
    """
    token = _signed.set(name)
    try:
        yield
    finally:
        _signed.reset(token)


def typable(option: str) -> str:
    """The label of an option in a list to which new ones can be typed.

    Streamlit 1.67 throws away what was typed the moment it equals the label of the chosen option, so that nobody who
    stands on "my-team" could type "my-team-2". A thin space at the end, which nobody types, keeps the two apart.
    """
    return f"{option}\u2009"


def _team(name: object) -> str:
    current, text = studio.current(), str(name or "")[: MAX_CHARS["tenant_id"]]
    if text == clean(text):
        return text or current.settings.default_tenant
    try:
        with current.database.directory() as db:
            return tenants.as_stored(db, text) or current.settings.default_tenant
    except DatabaseAway:
        return clean(text) or current.settings.default_tenant
