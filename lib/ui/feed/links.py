"""What a caption belongs to: the pipeline's job and overlay, chosen from a list that can be searched, or unlinked."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from lib.domain.errors import Invalid, Problem, StudioError
from lib.feeds import editing
from lib.store import pipeline_jobs
from lib.store.feeds import Feed
from lib.store.pipeline_jobs import Overlay, PipelineJob
from lib.studio import Studio
from lib.ui.core import actions, cache, feedback, format_dates, url_state
from lib.ui.core.addresses import JobsAddress
from lib.ui.core.words import listed, say

STATUS_ICONS = {
    "queued": ":material/schedule:",
    "running": ":material/progress_activity:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
}


def choose(
    studio: Studio,
    tenant_id: str,
    job_key: str,
    overlay_key: str,
    beneath: Callable[[str], None] = lambda _key: None,
    **options: Any,
) -> None:
    """The two lists; ids stand in the session under these keys, as text, None where nothing is chosen.

    Other ids than those listed can be typed. ``beneath`` draws what belongs below the list of a key.
    """
    recent, overlays = _offered(studio, tenant_id, st.session_state.get(job_key))
    for key, kind, offered in ((job_key, "job_id", recent), (overlay_key, "overlay_id", overlays)):
        chosen: str | None = st.session_state.get(key) or None
        if st.session_state.get(key) != chosen:
            st.session_state[key] = chosen
        ids = list(dict.fromkeys([*offered, *filter(None, [chosen])]))
        st.selectbox(
            f"{say(f'form.{kind}')} · {say('form.optional')}",
            ids,
            index=ids.index(chosen) if chosen else None,
            key=key,
            accept_new_options=True,
            filter_mode="contains",
            format_func=partial(_label, offered),
            placeholder=say(f"links.choose_{kind}"),
            help=say(f"links.{kind}_help"),
            **options,
        )
        beneath(key)


def show(studio: Studio, feed: Feed, key: str) -> None:
    """What a stored feed is linked to, and the way to change it; ``key`` is of this place on the page alone."""
    job_key, overlay_key, seen_key = (f"links_{part}_{key}" for part in ("job", "overlay", "seen"))
    state = st.session_state
    if state.get(seen_key) != (feed.instagram_feed_id, feed.job_id, feed.overlay_id):
        state[seen_key] = (feed.instagram_feed_id, feed.job_id, feed.overlay_id)
        state[job_key], state[overlay_key] = _text(feed.job_id), _text(feed.overlay_id)
    with st.expander(_title(feed), icon=":material/link:", key=f"links_{key}", on_change="rerun") as box:
        if not box.open:  # nobody waits for a list that nobody looks at
            return
        choose(studio, feed.tenant_id, job_key, overlay_key)
        changed = (state[job_key], state[overlay_key]) != (_text(feed.job_id), _text(feed.overlay_id))
        with st.container(horizontal=True, vertical_alignment="center"):
            actions.button(
                say("links.save"),
                f"links_save_{key}",
                feed.instagram_feed_id,
                type="primary",
                disabled=not changed,
                on_click=_save,
                args=(studio, feed, key),
            )
            if feed.job_id or feed.overlay_id:
                actions.button(
                    say("links.unlink"),
                    f"links_unlink_{key}",
                    feed.instagram_feed_id,
                    type="tertiary",
                    icon=":material/link_off:",
                    on_click=_relink,
                    args=(studio, feed, key, None, None),
                )
            if feed.job_id:
                st.page_link(
                    "jobs.py",
                    label=say("links.open_job"),
                    icon=":material/arrow_forward:",
                    query_params=JobsAddress(job=feed.job_id).link(feed.tenant_id),
                )
        if isinstance(error := state.get(f"links_error_{key}"), StudioError):
            feedback.show_error(error)


def line(job: PipelineJob) -> str:
    """A job in one line, by which it can be recognised and found: status, step, when, id."""
    at = job.updated_at or job.created_at
    when = format_dates.short(at) if at else None
    return " · ".join(filter(None, [status(job.status), job.current_step, when, str(job.job_id)]))


def status(value: str | None) -> str:
    """What a reader calls the status; one that we do not know as it is."""
    return listed("job_status").get(value or "-", value or "")


def _offered(studio: Studio, tenant_id: str, job_id: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """Jobs and overlays to choose from, by id, with the words that stand for them."""
    try:
        recent = {str(item.job_id): line(item) for item in cache.recent_jobs(tenant_id)}
        overlays: list[Overlay] = []
        if job_id in recent:
            with studio.database.tenant(tenant_id) as db:
                overlays = pipeline_jobs.overlays(db, tenant_id, uuid.UUID(job_id))
    except StudioError as error:
        feedback.show_error(error)
        return {}, {}
    return recent, {str(item.overlay_id): _overlay_line(number, item) for number, item in enumerate(overlays, start=1)}


def _label(offered: dict[str, str], item: str) -> str:
    return offered.get(item, item)


def _overlay_line(number: int, overlay: Overlay) -> str:
    return f"{say('jobs.overlay', number=number)} · {overlay.overlay_id}"


def _title(feed: Feed) -> str:
    linked = [say(f"links.has_{kind}") for kind in ("job", "overlay") if getattr(feed, f"{kind}_id")]
    return f"{say('links.title')} · {' · '.join(linked) if linked else say('links.none')}"


def _text(linked: uuid.UUID | None) -> str | None:
    return str(linked) if linked else None


# -- callbacks --------------------------------------------------------------------------------------------------------


def _save(studio: Studio, feed: Feed, key: str) -> None:
    st.session_state[f"links_{key}"] = True  # another title would make it another box, which begins closed
    ids: dict[str, uuid.UUID | None] = {}
    for kind in ("job", "overlay"):
        typed = str(st.session_state.get(f"links_{kind}_{key}") or "").strip()
        try:
            ids[kind] = uuid.UUID(typed) if typed else None
        except ValueError:
            st.session_state[f"links_error_{key}"] = Invalid([Problem(f"{kind}_id", "not_an_id")])
            url_state.draw_again()
            return
    _relink(studio, feed, key, ids["job"], ids["overlay"])


def _relink(studio: Studio, feed: Feed, key: str, job_id: uuid.UUID | None, overlay_id: uuid.UUID | None) -> None:
    st.session_state[f"links_{key}"] = True
    st.session_state.pop(f"links_error_{key}", None)
    with feedback.shown_later():
        actions.require_screen(feed.tenant_id, feed.instagram_feed_id)
        editing.relink(studio, feed, job_id, overlay_id)
        label = "links.saved" if job_id or overlay_id else "links.unlinked"
        feedback.toast_later(say(label), icon=":material/link:")
    url_state.draw_again()
