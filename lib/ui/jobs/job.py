"""A job of the pipeline as people see it: its state, its overlays over the picture area, and all its captions."""

from __future__ import annotations

import uuid

import streamlit as st

from lib.domain.errors import JobNotFound, StudioError
from lib.store import feeds, pipeline_jobs
from lib.store.feeds import Feed
from lib.store.pipeline_jobs import Overlay, PipelineJob
from lib.studio import Studio
from lib.ui.core import feedback, format_dates, paging, words
from lib.ui.core.addresses import HistoryAddress, JobsAddress
from lib.ui.core.changes import when_changed
from lib.ui.core.words import say
from lib.ui.feed import links
from lib.ui.jobs import overlay_boxes
from lib.ui.jobs.overlay_boxes import Box

MAX_LINE = 42
"""Characters of a caption that fit on a line of the list."""
CHOSEN = "job"
"""Session key: the job that the list stands at, as text."""
LISTED = "jobs_shown"
"""Session key, with the team behind it: how many jobs are listed while none is chosen."""
COLOURS = {"queued": "gray", "running": "blue", "done": "green", "failed": "red"}


def show(studio: Studio, tenant_id: str) -> None:
    """The list to choose from, and the job that is chosen, which stands in the address."""
    st.subheader(say("jobs.title"), anchor=False)
    try:
        with studio.database.tenant(tenant_id) as db:
            recent = {str(job.job_id): job for job in pipeline_jobs.recent(db, tenant_id)}
        try:
            chosen = JobsAddress.read().job
        except JobNotFound:
            _choose(recent, None)
            raise
        _choose(recent, chosen)
        if not recent and not chosen:
            st.info(say("jobs.none"), icon=":material/info:")
        if chosen:
            with studio.database.tenant(tenant_id) as db:
                job = recent.get(str(chosen)) or pipeline_jobs.get(db, tenant_id, chosen)
                overlays = pipeline_jobs.overlays(db, tenant_id, job.job_id)
                made = feeds.by_job(db, tenant_id, job.job_id)
            _job(job, overlays, made)
        else:
            _recent(list(recent.values()), tenant_id)
    except StudioError as error:
        feedback.show_error(error)


def _choose(recent: dict[str, PipelineJob], chosen: uuid.UUID | None) -> None:
    """The list of jobs, at the one that the address names; other ids can be typed."""
    st.session_state[CHOSEN] = str(chosen) if chosen else None
    offered = list(dict.fromkeys([*recent, *filter(None, [st.session_state[CHOSEN]])]))
    st.selectbox(
        say("jobs.choose"),
        offered,
        index=offered.index(str(chosen)) if chosen else None,
        key=CHOSEN,
        accept_new_options=True,
        filter_mode="contains",
        format_func=lambda job_id: links.line(recent[job_id]) if job_id in recent else job_id,
        placeholder=say("links.choose_job_id"),
        on_change=when_changed(CHOSEN, _open),
    )


def _recent(jobs: list[PipelineJob], tenant_id: str) -> None:
    """The jobs that changed last, each a link to itself."""
    for job in paging.part(jobs, LISTED, tenant_id):
        st.page_link(
            "jobs.py",
            label=feedback.inert(links.line(job)),
            icon=links.STATUS_ICONS.get(job.status or "", ":material/help:"),
            query_params=JobsAddress(job=job.job_id).link(tenant_id),
        )
    paging.offer_more(jobs, LISTED, tenant_id)


def _open() -> None:
    with feedback.shown_later():
        JobsAddress.from_query({"job": str(st.session_state[CHOSEN] or "")}).show()


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
        values = {
            "step": job.current_step,
            "version": job.version,
            "retries": None if job.retry_count is None else str(job.retry_count),
            "created": format_dates.to_the_minute(job.created_at),
            "updated": format_dates.to_the_minute(job.updated_at),
        }
        with st.container(horizontal=True, gap="medium"):
            for name, value in values.items():
                with st.container(width="content", gap=None):
                    feedback.show_quietly(say(f"jobs.{name}"))
                    st.markdown(f"**{feedback.inert(value or say('value.unknown'))}**")


def _feeds(made: list[Feed]) -> None:
    st.markdown(f"**{say('jobs.feeds', count=len(made))}**")
    if not made:
        feedback.show_quietly(say("jobs.no_feeds"))
    for feed in made:
        shown = words.first_line(feed.instagram_ad_copy, MAX_LINE)
        st.page_link(
            "history.py",
            label=feedback.inert(f"{format_dates.to_the_minute(feed.created_at)} · {shown}"),
            icon=":material/article:",
            query_params=HistoryAddress(feed=feed.instagram_feed_id).link(feed.tenant_id),
        )


def _overlays(overlays: list[Overlay]) -> None:
    st.markdown(f"**{say('jobs.overlays', count=len(overlays))}**")
    if not overlays:
        feedback.show_quietly(say("jobs.no_overlays"))
        return
    boxes = [overlay_boxes.of(overlay) for overlay in overlays]
    alt = say("jobs.picture_alt", count=sum(map(len, boxes)))
    st.image(overlay_boxes.svg(boxes), width=overlay_boxes.WIDTH, alt=alt)
    for number, (overlay, drawn) in enumerate(zip(overlays, boxes, strict=True), start=1):
        where = "; ".join(_where(box) for box in drawn) or say("jobs.no_ratios")
        feedback.show_quietly(f"**{say('jobs.overlay', number=number)}** · `{overlay.overlay_id}`  \n{where}")


def _where(box: Box) -> str:
    x, y, width, height = box.percent
    return say("jobs.box", x=x, y=y, width=width, height=height)
