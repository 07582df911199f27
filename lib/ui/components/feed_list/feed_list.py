"""The list of feeds, drawn by the browser: one component for all rows, reachable by keyboard, one column on a phone."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from lib.domain.caption import Caption
from lib.domain.models import is_demo
from lib.store.feed_listing import Listed
from lib.ui.components.marked_text import marked_text
from lib.ui.core import format_dates, words
from lib.ui.core.words import say
from lib.ui.feed import facts

WORDS = ("list", "select", "open", "favour", "unfavour", "keys")
"""Every word the browser's half says by itself, of the section ``feed_list``."""
CAPTION = 150
"""Characters of a caption that a row shows."""
FIELD = 80
"""Characters of another field that a row shows because what was searched for stands there."""

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "feed_studio_feed_list",
    html='<ul class="feeds"></ul><p class="keys"></p>',
    css=(_FOLDER.parent / "marked_text" / "marked_text.css").read_text("utf-8")
    + (_FOLDER / "feed_list.css").read_text("utf-8"),
    js=(_FOLDER / "feed_list.js").read_text("utf-8"),
)


def show(
    tenant_id: str,
    rows: Iterable[Listed],
    searched: Sequence[str],
    *,
    key: str,
    selected: Iterable[uuid.UUID],
    left: uuid.UUID | None,
    on_open: Callable[[uuid.UUID], None],
    on_favour: Callable[[uuid.UUID], None],
    on_select: Callable[[list[uuid.UUID]], None],
) -> None:
    """Draw the rows with what was searched for marked; the callbacks hear what a person does with them.

    ``left`` is the feed that the reader comes back from.
    """

    def heard(name: str, take: Callable[[Any], None]) -> Callable[[], None]:
        return lambda: take(st.session_state[key][name])

    _component(
        data={
            "rows": [_row(tenant_id, one, searched) for one in rows],
            "selected": [str(feed_id) for feed_id in selected],
            "left": str(left) if left else None,
            "words": {name: say(f"feed_list.{name}") for name in WORDS},
        },
        key=key,
        on_opened_change=heard("opened", lambda told: _each(told, on_open)),
        on_favoured_change=heard("favoured", lambda told: _each(told, on_favour)),
        on_chosen_change=heard("chosen", lambda told: on_select(_ids(told))),
    )


def _each(told: Any, take: Callable[[uuid.UUID], None]) -> None:
    for feed_id in _ids([told]):
        take(feed_id)


def _ids(told: Any) -> list[uuid.UUID]:
    """The ids that the browser named, in its order, as far as they are some."""
    found = []
    for one in told if isinstance(told, list) else ():
        with contextlib.suppress(ValueError):
            found.append(uuid.UUID(str(one)))
    return found


def _row(tenant_id: str, one: Listed, searched: Sequence[str]) -> dict[str, Any]:
    caption = marked_text.excerpt(one.instagram_ad_copy, searched, CAPTION)
    elsewhere = []
    for name in ("product_description", "refined_ad_copy_eng", "store_information"):
        told = marked_text.excerpt(getattr(one, name), searched, FIELD)
        if any(kind == "found" for kind, _ in told):
            elsewhere.append({"name": words.field_name(name), "text": told})
    tags = Caption.from_fields("", one.hashtags).hashtag_field
    return {
        "id": str(one.feed_id),
        "caption": caption or [("same", say("feed_list.no_text"))],
        "elsewhere": elsewhere,
        "tags": marked_text.found(tags, [f"#{word.lstrip('#＃')}" for word in searched if word[0] in "#＃"]),
        "when": format_dates.short(one.created_at),
        "facts": _facts(tenant_id, one),
        "status": {"name": one.status, "text": words.named("status", one.status)},
        "badges": _badges(one),
        "favourite": one.favourite,
    }


def _facts(tenant_id: str, one: Listed) -> list[str]:
    """Tone, time, tokens, cost and model; what is not known says so, and of what."""
    told = facts.figures(
        tenant_id, one.latency_ms, one.token_usage, one.gpt_model_name, one.created_at, one.service_tier
    )
    return [one.tone_style, *facts.in_a_line(told)]


def _badges(one: Listed) -> list[str]:
    told = []
    if one.sample:
        told.append(say("feed_list.sample"))
    elif one.gpt_model_name and is_demo(one.gpt_model_name):
        told.append(say("feed_list.demo"))
    if one.source != "page" and not one.sample:
        told.append(words.named("source", one.source or "pipeline"))
    return told
