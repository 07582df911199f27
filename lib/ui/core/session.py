"""Who uses the page: the session's tenant and person."""

from __future__ import annotations

import streamlit as st

from lib import studio
from lib.domain.brief import MAX_CHARS, clean

TENANT_KEY = "tenant_id"
PERSON_KEY = "person"
MAX_PERSON = 80
"""Characters of a person's name."""


def typable(option: str) -> str:
    """The label of an option in a list to which new ones can be typed.

    Streamlit 1.67 throws away what was typed the moment it equals the label of the chosen option, so that nobody who
    stands on "my-team" could type "my-team-2". A thin space at the end, which nobody types, keeps the two apart.
    """
    return f"{option}\u2009"


def tenant_id() -> str:
    """The tenant whose page this is."""
    chosen = clean(str(st.session_state.get(TENANT_KEY) or ""))[: MAX_CHARS["tenant_id"]]
    return chosen or studio.current().settings.default_tenant


def person() -> str | None:
    """Who is at the browser, as they call themselves: there is no sign-in that would know better. None: nobody said."""
    return clean(str(st.session_state.get(PERSON_KEY) or ""))[:MAX_PERSON] or None
