"""What was made: the list to find it in, one feed whole, or several side by side, as the address says."""

from __future__ import annotations

import dataclasses

import streamlit as st

from lib import studio as studios
from lib.domain.errors import InvalidFilter, StudioError
from lib.domain.feed_filter import FeedFilter
from lib.ui.components.scroll_to_top import scroll_to_top
from lib.ui.core import feedback, session
from lib.ui.core.addresses import SIZES
from lib.ui.core.words import say
from lib.ui.history import address, attempts, comparison, detail, filters, listing

studio = studios.current()
tenant_id = session.tenant_id()

try:
    shown = address.read()
    scroll_to_top.watch(repr(dataclasses.replace(shown, filters=FeedFilter(), size=SIZES[0])))
    one = shown.feed or (shown.compared[0] if len(shown.compared) == 1 else None)
    detail.forget_question(unless_of=one)
    if one:
        detail.show(studio, tenant_id, one)
    elif shown.compared:
        comparison.show(studio, tenant_id, list(shown.compared))
    else:
        st.subheader(say("history.title"), anchor=False)
        filters.choose_list(shown)
        if shown.requests is None:
            listing.show(studio, tenant_id, shown)
        else:
            attempts.show(studio, tenant_id, shown)
except StudioError as error:
    feedback.show_error(error)
    if isinstance(error, InvalidFilter):
        st.button(say("history.clear"), key="start_over", on_click=address.clear)
    else:
        st.button(say("detail.back"), key="start_over", on_click=address.open_feed, args=(None,))
