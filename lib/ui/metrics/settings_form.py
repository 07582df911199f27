"""What a team decides about its figures: time zone, monthly budget, rate of exchange, and prices of its own models."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import streamlit as st

from lib.domain.errors import InvalidSettings, Problem
from lib.domain.pricing import ECONOMY_PERCENT
from lib.metrics import settings as metric_settings
from lib.store.metrics.settings import MetricSettings, Price
from lib.studio import Studio
from lib.ui.core import actions, feedback, paging
from lib.ui.core.words import say

PRICES_SHOWN = "prices_shown"
"""Session key, with the team behind it: how many rows of the list are shown."""
PRICES = ("input_usd", "cached_usd", "output_usd")
PRICE_FIELDS = (*PRICES, "economy_percent")


def show(studio: Studio, tenant_id: str, settings: MetricSettings, prices: list[Price]) -> None:
    """The settings of one team, below its figures."""
    box = st.expander(say("metrics.settings"), icon=":material/tune:", key="metrics_settings", on_change="rerun")
    if not box.open:
        return
    with box:
        _show_settings(studio, tenant_id, settings)
        st.markdown(f"**{say('metrics.own_prices')}**", help=say("metrics.own_prices_help"))
        for place, price in enumerate(paging.part(prices, PRICES_SHOWN, tenant_id)):
            _show_price(studio, tenant_id, price, place)
        paging.offer_more(prices, PRICES_SHOWN, tenant_id)
        _show_new_price(studio, tenant_id)


def _show_settings(studio: Studio, tenant_id: str, settings: MetricSettings) -> None:
    zones = sorted(zoneinfo.available_timezones())
    with st.form(f"metrics_settings_form@{tenant_id}", border=False):
        left, middle, right = st.columns(3)
        left.selectbox(
            say("field.time_zone"), zones, key=_key("time_zone", tenant_id),
            index=zones.index(settings.time_zone) if settings.time_zone in zones else 0, help=say("metrics.zone_help"),
        )  # fmt: skip
        middle.text_input(
            say("field.budget_usd"), value=_written(settings.budget_usd), key=_key("budget_usd", tenant_id)
        )
        right.text_input(
            say("field.krw_per_usd"), value=_written(settings.krw_per_usd), key=_key("krw_per_usd", tenant_id),
            help=say("metrics.krw_help", day=settings.krw_rate_on or "–"),
        )  # fmt: skip
        st.form_submit_button(
            say("metrics.save_settings"),
            on_click=_attempt,
            args=(tenant_id, lambda: _decide(studio, tenant_id, settings)),
        )


def _decide(studio: Studio, tenant_id: str, before: MetricSettings) -> None:
    budget, rate = _money("budget_usd", tenant_id), _money("krw_per_usd", tenant_id)
    zone = str(st.session_state[_key("time_zone", tenant_id)])
    today = dt.datetime.now(zoneinfo.ZoneInfo(zone)).date()
    rate_on = None if rate is None else before.krw_rate_on if rate == before.krw_per_usd else today
    metric_settings.save_settings(studio, tenant_id, MetricSettings(zone, budget, rate, rate_on))
    feedback.toast_later(say("metrics.settings_saved"), icon=":material/check:")


def _show_price(studio: Studio, tenant_id: str, price: Price, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        prices = " / ".join(f"${getattr(price, name).normalize():f}" for name in PRICES)
        economy = say("metrics.economy_price", percent=_written(price.economy_percent))
        st.markdown(feedback.inert(f"{price.model} · {price.starts_on.isoformat()} · {prices} · {economy}"))
        actions.button(
            say("metrics.forget"), f"forget_price_{place}", (tenant_id, price.model, price.starts_on),
            icon=":material/delete:", type="tertiary", on_click=_attempt,
            args=(tenant_id, lambda: metric_settings.delete_price(studio, tenant_id, price.model, price.starts_on)),
        )  # fmt: skip


def _show_new_price(studio: Studio, tenant_id: str) -> None:
    with st.form(f"metrics_price_form@{tenant_id}", border=False):
        fields = st.columns(6)
        fields[0].text_input(say("field.model"), key=_key("model", tenant_id), max_chars=255)
        fields[1].date_input(say("field.starts_on"), key=_key("starts_on", tenant_id), min_value=dt.date(2020, 1, 1))
        for place, name in enumerate(PRICES, start=2):
            fields[place].text_input(say(f"field.{name}"), key=_key(name, tenant_id))
        fields[5].text_input(
            say("field.economy_percent"),
            value=_written(ECONOMY_PERCENT),
            key=_key("economy_percent", tenant_id),
            help=say("metrics.economy_price_help"),
        )
        st.form_submit_button(
            say("metrics.save_price"), on_click=_attempt, args=(tenant_id, lambda: _set_price(studio, tenant_id))
        )


def _set_price(studio: Studio, tenant_id: str) -> None:
    given = {name: _money(name, tenant_id) for name in PRICE_FIELDS}
    missing = [Problem(name, "missing") for name, value in given.items() if value is None]
    if missing:
        raise InvalidSettings(missing)
    prices = {name: value for name, value in given.items() if value is not None}
    metric_settings.set_price(
        studio, tenant_id, Price(
            str(st.session_state[_key("model", tenant_id)]), st.session_state[_key("starts_on", tenant_id)], **prices
        )
    )  # fmt: skip
    feedback.toast_later(say("metrics.price_saved"), icon=":material/check:")


def _money(name: str, tenant_id: str) -> Decimal | None:
    """What was typed; None of nothing. Raises ``InvalidSettings`` for what is no number."""
    text = str(st.session_state.get(_key(name, tenant_id)) or "").replace(",", "").strip(" $%")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise InvalidSettings([Problem(name, "no_number")]) from None
    if not value.is_finite():
        raise InvalidSettings([Problem(name, "no_number")])
    return value


def _written(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _key(name: str, tenant_id: str) -> str:
    """The session key of a field: each team has its own, or one team's values would be stored for another."""
    return actions.row_key(f"set_{name}", tenant_id)


def _attempt(tenant_id: str, change: Callable[[], None]) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        change()
