"""A caption as the post that it will be: while it is being written, and as it is stored."""

from __future__ import annotations

import streamlit as st

from lib.domain.caption import Caption
from lib.domain.models import is_demo
from lib.feeds import answer
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.ui.components.post_preview import post_preview
from lib.ui.core import feedback, words
from lib.ui.core.words import say
from lib.ui.feed import editor, facts

PICTURE = "picture"
"""Session key: the picture that the person uploaded; it is shown in every post and stored nowhere."""
_SHOWN = "picture_shown"
"""Session key: the id of the upload, and the picture as the browser shows it (None: it cannot be read)."""


def show(
    tenant_id: str,
    caption: Caption,
    state: post_preview.State,
    *,
    key: str,
    model: str | None = None,
    generation: Generation | None = None,
    link: str | None = None,
) -> None:
    """Draw a caption as a post of the team: with the uploaded picture, and a badge where the demo model writes it."""
    if model is None and generation:
        model = str(generation.options["model"])
    demo = model is not None and is_demo(model)
    post = post_preview.Post(
        account=tenant_id,
        caption=caption,
        state=state,
        image=_picture(),
        badge=say("result.demo_badge") if demo else None,
        written_by=f"{generation.run_id}/{generation.variant}" if generation else None,
        link=link,
    )
    post_preview.show(post, words.listed("preview"), key=key)


def _picture() -> str | None:
    upload = st.session_state.get(PICTURE)
    if upload is None:
        return None
    shown: tuple[str, str | None] = st.session_state.get(_SHOWN, ("", None))
    if shown[0] != upload.file_id:
        shown = (upload.file_id, post_preview.image_data_url(upload.getvalue()))
        st.session_state[_SHOWN] = shown
    if shown[1] is None:
        st.warning(say("form.picture_heic" if post_preview.is_heic(upload.getvalue()) else "form.picture_broken"))
    return shown[1]


def show_stored(feed: Feed, made_by: Generation | None, number: int) -> bool:
    """A stored feed as a post, with what it took; returns whether what is shown is an edit that is not saved yet."""
    unsaved = editor.unsaved(feed, number)
    show(
        feed.tenant_id,
        unsaved or answer.caption_of(feed),
        "done",
        key=f"post_{number}",
        model=feed.gpt_model_name,
        generation=made_by,
        link=facts.link(feed),
    )
    with st.container():  # always there: what comes and goes must not move the editor that somebody types in
        if unsaved:
            feedback.show_quietly(f":material/edit: {say('edit.unsaved')}")
    facts.show(feed)
    return unsaved is not None
