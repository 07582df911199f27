"""What a feed took in time, tokens and money, and what its row tells beside its texts. What is not known says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeGuard
from urllib.parse import urlencode

import streamlit as st

from lib.domain import pricing
from lib.domain.brief import INPUTS, Brief
from lib.domain.completion import never_billed
from lib.domain.feed_filter import MAX_LATENCY_MS
from lib.domain.findings.check import sponsorship_of
from lib.domain.models import is_demo
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.ui.core import cache, feedback, url_state
from lib.ui.core.addresses import GenerateAddress
from lib.ui.core.words import say


def brief_of(feed: Feed) -> Brief:
    """The brief that the row was made from; whether it is sponsored is read from its prompt, else from its words."""
    inputs = {name: getattr(feed, name) for name in INPUTS}
    return Brief(feed.tenant_id, **inputs, sponsorship=sponsorship_of(inputs, feed.gpt_prompt_used))


def link(feed: Feed) -> str:
    """The address of the feed in this app, from the slash on."""
    return "/?" + urlencode(
        {url_state.TENANT: feed.tenant_id, **GenerateAddress(feed=feed.instagram_feed_id).to_query()}
    )


def show(feed: Feed) -> None:
    """Time, tokens, cost and model, and the row's id, which opens it."""
    raw = feed.gpt_response_raw if isinstance(feed.gpt_response_raw, dict) else {}
    usage = pricing.reported_usage(feed.token_usage, feed.gpt_response_raw)
    _show(
        figures(feed.tenant_id, feed.latency_ms, usage, feed.gpt_model_name, feed.created_at, raw.get("service_tier")),
        usage,
    )
    address = link(feed).replace(".", "%2E")  # a tenant may be called www.example.com, which Markdown would link
    feedback.show_quietly(f"{say('result.id')} [`{feed.instagram_feed_id}`]({address})")


def show_attempts(made: list[Attempt]) -> None:
    """What the requests of a generation took that made no feed."""
    last = made[-1]
    raw = last.response if isinstance(last.response, dict) else {}
    usage = pricing.reported_usage(last.token_usage, last.response)
    shown = figures(
        last.tenant_id,
        last.latency_ms,
        usage,
        last.model_name or str(last.request.get("model")),
        last.created_at,
        raw.get("service_tier"),
        at_most=last.estimated_cost_usd,
        unbilled=never_billed(last.outcome or "", last.error_code),
    )
    _show(shown, usage)
    count = say("result.attempts" if len(made) > 1 else "result.attempts_one", count=len(made))
    feedback.show_quietly(f"{count} · {say('result.attempt', attempt_id=f'`{last.attempt_id}`')}")


def figures(
    tenant_id: str,
    latency_ms: float | None,
    usage: Any,
    model: str | None,
    at: dt.datetime | None,
    service_tier: Any,
    *,
    at_most: Decimal | None = None,
    unbilled: bool = False,
) -> dict[str, str]:
    """Time, tokens, cost and model in the reader's words, by name; what is not known says so."""
    unknown = say("result.unknown")
    total = pricing.token_counts(usage)["total"]
    cost = None
    if at and usage:
        own = cache.own_prices(tenant_id)
        cost = pricing.cost_usd(model, usage, at, service_tier=service_tier, own=own)
    return {
        "took": say("result.seconds", seconds=latency_ms / 1000) if _is_duration(latency_ms) else unknown,
        "tokens": say("result.tokens_value", total=total) if total is not None else unknown,
        "cost": say("result.unbilled") if unbilled else _money(cost, model, at_most),
        "model": model or unknown,
    }


def in_a_line(values: Mapping[str, str]) -> list[str]:
    """:func:`figures` where nothing stands above them: tokens say that they are, and what is not known says of what."""
    unknown = say("result.unknown")
    named = {
        name: value if value != unknown else f"{say(f'result.{name}')} {unknown}" for name, value in values.items()
    }
    if values["tokens"] != unknown:
        named["tokens"] = say("feed_list.tokens", count=values["tokens"])
    return list(named.values())


def _is_duration(latency_ms: float | None) -> TypeGuard[float]:
    """Whether it can have taken so long: other programs may store NaN or less than nothing."""
    return latency_ms is not None and 0 <= latency_ms < MAX_LATENCY_MS


def _show(shown: Mapping[str, str], usage: Any) -> None:
    counts, parted = pricing.token_counts(usage), None
    if counts["prompt"] is not None and counts["completion"] is not None:
        parted = say("result.tokens_help", prompt=counts["prompt"], completion=counts["completion"])
    with st.container(horizontal=True, gap="medium"):
        for name, value in shown.items():
            with st.container(width="content", gap=None):
                feedback.show_quietly(say(f"result.{name}"))
                st.markdown(f"**{feedback.inert(value)}**", help=parted if name == "tokens" else None)


def _money(cost: Decimal | None, model: str | None, at_most: Decimal | None) -> str:
    if model and is_demo(model):
        return say("result.free")
    if cost is None:
        return say("result.unknown") if at_most is None else say("result.at_most", cost=at_most)
    return say("result.usd", cost=cost)
