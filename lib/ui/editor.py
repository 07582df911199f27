"""Editing a caption by hand, with Instagram's rules checked as it changes; nothing is lost, nothing overwritten."""

from __future__ import annotations

import streamlit as st

from lib import generation
from lib.caption import Caption
from lib.errors import FeedChanged, StudioError
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from lib.ui import draft, facts, feedback, live, runs
from lib.ui.words import say


def show(here: Studio, feed: Feed, number: int) -> None:
    """Edit a stored feed. What somebody else saved meanwhile is shown beside, never overwritten in silence."""
    text, tags = _fields(number)
    seen = _seen(feed, number)
    with st.expander(say("edit.title"), icon=":material/edit:", key=f"edit_{number}"):
        caption = _edited(feed.instagram_ad_copy, feed.hashtags, str(feed.instagram_feed_id), number)
        changed = caption != _stored(feed)
        if not changed:
            seen = st.session_state[f"seen_{number}"] = feed
        elif seen.updated_at != feed.updated_at:
            _theirs(feed, number)
        with st.container(horizontal=True):
            st.button(
                say("edit.save"),
                key=f"save_{number}",
                type="primary",
                disabled=not changed or bool(caption.problems()),
                on_click=_save,
                args=(here, seen, number),
            )
            made = facts.caption_in(feed.gpt_response_raw)
            if made and (made.text, made.hashtag_field) != (caption.text, caption.hashtag_field):
                st.button(
                    say("edit.original"),
                    key=f"original_{number}",
                    icon=":material/undo:",
                    on_click=_take,
                    args=(text, tags, made.text, made.hashtag_field),
                )


def show_unstored(here: Studio, asked: Generation, caption: Caption, number: int) -> None:
    """Edit an answer that could not be stored as it came, and store it without asking again."""
    tags = " ".join(f"#{tag}" for tag in (*caption.hashtags, *caption.parked))
    edited = _edited(caption.text, tags, str(asked.generation_id), number)
    st.button(
        say("edit.save"),
        key=f"save_{number}",
        type="primary",
        disabled=bool(edited.problems()),
        on_click=_save_fixed,
        args=(here, asked, number),
    )


def unsaved(feed: Feed, number: int) -> Caption | None:
    """What somebody is making of the feed and has not saved; None where that is nothing."""
    seen: Feed | None = st.session_state.get(f"seen_{number}")
    if seen is None or seen.instagram_feed_id != feed.instagram_feed_id or _fields(number)[0] not in st.session_state:
        return None
    caption = _typed(number)
    return caption if caption != _stored(feed) else None


def _stored(feed: Feed) -> Caption:
    """The row as the fields show it: one that another program spelt in its own way is not an edit of anybody's."""
    return Caption.from_fields(feed.instagram_ad_copy, feed.hashtags)


def _typed(number: int) -> Caption:
    text_key, tags_key = _fields(number)
    return Caption.from_fields(live.text(text_key), live.text(tags_key))


def _fields(number: int) -> tuple[str, str]:
    return f"edit_text_{number}", f"edit_tags_{number}"


def _edited(text: str, tags: str, scope: str, number: int) -> Caption:
    """The fields, and what they hold as a caption, with what is wrong with it beside each."""
    text_key, tags_key = _fields(number)
    draft.keep({text_key: text, tags_key: tags}, scope=scope, key=f"draft_{number}")
    st.text_area(say("edit.text"), key=text_key, height=260)
    beneath_text = st.container()
    st.text_input(say("edit.tags"), key=tags_key, help=say("edit.tags_help"))
    live.listen(text_key)
    live.listen(tags_key)
    caption = _typed(number)
    told = [*caption.problems(), *caption.warnings()]
    with beneath_text:
        feedback.show_problems(told, "instagram_ad_copy")
    with st.container():
        feedback.show_problems(told, "hashtags")
        if not caption.problems():
            st.caption(f":material/check: {say('edit.good')}")
    failed = st.session_state.pop(f"edit_error_{number}", None)
    if failed:
        feedback.show_error(failed)
    return caption


def _seen(feed: Feed, number: int) -> Feed:
    """The row as it was when its editing began."""
    seen: Feed | None = st.session_state.get(f"seen_{number}")
    if seen is None or seen.instagram_feed_id != feed.instagram_feed_id:
        seen = st.session_state[f"seen_{number}"] = feed
    return seen


def _theirs(feed: Feed, number: int) -> None:
    feedback.show_error(FeedChanged(feed_id=feed.instagram_feed_id))
    st.caption(say("edit.theirs"))
    st.code(f"{feed.instagram_ad_copy}\n\n{feed.hashtags}", language=None, wrap_lines=True)
    text, tags = _fields(number)
    st.button(
        say("edit.reload"),
        key=f"take_theirs_{number}",
        on_click=_take,
        args=(text, tags, feed.instagram_ad_copy, feed.hashtags),
    )


def _take(text_key: str, tags_key: str, text: str, tags: str) -> None:
    st.session_state[text_key], st.session_state[tags_key] = text, tags


def _save(here: Studio, seen: Feed, number: int) -> None:
    text, tags = (str(st.session_state[key]) for key in _fields(number))
    try:
        st.session_state[f"seen_{number}"] = generation.edit(here, seen, text, tags)
    except StudioError as error:
        st.session_state[f"edit_error_{number}"] = error
        return
    feedback.toast_later(say("edit.saved"), icon=":material/check:")


def _save_fixed(here: Studio, asked: Generation, number: int) -> None:
    text, tags = (str(st.session_state[key]) for key in _fields(number))
    try:
        feed = generation.save_fixed(here, asked, text, tags)
    except StudioError as error:
        st.session_state[f"edit_error_{number}"] = error
        return
    runs.open_feed(feed.instagram_feed_id)
    feedback.toast_later(say("edit.saved"), icon=":material/check:")
    st.rerun()
