"""The versions of a caption: who made which, what each of them changed word by word, and the way back to any."""

from __future__ import annotations

import itertools
from functools import partial

import streamlit as st

from lib.domain import diff
from lib.domain.errors import FeedChanged, FeedNotFound
from lib.feeds import editing
from lib.store import feed_versions, feeds
from lib.store.feed_versions import Version
from lib.store.feeds import Feed
from lib.studio import Studio
from lib.ui.components.marked_text import marked_text
from lib.ui.components.press import press
from lib.ui.components.press.press import Button, Handler, Press
from lib.ui.core import feedback, format_dates, session, words
from lib.ui.core.words import say
from lib.ui.feed import editor

RESTORE = "restore"
MOST_DIGITS = 9
"""Of the number of a version: more are none."""
MAX_TEXT = 5_000
"""Characters of a version that are drawn."""


def handlers(studio: Studio) -> dict[str, Handler]:
    """The handler of the presses that this module draws, by action."""
    return {RESTORE: partial(_restore, studio)}


def show(feed: Feed, versions: list[Version], most: int) -> None:
    """Draw the first ``most`` of the versions, newest first, each with what it changed.

    One version more than that is needed to say what the last one changed.
    """
    st.markdown(f"**{say('versions.title')}**")
    if not versions:
        feedback.show_quietly(say("versions.none"))
        return
    row = {"feed_id": str(feed.instagram_feed_id)}
    with st.container():  # always there, so that nothing below it moves
        if error := press.refusal([RESTORE], **row):
            feedback.show_error(error)
    drawn = versions[:most]
    for version, before in itertools.zip_longest(drawn, versions[1 : len(drawn) + 1]):
        with st.container(border=True, key=f"version_{version.number}"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                feedback.show_quietly(_headline(version))
                now = (version.instagram_ad_copy, version.hashtags) == (feed.instagram_ad_copy, feed.hashtags)
                key = f"restore_{version.number}"
                button = Button(
                    key,
                    RESTORE,
                    say("versions.current" if now else "versions.bring_back"),
                    values={**row, "number": str(version.number), "over": editor.version(feed)},
                    kind="tertiary",
                    icon="check" if now else "restore",
                    disabled=now,
                )
                press.show(key, feed.tenant_id, [button])
            marked_text.show(_stretches(before, version), key=f"version_text_{version.number}")


def _headline(version: Version) -> str:
    person = feedback.inert(version.person or say("detail.nobody"))
    is_named = version.kind in words.listed("versions")
    label = say(f"versions.{version.kind}", person=person, restored=version.restored) if is_named else version.kind
    return f"**{version.number}** · {format_dates.short(version.created_at)} · {label}"


def _stretches(before: Version | None, version: Version) -> list[marked_text.Stretch]:
    now = _text(version)
    if before is None:
        return [("same", now)]
    return [(change.kind, change.text) for change in diff.words(_text(before), now)]


def _text(version: Version) -> str:
    text = "\n\n".join(filter(None, (version.instagram_ad_copy, version.hashtags)))
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def _restore(studio: Studio, pressed: Press) -> None:
    """Restore a version over the texts that the page showed. Raises ``FeedChanged`` where somebody else changed them.

    The same press again finds the version's own text in the row.
    """
    number = int(text) if (text := pressed.text("number")).isdecimal() and len(text) < MOST_DIGITS else 0
    with studio.database.tenant(pressed.team) as db:
        feed = feeds.get(db, pressed.team, pressed.uuid("feed_id", lambda text: FeedNotFound(feed_id=text)))
        version = feed_versions.get(db, pressed.team, feed.instagram_feed_id, number)
    if editor.version(feed) != pressed.text("over"):
        if editing.is_restored(feed, version):
            return
        raise FeedChanged(feed_id=feed.instagram_feed_id)
    restored = editing.restore(studio, feed, version.number, person=session.person())
    editor.follow_restored(feed, restored)
    feedback.toast_later(say("versions.restored", number=version.number), icon=":material/restore:")
    if restored.instagram_ad_copy != version.instagram_ad_copy:
        feedback.toast_later(say("checked.put_back"), icon=":material/campaign:")
