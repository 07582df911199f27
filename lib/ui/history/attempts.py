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
    filters_shown, ended = shown.filters, shown.requests or ()
    with studio.database.tenant(tenant_id) as db:
        page = attempt_listing.page(
            db, tenant_id, filters_shown, ended, limit=shown.size, after=shown.after, before=shown.before
        )
    number, endings = cache.requests_counted(tenant_id, filters_shown, ended)
    filters.show_for_requests(tenant_id, shown, endings)
    if not page.rows:
        _nothing(shown)
        return
    feedback.show_quietly(say("requests.count", count=number))
    for place, request in enumerate(page.rows):
        with st.container(border=True, key=f"request_{place}"):
            _row(tenant_id, request)
    pager.show(shown, page.newer, page.older)


def _row(tenant_id: str, request: Request) -> None:
    well = request.ended in WELL
    icon = ":green[:material/check_circle:]" if well else ":orange[:material/error:]"
    status = f" · HTTP {request.http_status}" if request.http_status and request.http_status >= 400 else ""
    about = words.first_line(request.product_description or "", LINE) or say("value.unknown")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content", gap=None):
            st.markdown(f"{icon} **{feedback.inert(words.ending(request.ended) + status)}** · {feedback.inert(about)}")
            figures = " · ".join(_facts(tenant_id, request))
            feedback.show_quietly(feedback.inert(figures))
        if request.feed_id:
            st.button(
                say("requests.open_feed"),
                key=f"open_{request.attempt_id}",
                type="tertiary",
                icon=":material/arrow_forward:",
                on_click=address.open_feed,
                args=(request.feed_id,),
            )
        else:
            st.page_link(
                "generate.py",
                label=say("requests.open_run"),
                icon=":material/arrow_forward:",
                query_params=GenerateAddress(run=request.run_id).link(tenant_id),
            )


def _facts(tenant_id: str, request: Request) -> list[str]:
    outcome, _, code = request.ended.partition(":")
    figures = facts.figures(
        tenant_id, request.latency_ms, request.token_usage, request.model, request.created_at, request.service_tier,
        at_most=request.at_most, unbilled=never_billed(outcome, code or None),
    )  # fmt: skip
    return [format_dates.short(request.created_at), words.named("source", request.source), *facts.in_a_line(figures)]


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
