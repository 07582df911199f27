"""What was made: the list to find it in, one feed whole, or several side by side, as the address says."""

from __future__ import annotations

import streamlit as st

from lib import studio
from lib.errors import InvalidFilter, StudioError
from lib.ui import (
    comparison,
    feed_detail,
    feedback,
    frame,
    history_address,
    history_filters,
    history_list,
    request_list,
    whereabouts,
)
from lib.ui.words import say

here = studio.current()
tenant_id = frame.tenant_id()

whereabouts.begin(history_address.shown())
try:
    feed_id, compared = history_address.feed_id(), history_address.compared()
    if feed_id or len(compared) == 1:
        feed_detail.show(here, tenant_id, feed_id or compared[0])
    elif compared:
        comparison.show(here, tenant_id, compared)
    else:
        st.subheader(say("history.title"), anchor=False)
        history_filters.choose_list()
        if history_address.shows_requests():
            request_list.show(here, tenant_id)
        else:
            history_list.show(here, tenant_id)
except StudioError as error:
    feedback.show_error(error)
    if isinstance(error, InvalidFilter):
        st.button(say("history.clear"), key="start_over", on_click=history_address.clear)
    else:
        st.button(say("detail.back"), key="start_over", on_click=history_address.open_feed, args=(None,))
