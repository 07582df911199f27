"""What was made: the post while it is being written, what it took, how it failed, and what can be done with it."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.domain.brief import INPUTS, Brief, GenerationOptions
from lib.domain.caption import Caption
from lib.domain.errors import DatabaseAway, RunNotFound, StudioError
from lib.domain.models import DEMO_MODEL, is_demo
from lib.domain.progress import Progress
from lib.domain.prompt import CHANGES, Change
from lib.generation import generate
from lib.store import attempts, feeds, generations
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from lib.ui.components.post_preview import post_preview
from lib.ui.core import feedback, run_state, url_state, words
from lib.ui.core.words import say
from lib.ui.feed import editor, facts, links
from lib.ui.generate import brief_form

EVERY_S = 0.2
"""How often what is being written is drawn again."""
WAITING_S = 1.0
"""How often the page looks whether something was stored meanwhile, by this process or another."""

_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")


def show(studio: Studio, tenant_id: str) -> None:
    """The run or the feed that the address names, or an empty post that says what will be here."""
    st.subheader(say("result.title"), anchor=False)
    feed_id, run_id = run_state.asked_for(run_state.FEED), run_state.asked_for(run_state.RUN)
    with st.container():  # always there: a fragment that moves is another one, and its next tick would find none
        if is_demo(str(st.session_state.get("model") or DEMO_MODEL)):
            st.info(say("result.demo_notice"), icon=":material/science:")
    try:
        if feed_id:
            with studio.database.tenant(tenant_id) as db:
                feed = feeds.get(db, tenant_id, feed_id)
                made_by = generations.of_feed(db, tenant_id, feed_id)
            _feed(studio, feed, made_by, 1)
        elif run_id:
            _run(studio, _asked(studio, tenant_id, run_id))
        else:
            run_state.check_address()
            _post(tenant_id, Caption("", ()), "empty", key="post_1")
            feedback.show_quietly(say("result.empty"))
    except StudioError as error:
        feedback.show_error(error)


def _asked(studio: Studio, tenant_id: str, run_id: uuid.UUID) -> list[Generation]:
    """What the run was asked for; while the database is away, as this session last saw it."""
    try:
        with studio.database.tenant(tenant_id) as db:
            asked = generations.of_run(db, tenant_id, run_id)
    except DatabaseAway:
        known: list[Generation] = st.session_state.get("asked", [])
        if known and (known[0].tenant_id, known[0].run_id) == (tenant_id, run_id):
            return known
        raise
    if not asked:
        raise RunNotFound(run_id=run_id)
    st.session_state["asked"] = asked
    return asked


def _run(studio: Studio, asked: list[Generation]) -> None:
    writing = any(one.generation_id in studio.running for one in asked)
    waiting = any(one.finished_at is None for one in asked)
    every = EVERY_S if writing else WAITING_S if waiting else None
    # The same fragment before and after: a tick that comes late finds it still there.
    st.fragment(_watched, run_every=every)(studio, asked)


def _watched(studio: Studio, asked: list[Generation]) -> None:
    """The run drawn again and again until all of it is known; then the whole page, with what can be done with it."""
    run_state.tick()
    feedback.show_toasts()
    if any(one.finished_at is None and one.generation_id not in studio.running for one in asked):
        with feedback.shown_to_user():
            asked = _asked(studio, asked[0].tenant_id, asked[0].run_id)
            if all(one.finished_at for one in asked):
                url_state.draw_again()
    still = any(one.finished_at is None for one in asked)
    places: list[Any] = [st.container()]
    if len(asked) > 1:
        places = list(st.tabs([say("result.variant", number=one.variant) for one in asked]))
    for number, (place, one) in enumerate(zip(places, asked, strict=True), start=1):
        with place:
            _variant(studio, one, number, still)


def _variant(studio: Studio, asked: Generation, number: int, still: bool) -> None:
    progress = studio.running.get(asked.generation_id)
    if progress:
        _being_written(asked, progress, number)
    elif asked.finished_at is None:
        _not_stored_yet(asked, number)
    elif asked.instagram_feed_id:
        with feedback.shown_to_user():
            with studio.database.tenant(asked.tenant_id) as db:
                feed = feeds.get(db, asked.tenant_id, asked.instagram_feed_id)
            _feed(studio, feed, asked, number, still)
    else:
        with feedback.shown_to_user():
            _failed(studio, asked, number)


def _being_written(asked: Generation, progress: Progress, number: int) -> None:
    st.session_state.setdefault("watched", {})[asked.generation_id] = progress
    _post(asked.tenant_id, _seen(progress), "writing", key=f"post_{number}", model=_model(asked), asked=asked)
    with st.container(horizontal=True, vertical_alignment="center"):
        phase = "storing" if progress.phase == "done" else progress.phase
        if phase != "storing":
            st.button(say("result.stop"), key=f"stop_{number}", icon=":material/stop_circle:", on_click=progress.stop)
        seconds = max(0, round((progress.resumes_at or 0) - time.monotonic()))
        told = say(f"result.{phase}", seconds=seconds, attempts=progress.attempts)
        feedback.show_quietly(f"{told} · {say('result.elapsed', seconds=time.monotonic() - progress.started)}")


def _not_stored_yet(asked: Generation, number: int) -> None:
    """Another process writes it, or it waits to be stored; with what this page saw of it, to be copied meanwhile."""
    progress: Progress | None = st.session_state.get("watched", {}).get(asked.generation_id)
    caption = _seen(progress) if progress else Caption("", ())
    state: post_preview.State = "done" if caption.text else "writing"
    _post(asked.tenant_id, caption, state, key=f"post_{number}", model=_model(asked), asked=asked)
    if progress and progress.error:
        feedback.show_error(progress.error)
    feedback.show_quietly(say("result.elsewhere"))


def _seen(progress: Progress) -> Caption:
    return Caption.compose(*progress.seen())


def show_stored(feed: Feed, made_by: Generation | None, number: int) -> bool:
    """A stored feed as a post, with what it took; returns whether what is shown is an edit that is not saved yet."""
    unsaved = editor.unsaved(feed, number)
    _post(
        feed.tenant_id,
        unsaved or facts.caption_of(feed),
        "done",
        key=f"post_{number}",
        model=feed.gpt_model_name,
        asked=made_by,
        link=facts.link(feed),
    )
    with st.container():  # always there: what comes and goes must not move the editor that somebody types in
        if unsaved:
            feedback.show_quietly(f":material/edit: {say('edit.unsaved')}")
    facts.show(feed)
    return unsaved is not None


def options_like(studio: Studio, feed: Feed) -> GenerationOptions:
    """Options for a feed that another program wrote: the usual model, in the language of its text."""
    return GenerationOptions(
        studio.settings.openai_model,
        language="ko" if _HANGUL.search(feed.instagram_ad_copy) else "en",
        job_id=feed.job_id,
        overlay_id=feed.overlay_id,
    )


def _feed(studio: Studio, feed: Feed, made_by: Generation | None, number: int, still: bool = False) -> None:
    """A stored feed; ``still``: its siblings are being written, and what can be done with it waits for them."""
    unsaved = show_stored(feed, made_by, number)
    if still:
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
    with st.container(horizontal=True):
        for change in CHANGES:
            st.button(
                say(f"result.{change}"),
                key=f"{change}_{number}",
                help=say("result.save_first") if unsaved else None,
                disabled=unsaved,
                on_click=_change,
                args=(studio, feed, made_by, change),
            )
    editor.show(studio, feed, number)
    links.show(studio, feed, str(number))
    st.button(
        say("result.use_brief"),
        key=f"use_brief_{number}",
        type="tertiary",
        icon=":material/replay:",
        on_click=_use_again,
        args=({name: getattr(feed, name) for name in INPUTS},),
    )


def _failed(studio: Studio, asked: Generation, number: int) -> None:
    """How it ended, what it may have cost, and, where text arrived, the way to save it after all."""
    with studio.database.tenant(asked.tenant_id) as db:
        made = attempts.of_generation(db, asked.tenant_id, asked.generation_id)
    last = made[-1]
    error = generate.error_of(last)
    if error:
        feedback.show_error(error)
    caption = facts.caption_in(last.response)
    if caption and caption.assembled:
        _post(asked.tenant_id, caption, "done", key=f"post_{number}", model=last.model_name, asked=asked)
        feedback.show_quietly(say("result.not_stored" if caption.problems() else "result.may_be_stored"))
        editor.show_unstored(studio, asked, caption, number)
    facts.show_attempts(made)
    with st.container(horizontal=True):
        st.button(
            say("result.again"),
            key=f"again_{number}",
            icon=":material/refresh:",
            on_click=_again,
            args=(studio, asked),
        )
        st.button(
            say("result.use_brief"),
            key=f"use_brief_{number}",
            type="tertiary",
            icon=":material/replay:",
            on_click=_use_again,
            args=(asked.brief,),
        )


def _post(
    tenant_id: str,
    caption: Caption,
    state: post_preview.State,
    *,
    key: str,
    model: str | None = None,
    asked: Generation | None = None,
    link: str | None = None,
) -> None:
    demo = model is not None and is_demo(model)
    post = post_preview.Post(
        account=tenant_id,
        caption=caption,
        state=state,
        image=_picture(),
        badge=say("result.demo_badge") if demo else None,
        written_by=f"{asked.run_id}/{asked.variant}" if asked else None,
        link=link,
    )
    post_preview.show(post, words.listed("preview"), key=key)


def _picture() -> str | None:
    upload = st.session_state.get("picture")
    if upload is None:
        return None
    known: tuple[str, str | None] = st.session_state.get("picture_shown", ("", None))
    if known[0] != upload.file_id:
        known = (upload.file_id, post_preview.image_data_url(upload.getvalue()))
        st.session_state["picture_shown"] = known
    if known[1] is None:
        st.warning(say("form.picture_broken"))
    return known[1]


def _model(asked: Generation) -> str:
    return str(asked.options["model"])


# -- callbacks: from within the fragment, each asks for the whole page ------------------------------------------------


def _open_feed(feed_id: uuid.UUID) -> None:
    run_state.open_feed(feed_id)
    url_state.draw_again()


def _use_again(brief: dict[str, Any]) -> None:
    brief_form.use_again(brief)
    feedback.toast_later(say("result.brief_back"), icon=":material/replay:")
    url_state.draw_again()


def _change(studio: Studio, feed: Feed, made_by: Generation | None, change: Change) -> None:
    """A new feed from this one."""

    def begin(run_id: uuid.UUID) -> generate.Prepared | Generation:
        return generate.prepare(
            studio,
            facts.brief_of(feed),
            GenerationOptions.from_json(made_by.options) if made_by else options_like(studio, feed),
            source="page",
            idempotency_key=run_state.key(run_id),
            run_id=run_id,
            parent=feed,
            change=change,
        )

    _begin(studio, begin)


def _again(studio: Studio, asked: Generation) -> None:
    """The same once more, as a run of its own."""

    def begin(run_id: uuid.UUID) -> generate.Prepared | Generation:
        derivation: dict[str, Any] = {}
        if asked.parent_feed_id and asked.change:
            with studio.database.tenant(asked.tenant_id) as db:
                parent = feeds.get(db, asked.tenant_id, asked.parent_feed_id)
            derivation = {"parent": parent, "change": asked.change}
        return generate.prepare(
            studio,
            Brief(asked.tenant_id, **asked.brief),
            GenerationOptions.from_json(asked.options),
            source="page",
            idempotency_key=run_state.key(run_id, asked.variant),
            run_id=run_id,
            variant=asked.variant,
            **derivation,
        )

    _begin(studio, begin)


def _begin(studio: Studio, begin: Callable[[uuid.UUID], generate.Prepared | Generation]) -> None:
    """Begin a run of one caption and show it; a second click of the same press finds it shown already."""
    run_id = run_state.press()
    if not run_state.is_open(run_id):
        st.session_state["form_error"] = None
        try:
            begun = begin(run_id)
        except StudioError as error:
            st.session_state["form_error"] = error
        else:
            if isinstance(begun, generate.Prepared):
                generate.submit(studio, begun)
            run_state.open_run(run_id)
    url_state.draw_again()
