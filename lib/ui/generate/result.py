"""What was made: the post while it is being written, what it took, how it failed, and what can be done with it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import streamlit as st

from lib.domain.caption import Caption
from lib.domain.completion import caption_in, unread_caption
from lib.domain.errors import RunNotFound, StudioError
from lib.domain.progress import Progress
from lib.domain.prompt import CHANGES
from lib.generation import outcome
from lib.store import attempts, feeds
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from lib.ui.components.post_preview import post_preview
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import feedback, url_state
from lib.ui.core.addresses import GenerateAddress
from lib.ui.core.words import say
from lib.ui.feed import editor, facts, findings, links, post
from lib.ui.generate import presses
from lib.ui.generate.shown import Shown, Variant, Watch, phase_line

EVERY_S = 0.2
"""How often what is being written is drawn again."""
WAITING_S = 1.0
"""How often the page looks whether something was stored meanwhile, by this process or another."""

WATCHED = "progress_watched"
"""In the session: the progress of generations that this page drew, by id; read until their outcome is stored."""

_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")


def show(studio: Studio, shown: Shown) -> None:
    """The run or the feed that the address names, or an empty post that says what will appear."""
    st.subheader(say("result.title"), anchor=False)
    try:
        if shown.error:
            feedback.show_error(shown.error)
        elif shown.feed:
            _feed(studio, shown.feed, shown.made_by, 1)
        elif shown.variants:
            every = EVERY_S if shown.running else None if shown.is_finished else WAITING_S
            # The same fragment before and after: a tick that comes late still finds it.
            st.fragment(_run, run_every=every)(studio, Watch(studio, shown))
        else:
            post.show(shown.tenant_id, Caption("", ()), "empty", key="post_1")
            feedback.show_quietly(say("result.empty"))
    except StudioError as error:
        feedback.show_error(error)


def _run(studio: Studio, watch: Watch) -> None:
    """The run, drawn at every tick until it is finished; then the whole page, with what can be done with it."""
    url_state.tick()
    feedback.show_toasts()
    was_finished, shown = watch.is_finished, watch.look()
    if shown.error:
        feedback.show_error(shown.error)
    elif shown.is_finished and not was_finished:
        url_state.draw_again()
    places: list[Any] = [st.container()]
    if len(shown.variants) > 1:
        places = list(st.tabs([say("result.variant", number=v.generation.variant) for v in shown.variants]))
    for number, (place, variant) in enumerate(zip(places, shown.variants, strict=True), start=1):
        with place:
            _variant(studio, variant, number, siblings_finished=shown.is_finished)


def _variant(studio: Studio, variant: Variant, number: int, *, siblings_finished: bool) -> None:
    generation = variant.generation
    if variant.progress:
        _being_written(variant, variant.progress, number)
    elif not variant.is_finished:
        _not_stored_yet(generation, number)
    elif generation.instagram_feed_id:
        with feedback.shown_to_user():
            with studio.database.tenant(generation.tenant_id) as db:
                feed = feeds.get(db, generation.tenant_id, generation.instagram_feed_id)
            _feed(studio, feed, generation, number, siblings_finished=siblings_finished)
    else:
        with feedback.shown_to_user():
            _failed(studio, generation, number)


def _being_written(variant: Variant, progress: Progress, number: int) -> None:
    generation = variant.generation
    st.session_state.setdefault(WATCHED, {})[generation.generation_id] = progress
    post.show(generation.tenant_id, _seen(progress), "writing", key=f"post_{number}", generation=generation)
    with st.container(horizontal=True, vertical_alignment="center"):
        if variant.phase not in ("storing", "done"):
            st.button(say("result.stop"), key=f"stop_{number}", icon=":material/stop_circle:", on_click=progress.stop)
        feedback.show_quietly(phase_line(variant, progress))


def _not_stored_yet(generation: Generation, number: int) -> None:
    """Another process writes it, or it waits to be stored; shows the text that this page saw of it."""
    progress: Progress | None = st.session_state.get(WATCHED, {}).get(generation.generation_id)
    caption = _seen(progress) if progress else Caption("", ())
    state: post_preview.State = "done" if caption.text else "writing"
    post.show(generation.tenant_id, caption, state, key=f"post_{number}", generation=generation)
    if progress and progress.error:
        feedback.show_error(progress.error)
    feedback.show_quietly(say("result.elsewhere"))


def _seen(progress: Progress) -> Caption:
    return Caption.compose(*progress.seen())


def _feed(
    studio: Studio, feed: Feed, made_by: Generation | None, number: int, *, siblings_finished: bool = True
) -> None:
    """A stored feed. What can be done with it waits until its siblings are finished too."""
    unsaved = post.show_stored(feed, made_by, number)
    if not siblings_finished:
        return
    if made_by and made_by.parent_feed_id and made_by.change:
        with st.container(horizontal=True, vertical_alignment="center"):
            feedback.show_quietly(say("result.derived", change=say(f"result.{made_by.change}")))
            st.button(
                say("result.open_parent"),
                key=f"open_parent_{number}",
                type="tertiary",
                on_click=_open_feed,
                args=(made_by.parent_feed_id,),
            )
    st.markdown(f"**{say('result.change')}**")
    press.show(
        f"changes_{number}",
        feed.tenant_id,
        [
            Button(
                f"{change}_{number}",
                findings.CHANGE,
                say(f"result.{change}"),
                values={"feed_id": str(feed.instagram_feed_id), "change": change},
                help=say("result.save_first") if unsaved else "",
                disabled=unsaved,
            )
            for change in CHANGES
        ],
    )
    with st.container():  # always there: the editor that somebody begins to type in must not move
        if not unsaved:
            findings.show(studio, feed, number)
    editor.show(studio, feed, number)
    links.show(studio, feed, str(number))
    brief = facts.brief_of(feed).recorded()
    press.show(f"reuse_{number}", feed.tenant_id, [_use_brief(number, brief)])


def _failed(studio: Studio, generation: Generation, number: int) -> None:
    """How it ended, what it may have cost, and, where text arrived, the way to save it after all."""
    with studio.database.tenant(generation.tenant_id) as db:
        rows = attempts.of_generation(db, generation.tenant_id, generation.generation_id)
    if not rows:  # the caption was deleted for good while this page showed it, and its requests with it
        raise RunNotFound(run_id=generation.run_id)
    last = rows[-1]
    error = outcome.error_of(last)
    if error:
        feedback.show_error(error)
    caption = caption_in(last.response) or unread_caption(last.response, last.response_body)
    if caption.assembled:
        post.show(
            generation.tenant_id, caption, "done", key=f"post_{number}", model=last.model_name, generation=generation
        )
        feedback.show_quietly(say("result.not_stored" if caption.problems() else "result.may_be_stored"))
        editor.show_unstored(generation, caption, number)
    facts.show_attempts(rows)
    values = {"generation_id": str(generation.generation_id)}
    press.show(
        f"again_{number}",
        generation.tenant_id,
        [
            Button(f"again_{number}", presses.AGAIN, say("result.again"), values=values, icon="refresh"),
            _use_brief(number, generation.brief),
        ],
    )


def _use_brief(number: int, brief: dict[str, Any]) -> Button:
    """Fills the form in the browser alone; what was typed there can be brought back."""
    return Button(
        f"use_brief_{number}",
        "load",
        say("result.use_brief"),
        values=brief,
        kind="tertiary",
        icon="replay",
        text=say("press.loaded"),
        form=presses.FORM,
    )


# -- callbacks: from within the fragment, each asks for the whole page ------------------------------------------------


def _open_feed(feed_id: uuid.UUID) -> None:
    GenerateAddress(feed=feed_id).show()
    url_state.draw_again()
