"""The filters of the list: what is searched for, from when, and everything else, each to be taken off with a press."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.domain.dimensions import DimensionValue
from lib.domain.feed_filter import LIVE, SOURCES, STATUSES, UNKNOWN, FeedFilter, beginning_of
from lib.domain.findings.fact import KINDS
from lib.ui.core import cache, experiments, feedback, format_dates, session, words
from lib.ui.core.addresses import HistoryAddress
from lib.ui.core.changes import when_changed
from lib.ui.core.words import listed, say
from lib.ui.history import address

PERIODS: dict[str, int | None] = {"all": None, "today": 1, "week": 7, "month": 30, "quarter": 90}
"""Days that a period holds, the present one included."""
CHOSEN = "chosen"
CHIPS = ("since", "until", "model", "tone", "job_id", "overlay_id", "hashtag", "status", "favourite", "source",
         "prompt_version", "experiment", "latency_from_ms", "latency_to_ms", "week_hour", "findings", "none_of",
         "text")  # fmt: skip


LONGEST_CHIP = 40
"""Characters of a chip's values."""
OF_REQUESTS = ("since", "until", "model", "tone", "source", "prompt_version", "experiment")
"""What a request has of it."""


def choose_list(shown: HistoryAddress) -> None:
    """Whether captions are listed, or requests."""
    st.session_state["listed"] = listed_requests = shown.requests is not None
    st.segmented_control(
        say("history.listed"),
        [False, True],
        default=listed_requests,
        key="listed",
        format_func={False: say("history.listed_captions"), True: say("history.listed_requests")}.__getitem__,
        label_visibility="collapsed",
        required=True,
        on_change=when_changed("listed", _listed),
    )


def show(tenant_id: str, filters: FeedFilter) -> None:
    """Draw the filters as the address has them; a change of one shows the list anew."""
    st.session_state["find_text"] = filters.text
    st.text_input(
        say("history.search"),
        filters.text,
        key="find_text",
        placeholder=say("history.search_hint"),
        help=say("history.search_help"),
        icon=":material/search:",
        on_change=when_changed("find_text", _searched),
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="find"):
        _period(filters)
        with st.popover(say("history.filters"), icon=":material/filter_list:", width="content"):
            _more(tenant_id, filters)
    _dates(filters)
    _chips(filters, CHIPS)


def show_for_requests(tenant_id: str, shown: HistoryAddress, endings: list[str]) -> None:
    """The search and the filters over the list of requests, which may have ended in these ways."""
    choices = cache.choices(tenant_id)
    filters, chosen = shown.filters, list(shown.requests or ())
    st.session_state["find_endings"] = chosen
    with st.container(horizontal=True, vertical_alignment="bottom", key="find"):
        _period(filters)
        st.multiselect(
            say("requests.ended"),
            list(dict.fromkeys([*endings, *chosen])),
            default=chosen,
            key="find_endings",
            format_func=words.ending,
            placeholder=say("history.any"),
            on_change=when_changed("find_endings", _ended),
            width=320,
        )
        with st.popover(say("history.filters"), icon=":material/filter_list:", width="content"):
            _choice("model", choices.models, filters.model)
            _choice("tone", choices.tones, filters.tone)
            _choice("source", list(SOURCES), filters.source, lambda source: say(f"source.{source}"))
            _experiment(tenant_id, filters)
    _dates(filters)
    _chips(filters, OF_REQUESTS)


def _period(filters: FeedFilter) -> None:
    st.session_state["find_period"] = period = _period_of(filters)
    offered = [*PERIODS, CHOSEN]
    st.selectbox(
        say("history.period"),
        offered,
        index=offered.index(period),
        key="find_period",
        format_func=lambda period: say(f"history.period_{period}"),
        on_change=when_changed("find_period", _period_chosen),
        width=170,
    )


def _more(tenant_id: str, filters: FeedFilter) -> None:
    choices = cache.choices(tenant_id)
    _choice("status", [LIVE, *STATUSES, "any"], filters.status or "any", lambda status: say(f"status.{status}"))
    _choice("model", choices.models, filters.model)
    _choice("tone", choices.tones, filters.tone)
    _choice("source", list(SOURCES), filters.source, lambda source: say(f"source.{source}"))
    _experiment(tenant_id, filters)
    _choice("findings", list(KINDS), filters.findings, lambda kind: say(f"findings.{kind}"))
    _text("hashtag", f"#{filters.hashtag}" if filters.hashtag else "")
    _text("job_id", str(filters.job_id or ""))
    _text("overlay_id", str(filters.overlay_id or ""))
    st.session_state["find_favourite"] = filters.favourite
    label = say("history.favourites_only")
    st.toggle(
        label, filters.favourite, key="find_favourite", on_change=when_changed("find_favourite", _took, "favourite")
    )


def _experiment(tenant_id: str, filters: FeedFilter) -> None:
    """One of the team's newest experiments or variants; not drawn for a team that has none."""
    offered = [value.text for value in experiments.values(tenant_id)]
    labels = {value: _experiment_label(value) for value in (*offered, *filter(None, [filters.experiment]))}
    if labels:
        _choice("experiment", offered, filters.experiment, labels.__getitem__)


def _experiment_label(value: str) -> str:
    return experiments.label(DimensionValue.of(value))


def _choice(name: str, options: list[str], chosen: str | None, label_of: Callable[[str], str] | None = None) -> None:
    """One of several; where it may also be typed, whatever the rows hold can be asked for."""
    key = f"find_{name}"
    st.session_state[key] = chosen
    listed = list(dict.fromkeys([*options, *([chosen] if chosen else [])]))
    typed: dict[str, Any] = (
        {"format_func": label_of} if label_of else {"accept_new_options": True, "format_func": _typable}
    )
    st.selectbox(
        words.field_name(name),
        listed,
        key=key,
        index=listed.index(chosen) if chosen else None,
        placeholder=say("history.any"),
        on_change=when_changed(key, _took, name),
        **typed,
    )


def _typable(value: str) -> str:
    if value == UNKNOWN:
        return say("history.none_of_it")
    beginning = beginning_of(value)
    return session.typable(value if beginning is None else f"{beginning}…")


def _text(name: str, shown: str) -> None:
    key = f"find_{name}"
    st.session_state[key] = shown
    st.text_input(words.field_name(name), shown, key=key, on_change=when_changed(key, _took, name))


def _dates(filters: FeedFilter) -> None:
    if st.session_state["find_period"] != CHOSEN:
        return
    zone = format_dates.zone()
    first = filters.since.astimezone(zone).date() if filters.since else None
    last = (filters.until - dt.timedelta(microseconds=1)).astimezone(zone).date() if filters.until else None
    today = dt.datetime.now(zone).date()
    if first or last:
        st.session_state["find_dates"] = (first or last, last or max(today, first or today))
    else:
        st.session_state.setdefault("find_dates", ())
    st.date_input(
        say("history.dates"),
        st.session_state["find_dates"],
        key="find_dates",
        on_change=when_changed("find_dates", _dates_chosen),
        format="YYYY-MM-DD",
        width=320,
    )


def _chips(filters: FeedFilter, names: tuple[str, ...]) -> None:
    """What narrows the list, in words; each is taken off with a press."""
    usual = FeedFilter(status=LIVE)
    narrowing = [name for name in names if getattr(filters, name) != getattr(usual, name)]
    if not narrowing:
        return
    with st.container(horizontal=True, gap="small", key="chips"):
        for name in narrowing:
            st.button(
                feedback.inert(_told(name, getattr(filters, name))),
                key=f"off_{name}",
                icon=":material/close:",
                icon_position="right",
                help=say("history.take_off"),
                on_click=_take_off,
                args=(name,),
            )
        if len(narrowing) > 1:
            st.button(say("history.clear"), key="clear_filters", type="tertiary", on_click=address.clear)


def _told(name: str, value: Any) -> str:
    if name == "favourite":
        return words.field_name(name)
    if name in ("status", "source", "findings"):
        shown = say(f"{name}.{value or 'any'}")
    elif name == "experiment":
        shown = _experiment_label(value)
    elif name in ("since", "until"):
        shown = format_dates.to_the_second(value)
    elif name in ("latency_from_ms", "latency_to_ms"):
        shown = "∞" if math.isinf(value) else say("result.seconds", seconds=value / 1000)
    elif name == "week_hour":
        day = listed("weekday")[str(value.weekday)]
        shown = say("history.week_hour", day=day, hour=value.hour, until=value.hour + 1, zone=value.zone)
    elif name == "none_of":
        values = [_excluded(*facet.split(":", 1)) for facet in value]
        shown = ", ".join(values)
        shown = shown if len(shown) <= LONGEST_CHIP else f"{shown[:LONGEST_CHIP]}… ({len(values)})"
    elif value == UNKNOWN:
        shown = say("history.none_of_it")
    elif beginning := beginning_of(str(value)):
        shown = f"{beginning}…"
    else:
        shown = f"#{value}" if name == "hashtag" else str(value)
    return f"{words.field_name(name)}: {shown}"


def _excluded(facet: str, value: str) -> str:
    if value == UNKNOWN:
        return say("history.none_of_it")
    if facet == "source":
        return words.named("source", value)
    return say("history.long_value") if beginning_of(value) is not None else value


def _period_of(filters: FeedFilter) -> str:
    """Which of the periods the filter is, as the clock stands now."""
    if st.session_state.get("find_own_dates"):
        return CHOSEN
    if filters.since is None and filters.until is None:
        return "all"
    since = filters.since
    named = (name for name, days in PERIODS.items() if days and filters.until is None and since == _beginning(days))
    return next(named, CHOSEN)


def _beginning(days: int) -> dt.datetime:
    """Midnight of the day with which a period of so many days begins, the present day included."""
    today = dt.datetime.now(format_dates.zone()).date()
    first = today - dt.timedelta(days=days - 1)
    return dt.datetime.combine(first, dt.time(), format_dates.zone())


# -- callbacks --------------------------------------------------------------------------------------------------------


def _listed() -> None:
    if st.session_state["listed"]:
        address.show_requests()
    else:
        address.show_captions()


def _ended() -> None:
    address.show_requests(st.session_state["find_endings"])


def _searched() -> None:
    _narrow(text=st.session_state["find_text"])


def _period_chosen() -> None:
    period = st.session_state["find_period"]
    st.session_state["find_own_dates"] = period == CHOSEN
    days = PERIODS.get(period)
    if period != CHOSEN:
        _narrow(since=_beginning(days) if days else None, until=None, week_hour=None)


def _dates_chosen() -> None:
    dates = st.session_state["find_dates"]
    if len(dates) == 2:  # one of two has been chosen until then
        first, last = (dt.datetime.combine(date, dt.time(), format_dates.zone()) for date in dates)
        _narrow(since=first, until=last + dt.timedelta(days=1))


def _took(name: str) -> None:
    value = st.session_state[f"find_{name}"]
    if name == "status":
        value = None if value == "any" else value or LIVE
    elif name in ("job_id", "overlay_id"):
        try:
            value = uuid.UUID(value.strip()) if value.strip() else None
        except ValueError:
            feedback.toast_later(f"{words.field_name(name)}: {say('problem.not_an_id')}", icon=":material/error:")
            return
    _narrow(**{name: value})


def _take_off(name: str) -> None:
    address.show(address.read().filters.without(name))


def _narrow(**fields: Any) -> None:
    with feedback.shown_later():
        address.narrow(**fields)
