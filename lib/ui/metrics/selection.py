"""What the metrics page is about: teams, period and filters, one set for the whole page, in its address."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lib.demo.samples import is_sample_tenant
from lib.domain.dimensions import FILTERED, Dimension, DimensionValue, Filters
from lib.domain.periods import GRANULARITIES, Granularity, Period, bucket_end, bucket_start
from lib.metrics import service
from lib.metrics import settings as metric_settings
from lib.metrics.figures import View
from lib.store.metrics.every_team import EVERY_TEAM
from lib.store.metrics.settings import MetricSettings, SavedView
from lib.studio import Studio
from lib.ui.core import actions, experiments, feedback, session
from lib.ui.core.addresses import PERIODS, MetricsAddress, read_value, write_value
from lib.ui.core.words import listed, say
from lib.ui.metrics import chart_parts

ANY = ""
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
LOOKED_AT = "metrics_"
"""Before the names, the keys of the widgets."""
FOLLOWED = "metrics_followed"
"""Session key: the address that the controls were last set by."""


@dataclass(frozen=True)
class Selection:
    """Whose figures of what."""

    tenants: tuple[str, ...]
    view: View


def show(studio: Studio, tenant_id: str, settings: MetricSettings, views: list[SavedView]) -> Selection:
    """The row of controls over the page, as the address says, and what is selected with them."""
    before = _follow_address()
    today = dt.datetime.now(zoneinfo.ZoneInfo(settings.time_zone)).date()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            say("metrics.period"),
            PERIODS,
            default=st.session_state[_key("period")],
            key=_key("period"),
            format_func=listed("period").__getitem__,
            required=True,
        )
        if st.session_state[_key("period")] == "custom":
            _choose_days(today)
        period = _period(today, settings.time_zone)
        names = _choose_tenants(tenant_id)
        box = st.popover(say("metrics.filters"), icon=":material/filter_alt:", key="metrics_filters", on_change="rerun")
        with box:
            # Only a person who opens the box needs the values that can be chosen.
            _choose_filters(service.values(studio, names, period) if box.open else {})
            slots = [ANY, *GRANULARITIES]
            st.selectbox(
                say("metrics.slot"), slots, index=slots.index(st.session_state[_key("slot")]), key=_key("slot"),
                format_func={slot: say(f"metrics.slot_{slot or 'fitting'}") for slot in slots}.__getitem__,
            )  # fmt: skip
        with st.popover(say("metrics.views"), icon=":material/bookmark:"):
            _choose_view(studio, tenant_id, views)
    view = View(period, _filters(), _slot(period))
    address = _selected()
    if address != before:
        address.show()
    st.session_state[FOLLOWED] = address
    _show_filters(view.filters)
    return Selection(names, view)


def _key(name: str) -> str:
    return LOOKED_AT + name


def _follow_address() -> MetricsAddress:
    """Set the controls as the address says: when the page opens, and when somebody goes back to an earlier one."""
    address = MetricsAddress.read()
    if _key("period") not in st.session_state or address != st.session_state.get(FOLLOWED):
        _take(address)
    return address


def _take(address: MetricsAddress) -> None:
    st.session_state[_key("period")] = address.period
    for name, day in (("first", address.first), ("last", address.last)):
        st.session_state[_key(name)] = day and min(max(day, EARLIEST), LATEST)
    st.session_state[_key("slot")] = address.slot or ANY
    st.session_state[_key("all")] = address.all_teams
    for dimension in FILTERED:
        value = address.filters.given().get(dimension)
        st.session_state[_key(dimension)] = write_value(value) if value else ANY


def _choose_days(today: dt.date) -> None:
    for name, usual in (("first", today - dt.timedelta(days=29)), ("last", today)):
        if st.session_state.get(_key(name)) is None:
            st.session_state[_key(name)] = usual
        st.date_input(
            say(f"metrics.{name}"), st.session_state[_key(name)], key=_key(name), min_value=EARLIEST, max_value=LATEST
        )


def _period(today: dt.date, zone: str) -> Period:
    chosen = st.session_state[_key("period")]
    if chosen == "custom":
        first, last = sorted((st.session_state[_key("first")] or today, st.session_state[_key("last")] or today))
        return Period(first, last, zone)
    if chosen in ("month", "last_month"):
        first = bucket_start(today, "month")
        if chosen == "month":
            return Period(first, today, zone)
        before = bucket_start(first - dt.timedelta(days=1), "month")
        return Period(before, bucket_end(before, "month"), zone)
    days = 1 if chosen == "today" else int(chosen.removesuffix("d"))
    return Period(today - dt.timedelta(days=days - 1), today, zone)


def _slot(period: Period) -> Granularity | None:
    chosen: Granularity | None = st.session_state.get(_key("slot")) or None
    return None if chosen == "hour" and period.days > 14 else chosen


def _choose_tenants(tenant_id: str) -> tuple[str, ...]:
    label, chosen = say("metrics.all_tenants"), bool(st.session_state[_key("all")])
    if not st.toggle(label, chosen, key=_key("all"), help=say("metrics.all_tenants_help")):
        return (tenant_id,)
    return (EVERY_TEAM, tenant_id) if is_sample_tenant(tenant_id) else (EVERY_TEAM,)  # nothing invented in a real sum


def _choose_filters(offered: Mapping[Dimension, list[DimensionValue]]) -> None:
    for dimension in FILTERED:
        if dimension == "job":
            _choose_job()
            continue
        values = [write_value(value) for value in offered.get(dimension, [])]
        if dimension == "experiment":
            values = [write_value(value) for value in experiments.values(session.tenant_id())]
        chosen = st.session_state.get(_key(dimension), ANY)
        options = list(dict.fromkeys([ANY, *values, chosen]))
        labels = {option: session.typable(_option(option, dimension)) for option in options}
        st.selectbox(
            say(f"metrics_facet.{dimension}"), options, index=options.index(chosen), key=_key(dimension),
            accept_new_options=True,
            format_func=functools.partial(_label, labels), on_change=_take_typed, args=(dimension, options),
        )  # fmt: skip


def _label(labels: Mapping[str, str], option: str) -> str:
    return labels.get(option, option)


def _take_typed(dimension: Dimension, options: list[str]) -> None:
    """A value that is not among the frequent ones, and was typed."""
    chosen = st.session_state[_key(dimension)]
    if chosen not in options:
        st.session_state[_key(dimension)] = write_value(DimensionValue.of(chosen.strip())) if chosen else ANY


def _option(text: str, dimension: Dimension) -> str:
    value = read_value(text)
    return say("metrics.any") if value is None else chart_parts.label(value, dimension, whole=True)


def _choose_job() -> None:
    chosen = st.session_state.get(_key("job"), ANY)
    typed = st.text_input(
        say("metrics_facet.job"), value="" if chosen in (ANY, "-") else chosen.removeprefix("="), key=_key("job_typed"),
        placeholder=say("metrics.job_hint"),
    ).strip()  # fmt: skip
    if chosen == "-" and not typed:
        return
    try:
        st.session_state[_key("job")] = f"={uuid.UUID(typed)}" if typed else ANY
    except ValueError:
        st.session_state[_key("job")] = ANY
        st.markdown(f":red[{say('problem.not_an_id')}]")


def _filters() -> Filters:
    return Filters(**{dimension: read_value(st.session_state.get(_key(dimension), ANY)) for dimension in FILTERED})


def _selected() -> MetricsAddress:
    """The address of what the controls show."""
    period = st.session_state[_key("period")]
    days = {name: st.session_state[_key(name)] for name in ("first", "last")} if period == "custom" else {}
    return MetricsAddress(
        period,
        **days,
        slot=st.session_state.get(_key("slot")) or None,
        all_teams=bool(st.session_state.get(_key("all"))),
        filters=_filters(),
    )


def _show_filters(filters: Filters) -> None:
    """What narrows the page, each with a press to leave it out."""
    given = filters.given()
    if not given:
        return
    with st.container(horizontal=True):
        for name, value in given.items():
            label = chart_parts.label(value, name)
            st.button(
                feedback.inert(f"{say(f'metrics_facet.{name}')}: {label}"), key=f"drop_{name}", icon=":material/close:",
                on_click=_leave_out, args=(name,),
            )  # fmt: skip


def _leave_out(name: str) -> None:
    st.session_state[_key(name)] = ANY
    if name == "job":
        st.session_state[_key("job_typed")] = ""


def show_until(day: dt.date) -> None:
    """Show the thirty days up to this one; from a callback."""
    st.session_state[_key("period")] = "custom"
    st.session_state[_key("first")], st.session_state[_key("last")] = day - dt.timedelta(days=29), day


def only_tenant(tenant_id: str) -> None:
    """Look at one of the teams; from a callback."""
    st.session_state[_key("all")] = False
    session.choose_tenant(tenant_id)


# -- saved views ----------------------------------------------------------------------------------------------------


def _choose_view(studio: Studio, tenant_id: str, views: list[SavedView]) -> None:
    if not views:
        feedback.show_quietly(say("metrics.no_views"))
    for place, view in enumerate(views):
        with st.container(horizontal=True):
            st.button(
                feedback.inert(view.name),
                key=f"view_{place}",
                width="stretch",
                on_click=_take,
                args=(MetricsAddress.from_query(view.query),),
            )
            actions.button(
                say("metrics.forget"), f"forget_view_{place}", (tenant_id, view.name),
                icon=":material/delete:", type="tertiary", on_click=_drop, args=(studio, tenant_id, view.name),
            )  # fmt: skip
    st.text_input(say("metrics.view_name"), key="metrics_view_name", max_chars=80)
    actions.button(
        say("metrics.save_view"),
        "save_view",
        tenant_id,
        icon=":material/bookmark_add:",
        on_click=_save,
        args=(studio, tenant_id),
    )


def _save(studio: Studio, tenant_id: str) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        metric_settings.save_view(studio, tenant_id, st.session_state["metrics_view_name"], _selected().to_query())
        st.session_state["metrics_view_name"] = ""
        feedback.toast_later(say("metrics.view_saved"), icon=":material/bookmark_added:")


def _drop(studio: Studio, tenant_id: str, name: str) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        metric_settings.delete_view(studio, tenant_id, name)
