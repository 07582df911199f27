"""Two to four feeds side by side: what differs from the first is marked, beside what each took in time and money."""

from __future__ import annotations

import uuid

import streamlit as st

from lib.domain import diff
from lib.feeds import answer
from lib.store import feed_states, feeds
from lib.store.feeds import Feed
from lib.studio import Studio
from lib.ui.components.marked_text import marked_text
from lib.ui.core import feedback, format_dates, words
from lib.ui.core.words import say
from lib.ui.feed import facts
from lib.ui.history import address, pager


def show(studio: Studio, tenant_id: str, feed_ids: list[uuid.UUID]) -> None:
    """Draw the feeds, the first as it is and the others with their differences. Raises ``FeedNotFound``."""
    pager.offer_way_back(address.compare, ())
    with studio.database.tenant(tenant_id) as db:
        compared = [
            (feeds.get(db, tenant_id, feed_id), feed_states.get(db, tenant_id, feed_id)) for feed_id in feed_ids
        ]
    feedback.show_quietly(say("compare.legend"))
    first = compared[0][0]
    for number, (column, (feed, state)) in enumerate(zip(st.columns(len(compared)), compared, strict=True), start=1):
        with column, st.container(border=True, key=f"compared_{number}"):
            st.markdown(f"**{say('compare.first') if number == 1 else say('compare.other', number=number)}**")
            feedback.show_quietly(
                f"{format_dates.short(feed.created_at)} · {feedback.inert(words.named('status', state.status))}"
            )
            facts.show(feed)
            marked_text.show(_stretches(first, feed), key=f"compared_text_{number}")
            _told(first, feed)
            st.button(
                say("feed_list.open"),
                key=f"open_compared_{number}",
                icon=":material/open_in_full:",
                on_click=address.open_feed,
                args=(feed.instagram_feed_id,),
            )


def _stretches(first: Feed, feed: Feed) -> list[marked_text.Stretch]:
    if feed is first:
        return [("same", answer.caption_of(feed).assembled)]
    changes = diff.words(answer.caption_of(first).assembled, answer.caption_of(feed).assembled)
    return [(change.kind, change.text) for change in changes]


def _told(first: Feed, feed: Feed) -> None:
    """The inputs in which it differs from the first."""
    for name in ("tone_style", "product_description", "store_information", "gpt_prompt"):
        value = getattr(feed, name)
        if feed is not first and value != getattr(first, name):
            feedback.show_quietly(f"{words.field_name(name)}: {feedback.inert(value) or '—'}")
