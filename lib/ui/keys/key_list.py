"""The API keys of a tenant, for its admin: made, shown once, listed, revoked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from lib.access import api_keys as access
from lib.domain.errors import StudioError
from lib.store import api_keys
from lib.store.api_keys import ApiKey
from lib.studio import Studio
from lib.ui.core import actions, feedback, format_dates, paging, words
from lib.ui.core.words import say

DAYS = (0, 30, 90, 365)
"""How long a key can be valid; 0 is for ever."""
LIVE, ENDED = "live_keys_shown", "ended_keys_shown"
"""Session keys, with the team behind them: how many rows of the two lists are shown."""
NEW = "new_api_key"
"""Session key: the key that was just made."""


def show(studio: Studio, tenant_id: str) -> None:
    """Make a key, and what became of those that were made."""
    st.subheader(say("keys.title"), anchor=False)
    feedback.show_quietly(say("keys.what"))
    if studio.database.walls.open_because:
        st.warning(
            feedback.inert(say("keys.walls_open", reason=studio.database.walls.open_because)),
            icon=":material/lock_open:",
        )
    _new_key(tenant_id)
    _form(studio, tenant_id)
    try:
        with studio.database.tenant(tenant_id) as db:
            keys = api_keys.of_tenant(db, tenant_id)
    except StudioError as error:
        feedback.show_error(error)
        return
    now = dt.datetime.now(dt.UTC)
    usable = [key for key in keys if key.is_live(now)]
    st.markdown(f"**{say('keys.live', count=len(usable))}**")
    if not usable:
        feedback.show_quietly(say("keys.none"))
    for key in paging.part(usable, LIVE, tenant_id):
        _key(studio, key)
    paging.offer_more(usable, LIVE, tenant_id)
    ended = [key for key in keys if not key.is_live(now)]
    if ended:
        with st.expander(say("keys.ended", count=len(ended)), key="ended_keys"):
            for key in paging.part(ended, ENDED, tenant_id):
                feedback.show_quietly(_told(key))
            paging.offer_more(ended, ENDED, tenant_id)


def _new_key(tenant_id: str) -> None:
    """The key that was just made, until it is put away; it is nowhere else."""
    new: access.NewKey | None = st.session_state.get(NEW)
    if new is None or new.key.tenant_id != tenant_id:
        st.session_state.pop(NEW, None)
        return
    with st.container(border=True):
        st.success(say("keys.once"), icon=":material/key:")
        st.code(new.text, language=None, wrap_lines=True)
        st.button(say("keys.put_away"), key="put_key_away", on_click=_put_away)


def _form(studio: Studio, tenant_id: str) -> None:
    with st.container(border=True):
        name, scopes, days = st.columns([4, 4, 3])
        name.text_input(say("keys.name"), key="key_name", placeholder=say("keys.name_hint"), max_chars=access.MAX_NAME)
        st.session_state.setdefault("key_scopes", list(access.SCOPES))
        scopes.pills(
            say("keys.scopes"),
            access.SCOPES,
            selection_mode="multi",
            default=st.session_state["key_scopes"],
            format_func=lambda scope: say(f"keys.{scope}"),
            key="key_scopes",
            help=say("keys.scopes_help"),
        )
        chosen = DAYS.index(st.session_state.setdefault("key_days", 0))
        days.selectbox(say("keys.expires"), DAYS, chosen, format_func=_days, key="key_days")
        actions.button(
            say("keys.make"),
            "make_key",
            tenant_id,
            type="primary",
            icon=":material/add:",
            on_click=_make,
            args=(studio, tenant_id),
        )


def _days(days: int) -> str:
    return say("keys.for_days", days=days) if days else say("keys.for_ever")


def _key(studio: Studio, key: ApiKey) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(_told(key))
        with st.popover(say("keys.revoke"), icon=":material/block:"):
            st.markdown(say("keys.revoke_sure"))
            actions.button(
                say("keys.revoke_now"),
                f"revoke_{key.key_id}",
                key.tenant_id,
                type="primary",
                on_click=_revoke,
                args=(studio, key),
            )


def _told(key: ApiKey) -> str:
    at = format_dates.to_the_minute
    facts: list[Any] = [", ".join(feedback.inert(words.named("keys", scope)) for scope in key.scopes)]
    facts.append(say("keys.made", at=at(key.created_at)))
    if key.revoked_at:
        facts.append(say("keys.revoked_on", at=at(key.revoked_at)))
    else:
        facts.append(say("keys.until", at=at(key.expires_at)) if key.expires_at else say("keys.no_end"))
    facts.append(say("keys.used", at=at(key.last_used_at)) if key.last_used_at else say("keys.never_used"))
    return f"**{feedback.inert(key.name)}** · `fs_{key.key_id}_…`  \n:small[{' · '.join(facts)}]"


# -- callbacks --------------------------------------------------------------------------------------------------------


def _make(studio: Studio, tenant_id: str) -> None:
    state = st.session_state
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        state[NEW] = access.create_key(
            studio, tenant_id, state["key_name"], state["key_scopes"] or (), state["key_days"] or None
        )
        state["key_name"] = ""


def _put_away() -> None:
    st.session_state.pop(NEW, None)


def _revoke(studio: Studio, key: ApiKey) -> None:
    with feedback.shown_later():
        actions.require_screen(key.tenant_id)
        access.revoke_key(studio, key.tenant_id, key.key_id)
        feedback.toast_later(say("keys.revoked", name=feedback.inert(key.name)), icon=":material/block:")
