"""A job of the pipeline as people see it: its state, its overlays over the picture area, and all its captions."""

from __future__ import annotations

import uuid

import streamlit as st

from lib.domain.errors import JobNotFound, StudioError
from lib.store import feeds, pipeline_jobs
from lib.store.feeds import Feed
from lib.store.pipeline_jobs import Overlay, PipelineJob
from lib.studio import Studio
from lib.ui.core import feedback, format_dates, words
from lib.ui.core.words import say
from lib.ui.feed import links
from lib.ui.generate.recent import LINE
from lib.ui.jobs import overlay_boxes
from lib.ui.jobs.overlay_boxes import Box

JOB = "job"
"""The job in the address, and in the session."""
COLOURS = {"queued": "gray", "running": "blue", "done": "green", "failed": "red"}


def show(studio: Studio, tenant_id: str) -> None:
    """The list to choose from, and the job that is chosen, which stands in the address."""
    st.subheader(say("jobs.title"), anchor=False)
    try:
        with studio.database.tenant(tenant_id) as db:
            recent = {str(one.job_id): one for one in pipeline_jobs.recent(db, tenant_id)}
        chosen = _choose(recent)
        if not recent and not chosen:
            st.info(say("jobs.none"), icon=":material/info:")
        if chosen:
            with studio.database.tenant(tenant_id) as db:
                job = pipeline_jobs.get(db, tenant_id, _id(chosen))
                overlays = pipeline_jobs.overlays(db, tenant_id, job.job_id)
                made = feeds.by_job(db, tenant_id, job.job_id)
            _job(job, overlays, made)
    except StudioError as error:
        feedback.show_error(error)


def _choose(recent: dict[str, PipelineJob]) -> str | None:
    told = st.query_params.get(JOB)
    if st.session_state.get("job_in_address") != told:  # a link, or the way back: it leads
        st.session_state["job_in_address"] = st.session_state[JOB] = told
    st.session_state.setdefault(JOB, None)
    chosen: str | None = st.selectbox(
        say("jobs.choose"),
        list(dict.fromkeys([*recent, *filter(None, [st.session_state[JOB]])])),
        index=None,
        key=JOB,
        accept_new_options=True,
        filter_mode="contains",
        format_func=lambda one: links.line(recent[one]) if one in recent else one,
        placeholder=say("links.choose_job_id"),
    )
    if chosen:
        st.query_params[JOB] = chosen
    else:
        st.query_params.pop(JOB, None)
    st.session_state["job_in_address"] = chosen
    return chosen


def _id(chosen: str) -> uuid.UUID:
    try:
        return uuid.UUID(chosen.strip())
    except ValueError:
        raise JobNotFound(job_id=chosen[:80]) from None


def _job(job: PipelineJob, overlays: list[Overlay], made: list[Feed]) -> None:
    left, right = st.columns([11, 9], gap="large")
    with left:
        _state(job)
        _feeds(made)
    with right:
        _overlays(overlays)


def _state(job: PipelineJob) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(
                feedback.inert(links.status(job.status)) or say("value.unknown"),
                icon=links.STATUS_ICONS.get(job.status or ""),
                color=COLOURS.get(job.status or "", "gray"),  # type: ignore[arg-type]
            )
            st.markdown(f"`{job.job_id}`")
        told = {
            "step": job.current_step,
            "version": job.version,
            "retries": None if job.retry_count is None else str(job.retry_count),
            "created": format_dates.to_the_minute(job.created_at),
            "updated": format_dates.to_the_minute(job.updated_at),
        }
        with st.container(horizontal=True, gap="medium"):
            for name, value in told.items():
                with st.container(width="content", gap=None):
                    feedback.show_quietly(say(f"jobs.{name}"))
                    st.markdown(f"**{feedback.inert(value or say('value.unknown'))}**")


def _feeds(made: list[Feed]) -> None:
    st.markdown(f"**{say('jobs.feeds', count=len(made))}**")
    if not made:
        feedback.show_quietly(say("jobs.no_feeds"))
    for feed in made:
        shown = words.first_line(feed.instagram_ad_copy, LINE)
        st.page_link(
            "history.py",
            label=feedback.inert(f"{format_dates.to_the_minute(feed.created_at)} · {shown}"),
            icon=":material/article:",
            query_params={"tenant_id": feed.tenant_id, "feed": str(feed.instagram_feed_id)},
        )


def _overlays(overlays: list[Overlay]) -> None:
    st.markdown(f"**{say('jobs.overlays', count=len(overlays))}**")
    if not overlays:
        feedback.show_quietly(say("jobs.no_overlays"))
        return
    boxes = [overlay_boxes.of(one) for one in overlays]
    told = say("jobs.picture_alt", count=sum(map(len, boxes)))
    st.image(overlay_boxes.svg(boxes), width=overlay_boxes.WIDTH, alt=told)
    for number, (overlay, drawn) in enumerate(zip(overlays, boxes, strict=True), start=1):
        where = "; ".join(_where(box) for box in drawn) or say("jobs.no_ratios")
        feedback.show_quietly(f"**{say('jobs.overlay', number=number)}** · `{overlay.overlay_id}`  \n{where}")


def _where(box: Box) -> str:
    x, y, width, height = box.percent
    return say("jobs.box", x=x, y=y, width=width, height=height)
