"""Editing a caption by hand, with Instagram's rules checked as it changes; nothing is lost, nothing overwritten."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

import streamlit as st

from lib.domain import diff
from lib.domain.caption import Caption
from lib.domain.errors import FeedChanged, StudioError
from lib.domain.findings import disclosure
from lib.domain.hashtags import proposals
from lib.feeds import checking, editing
from lib.generation import outcome
from lib.store import feed_versions
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from lib.ui.components.draft import draft
from lib.ui.components.live_text import live_text
from lib.ui.components.marked_text import marked_text
from lib.ui.core import actions, feedback, session, url_state
from lib.ui.core.addresses import GenerateAddress
from lib.ui.core.words import say
from lib.ui.feed import facts


@dataclass(frozen=True)
class _Mine:
    """What a person had typed before they took somebody else's text, for the way back."""

    feed_id: uuid.UUID
    text: str
    tags: str


def show(studio: Studio, feed: Feed, number: int) -> None:
    """Edit a stored feed. What somebody else saved meanwhile is shown beside, never overwritten in silence."""
    with st.expander(say("edit.title"), key=expander(number), on_change="rerun"):
        made = facts.made_of(feed)
        caption = _edited(
            feed.instagram_ad_copy,
            feed.hashtags,
            str(feed.instagram_feed_id),
            number,
            parked=made.parked if made else (),
        )
        changed = caption != _stored(feed)
        with st.container():  # always there, so that nothing below it moves
            closed_up = made.warnings() if made and not changed else []
            feedback.show_warnings([problem for problem in closed_up if problem.code == "hashtag_changed"], "hashtags")
            feedback.show_warnings(
                [problem for problem in closed_up if problem.code.startswith("mended_")], "instagram_ad_copy"
            )
        with st.container():  # always there, so that nothing below it moves
            if word := disclosure.taken_away(feed.instagram_ad_copy, caption.text, checking.sponsorship_of(feed)):
                st.markdown(f":orange[:material/warning: {feedback.inert(say('checked.takes_away', word=word))}]")
        seen = _seen(feed, number, changed=changed)
        conflict = seen.updated_at != feed.updated_at
        with st.container():  # always there: what comes and goes must not move the buttons
            if conflict:
                _theirs(studio, feed, caption, number)
            elif changed and st.session_state.get(f"restored_{number}") == feed:
                feedback.show_quietly(f":material/info: {say('edit.next_version')}")
        with st.container(horizontal=True):
            actions.button(
                say("edit.save"),
                f"save_{number}",
                feed.instagram_feed_id,
                type="primary",
                disabled=not changed or conflict or bool(caption.problems()),
                on_click=_save,
                args=(studio, seen, number),
            )
            if made and (made.text, made.hashtag_field) != (caption.text, caption.hashtag_field):
                _take_button("edit.original", f"original_{number}", number, made.text, made.hashtag_field)
            mine: _Mine | None = st.session_state.get(f"mine_{number}")
            if mine and mine.feed_id == feed.instagram_feed_id and not changed:
                _take_button("edit.mine_back", f"mine_back_{number}", number, mine.text, mine.tags)


def expander(number: int) -> str:
    """The session key of whether this editor is folded out."""
    return f"edit_{number}"


def show_unstored(studio: Studio, asked: Generation, caption: Caption, number: int) -> None:
    """Edit an answer that could not be stored as it came, and store it without asking again."""
    tags = " ".join(f"#{tag}" for tag in (*caption.hashtags, *caption.parked))
    edited = _edited(caption.text, tags, str(asked.generation_id), number)
    actions.button(
        say("edit.save"),
        f"save_{number}",
        asked.generation_id,
        type="primary",
        disabled=bool(edited.problems()),
        on_click=_save_fixed,
        args=(studio, asked, number),
    )


def unsaved(feed: Feed, number: int) -> Caption | None:
    """What somebody is making of the feed and has not saved; None where that is nothing."""
    seen: Feed | None = st.session_state.get(f"seen_{number}")
    if seen is None or seen.instagram_feed_id != feed.instagram_feed_id or _fields(number)[0] not in st.session_state:
        return None
    caption = _typed(number)
    if caption in (_stored(feed), _stored(seen)):  # the row has changed, and the fields are about to follow it
        return None
    if st.session_state.get(f"edited_{number}") != feed.instagram_feed_id:  # a draft that came back is seen at once
        st.session_state[f"edited_{number}"], st.session_state[expander(number)] = feed.instagram_feed_id, True
    return caption


def follow_restored(before: Feed, feed: Feed, number: int) -> None:
    """Go on from the version that this person has just restored: what they typed is no conflict with it.

    ``before`` is the feed before the restore. Only from a callback.
    """
    if unsaved(before, number) is None:
        return
    st.session_state[f"restored_{number}"] = st.session_state[f"seen_{number}"] = feed
    st.session_state[f"edit_seen_{number}"] = feed.updated_at.isoformat() if feed.updated_at else ""


def _stored(feed: Feed) -> Caption:
    """The row as the fields show it: one that another program spelt in its own way is not an edit of anybody's."""
    return Caption.from_fields(feed.instagram_ad_copy, feed.hashtags)


def _typed(number: int) -> Caption:
    text_key, tags_key = _fields(number)
    return Caption.from_fields(live_text.text(text_key), live_text.text(tags_key))


def _fields(number: int) -> tuple[str, str]:
    return f"edit_text_{number}", f"edit_tags_{number}"


def _edited(text: str, tags: str, scope: str, number: int, parked: tuple[str, ...] = ()) -> Caption:
    """The fields, and what they hold as a caption, with what is wrong with it beside each."""
    text_key, tags_key = _fields(number)
    draft.keep({text_key: text, tags_key: tags, f"edit_seen_{number}": ""}, scope=scope, key=f"draft_{number}")
    st.text_area(say("edit.text"), key=text_key, height=260)
    beneath_text = st.container()
    st.text_input(say("edit.tags"), key=tags_key, help=say("edit.tags_help"))
    live_text.listen(text_key)
    live_text.listen(tags_key)
    caption = _typed(number)
    problems, warnings = caption.problems(), caption.warnings()
    with beneath_text:
        feedback.show_problems(problems, "instagram_ad_copy")
        feedback.show_warnings(warnings, "instagram_ad_copy")
    with st.container():
        feedback.show_problems(problems, "hashtags")
        feedback.show_warnings(warnings, "hashtags")
        if not problems and not warnings:
            feedback.show_quietly(f":material/check: {say('edit.good')}")
        _propose(caption, number)
        _offer(parked, caption, number)
    failed = st.session_state.pop(f"edit_error_{number}", None)
    if failed:
        feedback.show_error(failed)
    return caption


def _seen(feed: Feed, number: int, *, changed: bool) -> Feed:
    """The row as it was when its editing began; the draft remembers when that was, over a reload too."""
    state, key = st.session_state, f"edit_seen_{number}"
    known: Feed | None = state.get(f"seen_{number}")
    seen = known if known and known.instagram_feed_id == feed.instagram_feed_id else feed
    remembered = dt.datetime.fromisoformat(state[key]) if changed and state.get(key) else seen.updated_at
    if remembered != seen.updated_at:
        seen = replace(seen, updated_at=remembered)
    elif not changed or _stored(seen) == _stored(feed):
        seen = feed
    state[f"seen_{number}"] = seen
    state[key] = seen.updated_at.isoformat() if changed and seen.updated_at else ""
    return seen


def _propose(caption: Caption, number: int) -> None:
    """What each tag may become that Instagram would read as another one; the choice is the writer's."""
    for place, (written, _) in enumerate(caption.changed, start=1):
        with st.container(horizontal=True, gap="small", key=f"proposals_{number}_{place}"):
            for choice, text in enumerate(proposals(written), start=1):
                st.button(
                    feedback.inert(f"#{text}"),
                    key=f"proposal_{number}_{place}_{choice}",
                    on_click=_replace_tag,
                    args=(number, written, text),
                )


def _offer(parked: tuple[str, ...], caption: Caption, number: int) -> None:
    """The model's hashtags beyond the limit, each to be taken in with a press."""
    left = [tag for tag in parked if Caption.from_fields(caption.text, f"{caption.hashtag_field} #{tag}") != caption]
    if not left:
        return
    feedback.show_quietly(say("edit.parked"))
    with st.container(horizontal=True, gap="small"):
        for place, tag in enumerate(left, start=1):
            st.button(
                feedback.inert(f"#{tag}"),
                key=f"parked_{number}_{place}",
                icon=":material/add:",
                on_click=_take_in,
                args=(number, tag),
            )


def _theirs(studio: Studio, feed: Feed, caption: Caption, number: int) -> None:
    """What somebody else saved while this was edited, and the ways on: mine, theirs, or to go on typing."""
    with studio.database.tenant(feed.tenant_id) as db:
        newest = feed_versions.of_feed(db, feed.tenant_id, feed.instagram_feed_id, limit=1)
    if newest and newest[0].person:
        st.error(say("edit.changed_by", person=feedback.inert(newest[0].person)), icon=":material/error:")
    else:
        feedback.show_error(FeedChanged(feed_id=feed.instagram_feed_id))
    feedback.show_quietly(say("edit.theirs"))
    changes = diff.words(caption.assembled, _stored(feed).assembled)
    marked_text.show([(change.kind, change.text) for change in changes], key=f"theirs_{number}")
    with st.container(horizontal=True):
        actions.button(
            say("edit.overwrite"),
            f"overwrite_{number}",
            feed.instagram_feed_id,
            disabled=bool(caption.problems()),
            on_click=_save,
            args=(studio, feed, number),
        )
        st.button(say("edit.reload"), key=f"take_theirs_{number}", on_click=_take_theirs, args=(feed, number))


def _take_button(name: str, key: str, number: int, text: str, tags: str) -> None:
    st.button(say(name), key=key, icon=":material/undo:", on_click=_take, args=(number, text, tags))


# -- callbacks --------------------------------------------------------------------------------------------------------


def _take(number: int, text: str, tags: str) -> None:
    text_key, tags_key = _fields(number)
    st.session_state[text_key], st.session_state[tags_key] = text, tags


def _take_in(number: int, tag: str) -> None:
    _, tags_key = _fields(number)
    st.session_state[tags_key] = f"{st.session_state[tags_key]} #{tag}".strip()


def _replace_tag(number: int, written: str, text: str) -> None:
    _, tags_key = _fields(number)
    typed = str(st.session_state[tags_key])
    st.session_state[tags_key] = (
        typed.replace(f"#{written}", f"#{text}") if f"#{written}" in typed else typed.replace(written, f"#{text}")
    )


def _take_theirs(feed: Feed, number: int) -> None:
    text, tags = (str(st.session_state[key]) for key in _fields(number))
    st.session_state[f"mine_{number}"] = _Mine(feed.instagram_feed_id, text, tags)
    _take(number, feed.instagram_ad_copy, feed.hashtags)


def _save(studio: Studio, seen: Feed, number: int) -> None:
    text, tags = (str(st.session_state[key]) for key in _fields(number))
    try:
        actions.require_screen(seen.tenant_id, seen.instagram_feed_id)
        st.session_state[f"seen_{number}"] = editing.edit(studio, seen, text, tags, person=session.person())
    except FeedChanged:
        return  # the page is about to show what somebody else saved, and what can be done
    except StudioError as error:
        st.session_state[f"edit_error_{number}"] = error
        return
    feedback.toast_later(say("edit.saved"), icon=":material/check:")
    url_state.draw_again()


def _save_fixed(studio: Studio, asked: Generation, number: int) -> None:
    text, tags = (str(st.session_state[key]) for key in _fields(number))
    try:
        actions.require_screen(asked.tenant_id)
        feed = outcome.store_fixed(studio, asked, text, tags)
    except StudioError as error:
        st.session_state[f"edit_error_{number}"] = error
        return
    GenerateAddress(feed=feed.instagram_feed_id).show()
    feedback.toast_later(say("edit.saved"), icon=":material/check:")
    url_state.draw_again()
