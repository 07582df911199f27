"""The list of requests to models: how each ended, what it took, and the way to what came of it or was asked for."""

from __future__ import annotations

import streamlit as st

from lib.domain.completion import never_billed
from lib.store import attempt_listing
from lib.store.attempt_listing import Request
from lib.studio import Studio
from lib.ui.core import cache, feedback, format_dates, words
from lib.ui.core.addresses import GenerateAddress, HistoryAddress
from lib.ui.core.words import say
from lib.ui.feed import facts
from lib.ui.history import address, filters, pager

LINE = 60
"""Characters of what was asked for that a row shows."""
WELL = ("written", "stopped")
"""Ends that are as somebody wanted them."""


def show(studio: Studio, tenant_id: str, shown: HistoryAddress) -> None:
    """Draw the list that the address names."""
    wanted, ended = shown.filters, shown.requests or ()
    with studio.database.tenant(tenant_id) as db:
        page = attempt_listing.page(
            db, tenant_id, wanted, ended, limit=shown.size, after=shown.after, before=shown.before
        )
    number, endings = cache.requests_counted(tenant_id, wanted, ended)
    filters.show_for_requests(tenant_id, shown, endings)
    if not page.rows:
        _nothing(shown)
        return
    feedback.show_quietly(say("requests.count", count=number))
    for place, one in enumerate(page.rows):
        with st.container(border=True, key=f"request_{place}"):
            _row(tenant_id, one)
    pager.show(shown, page.newer, page.older)


def _row(tenant_id: str, one: Request) -> None:
    well = one.ended in WELL
    icon = ":green[:material/check_circle:]" if well else ":orange[:material/error:]"
    status = f" · HTTP {one.http_status}" if one.http_status and one.http_status >= 400 else ""
    about = words.first_line(one.product_description or "", LINE) or say("value.unknown")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content", gap=None):
            st.markdown(f"{icon} **{feedback.inert(words.ending(one.ended) + status)}** · {feedback.inert(about)}")
            told = " · ".join(_facts(tenant_id, one))
            feedback.show_quietly(feedback.inert(told))
        if one.feed_id:
            st.button(
                say("requests.open_feed"),
                key=f"open_{one.attempt_id}",
                type="tertiary",
                icon=":material/arrow_forward:",
                on_click=address.open_feed,
                args=(one.feed_id,),
            )
        else:
            st.page_link(
                "generate.py",
                label=say("requests.open_run"),
                icon=":material/arrow_forward:",
                query_params=GenerateAddress(run=one.run_id).link(tenant_id),
            )


def _facts(tenant_id: str, one: Request) -> list[str]:
    outcome, _, code = one.ended.partition(":")
    told = facts.figures(
        tenant_id, one.latency_ms, one.token_usage, one.model, one.created_at, one.service_tier,
        at_most=one.at_most, unbilled=never_billed(outcome, code or None),
    )  # fmt: skip
    return [format_dates.short(one.created_at), words.named("source", one.source), *facts.in_a_line(told)]


def _nothing(shown: HistoryAddress) -> None:
    """Why the list is empty, and what helps."""
    narrowed = shown.requests or shown.filters.is_narrowed or shown.after or shown.before
    with pager.nothing():
        st.markdown(f"**{say('requests.nothing_found' if narrowed else 'requests.empty')}**")
        feedback.show_quietly(say("requests.nothing_found_help" if narrowed else "requests.empty_help"))
        if narrowed:
            pager.offer_all(_clear)
        else:
            st.page_link("generate.py", label=say("history.write_first"), icon=":material/edit_square:")


def _clear() -> None:
    address.clear()
    address.show_requests()
