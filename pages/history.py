"""What was made: the list to find it in, one feed whole, or several side by side, as the address says."""

from __future__ import annotations

import streamlit as st

from lib import studio as studios
from lib.domain.errors import InvalidFilter, StudioError
from lib.ui.components.scroll_to_top import scroll_to_top
from lib.ui.core import feedback, session
from lib.ui.core.words import say
from lib.ui.history import address, attempts, comparison, detail, filters, listing

studio = studios.current()
tenant_id = session.tenant_id()

scroll_to_top.begin(address.shown())
try:
    feed_id, compared = address.feed_id(), address.compared()
    if feed_id or len(compared) == 1:
        detail.show(studio, tenant_id, feed_id or compared[0])
    elif compared:
        comparison.show(studio, tenant_id, compared)
    else:
        st.subheader(say("history.title"), anchor=False)
        filters.choose_list()
        if address.shows_requests():
            attempts.show(studio, tenant_id)
        else:
            listing.show(studio, tenant_id)
except StudioError as error:
    feedback.show_error(error)
    if isinstance(error, InvalidFilter):
        st.button(say("history.clear"), key="start_over", on_click=address.clear)
    else:
        st.button(say("detail.back"), key="start_over", on_click=address.open_feed, args=(None,))
