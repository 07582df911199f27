"""Nothing typed is lost: what a form's fields hold, kept in the browser at every keystroke and put back.

Streamlit learns of a text only when the reader leaves its field, and with ``on_change="ignore"`` not even then; a
reload, a crash of the server or a walk to another page would take the rest. So the browser's half (``draft.js``)
keeps what the fields show, per scope, in the tab (sessionStorage) and on the machine (localStorage: the latest of all
tabs), and hands it back whenever Python begins anew.

Drafts stay on the person's own machine; on a shared one, whoever opens the same scope there finds the last draft.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

MAX_RESTORED = 20_000
"""Characters of a field that are taken back from the browser: far beyond any limit of a form."""

_component = st.components.v2.component("feed_studio_draft", js=(Path(__file__).parent / "draft.js").read_text("utf-8"))


@dataclass
class _Kept:
    """What a session of Streamlit knows: the fields themselves it forgets as soon as they are off the page."""

    scope: str | None = None
    defaults: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By scope: what the fields held, where that is not their default."""
    start: str = ""
    """Names the moment when this session last filled fields that it had no value of."""
    unknown: list[str] = field(default_factory=list)
    """Those fields: of them the browser may know more."""
    forgotten: bool = False
    """Or they were emptied on purpose, and the browser is to forget them too."""
    emptied: set[str] = field(default_factory=set)
    """Scopes that are to begin so."""

    def remember(self, values: Mapping[str, str]) -> None:
        """Keep what the fields of the present scope hold."""
        if self.scope is not None:
            self.drafts[self.scope] = {name: text for name, text in values.items() if text != self.defaults[name]}


def keep(fields: Mapping[str, str], *, scope: str, key: str = "draft") -> None:
    """Fill the fields of a form and keep them; call it before the widgets are made, on every run.

    ``fields`` are keys of text widgets (give these no ``value``), each with what it holds when nobody has typed; a
    field that still holds its default follows it, to another language for instance. ``scope`` is whose draft it is,
    as a rule the tenant: each has its own. A value assigned to ``st.session_state[field]`` in a callback, or on
    another page, counts like one that was typed. The component asks for one rerun when there is something to restore.
    """
    kept = st.session_state.setdefault(f"{key}.kept", _Kept())
    state = st.session_state
    if kept.scope not in (None, scope):
        kept.remember({name: state.pop(name) for name in kept.defaults if name in state})
    unknown = [name for name in fields if name not in state]
    if unknown or kept.scope != scope:
        kept.forgotten = scope in kept.emptied
        kept.unknown = [] if kept.forgotten else unknown
        kept.start = secrets.token_hex(8)
    kept.emptied.discard(scope)
    draft = kept.drafts.get(scope, {})
    for name, default in fields.items():
        if name in unknown:
            state[name] = draft.get(name, default)
        elif state[name] == kept.defaults.get(name):
            state[name] = default
    values = {name: str(state[name] or "") for name in fields}
    kept.scope, kept.defaults = scope, dict(fields)
    kept.remember(values)
    _component(
        data={
            "storage": f"feed-studio.{key}.{scope}",
            "start": kept.start,
            "unknown": kept.unknown,
            "forgotten": kept.forgotten,
            "defaults": kept.defaults,
            "values": values,
            "run": secrets.token_hex(4),  # the browser looks at the fields after every run, changed or not
        },
        key=key,
        on_restored_change=partial(_restore, key),
    )


def forget(*, scope: str, key: str = "draft") -> None:
    """Empty the fields to their defaults, here and in the browser, for a new brief. Only from a callback."""
    kept = st.session_state.setdefault(f"{key}.kept", _Kept())
    kept.drafts.pop(scope, None)
    kept.emptied.add(scope)
    if kept.scope == scope:
        for name in kept.defaults:
            st.session_state.pop(name, None)


def _restore(key: str) -> None:
    """Take what the browser kept; a message about another scope, or one that makes no sense, is not for us."""
    kept: _Kept = st.session_state[f"{key}.kept"]
    told: Any = st.session_state[key].restored
    if not isinstance(told, dict) or told.get("start") != kept.start or not isinstance(told.get("values"), dict):
        return
    for name, value in told["values"].items():
        if name in kept.defaults and isinstance(value, str):
            # Half a surrogate pair cannot be sent to the page again.
            st.session_state[name] = value[:MAX_RESTORED].encode("utf-8", "replace").decode("utf-8")
