"""Changes of stored data that a person presses: each counts for the team and the row on the screen, or for none."""

from __future__ import annotations

import uuid
from typing import Any

import streamlit as st

from lib.domain.errors import ScreenChanged
from lib.ui.core import session, url_state
from lib.ui.core.addresses import FEED


def button(label: str, key: str, row: object, *, width: Any = "content", **options: Any) -> bool:
    """A button for one row (a feed, a key, a team): a press of it never counts for another row.

    Streamlit calls what the last run of the page registered under a widget's key, whatever the browser still shows. So
    the row is a part of the key; ``key`` alone is the CSS class ``st-key-<key>`` around the button.
    """
    with st.container(key=key, width=width):
        return st.button(label, key=row_key(key, row), width=width, **options)


def row_key(name: str, row: object) -> str:
    """The session key of a widget for one row: what is typed or pressed there never counts for another row."""
    return f"{name}@{row}"


def require_screen(tenant_id: str, feed_id: uuid.UUID | None = None) -> None:
    """Check that the team and the feed of a change were on the screen when it was pressed; only from a callback.

    What was on the screen is what the browser's address said when it sent the press. Raises ``ScreenChanged``.
    """
    shown_tenant, shown_feed = url_state.carried(url_state.TENANT), url_state.carried(FEED)
    if tenant_id != session.tenant_id() or shown_tenant not in (None, tenant_id):
        raise ScreenChanged
    if feed_id is not None and shown_feed not in (None, str(feed_id)):
        raise ScreenChanged
