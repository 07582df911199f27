"""The list of feeds, drawn by the browser: one component for all rows, reachable by keyboard, one column on a phone."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from lib.domain.caption import Caption
from lib.domain.errors import ScreenChanged
from lib.domain.findings.fact import KINDS
from lib.domain.models import is_demo
from lib.store.feed_listing import Listed
from lib.ui.components.marked_text import marked_text
from lib.ui.core import feedback, format_dates, words
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
    html='<ul class="feeds" data-sends></ul><p class="keys"></p>',
    css=(_FOLDER.parent / "marked_text" / "marked_text.css").read_text("utf-8")
    + (_FOLDER / "feed_list.css").read_text("utf-8"),
    js=(_FOLDER / "feed_list.js").read_text("utf-8"),
)


def show(
    tenant_id: str,
    rows: Iterable[Listed],
    findings: Mapping[uuid.UUID, Sequence[str]],
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

    ``findings`` are the kinds of each feed's findings, one for each finding.

    ``left`` is the feed that the reader comes back from.
    """

    def heard(name: str, take: Callable[[Any], None]) -> Callable[[], None]:
        def hear() -> None:
            message = st.session_state.get(key) or {}  # nothing of it where the list has left the page meanwhile
            with feedback.shown_later():
                if message.get(name) is None:
                    raise ScreenChanged
                take(message[name])

        return hear

    _component(
        data={
            "rows": [_row(tenant_id, feed, findings.get(feed.feed_id, ()), searched) for feed in rows],
            "selected": [str(feed_id) for feed_id in selected],
            "left": str(left) if left else None,
            "words": {name: say(f"feed_list.{name}") for name in WORDS},
        },
        key=key,
        on_opened_change=heard("opened", lambda value: _each(value, on_open)),
        on_favoured_change=heard("favoured", lambda value: _each(value, on_favour)),
        on_chosen_change=heard("chosen", lambda value: on_select(_ids(value))),
    )


def _each(value: Any, take: Callable[[uuid.UUID], None]) -> None:
    for feed_id in _ids([value]):
        take(feed_id)


def _ids(value: Any) -> list[uuid.UUID]:
    """The ids that the browser named, in its order, as far as they are some."""
    ids = []
    for text in value if isinstance(value, list) else ():
        with contextlib.suppress(ValueError):
            ids.append(uuid.UUID(str(text)))
    return ids


def _row(tenant_id: str, feed: Listed, findings: Sequence[str], searched: Sequence[str]) -> dict[str, Any]:
    caption = marked_text.excerpt(feed.instagram_ad_copy, searched, CAPTION)
    elsewhere = []
    for name in ("product_description", "refined_ad_copy_eng", "store_information"):
        excerpt = marked_text.excerpt(getattr(feed, name), searched, FIELD)
        if any(kind == "found" for kind, _ in excerpt):
            elsewhere.append({"name": words.field_name(name), "text": excerpt})
    tags = Caption.from_fields("", feed.hashtags).hashtag_field
    return {
        "id": str(feed.feed_id),
        "caption": caption or [("same", say("feed_list.no_text"))],
        "elsewhere": elsewhere,
        "tags": marked_text.highlighted(tags, searched),
        "when": format_dates.short(feed.created_at),
        "facts": _facts(tenant_id, feed),
        "status": {"name": feed.status, "text": words.named("status", feed.status)},
        "badges": _badges(feed),
        "findings": [f"{say(f'findings.{kind}')} {findings.count(kind)}" for kind in KINDS if kind in findings],
        "favourite": feed.favourite,
    }


def _facts(tenant_id: str, feed: Listed) -> list[str]:
    """Tone, time, tokens, cost and model; what is not known says so, and of what."""
    figures = facts.figures(
        tenant_id, feed.latency_ms, feed.token_usage, feed.gpt_model_name, feed.created_at, feed.service_tier
    )
    return list(filter(str.strip, (feed.tone_style, *facts.in_a_line(figures))))


def _badges(feed: Listed) -> list[str]:
    badges = [say("feed_list.similar")] if feed.similar else []
    if feed.sample:
        badges.append(say("feed_list.sample"))
    elif feed.gpt_model_name and is_demo(feed.gpt_model_name):
        badges.append(say("feed_list.demo"))
    if feed.source != "page" and not feed.sample:
        badges.append(words.named("source", feed.source or "pipeline"))
    return badges
