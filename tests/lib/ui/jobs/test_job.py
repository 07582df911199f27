"""A job's page: its state, its overlays and all its captions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Sql = Callable[..., list[tuple[Any, ...]]]


def test_a_job_shows_its_state_its_overlays_and_all_its_captions(
    open_jobs: Callable[..., Any], as_owner: Sql, insert_by_sql: Callable[..., uuid.UUID], job: Callable[..., str]
) -> None:
    told = "INSERT INTO overlay_layouts (layout) VALUES (%s) RETURNING overlay_id::text"
    overlay_id = as_owner(told, '{"x_ratio": 0.1, "y_ratio": 0.2, "width_ratio": 0.5, "height_ratio": 0.25}')[0][0]
    job_id, other = job(), job()
    for number in range(2):
        insert_by_sql(job_id=job_id, overlay_id=overlay_id, instagram_ad_copy=f"글 {number}\n둘째 줄")
    insert_by_sql(job_id=other, instagram_ad_copy="다른 작업의 글")
    page = open_jobs(job=job_id)
    told = page.told()
    assert "완료" in told
    assert job_id in told
    assert overlay_id in told
    assert "왼쪽에서 10%, 위에서 20% · 너비 50%, 높이 25%" in told
    assert "이 작업의 글 2편" in told
    links = [one.proto.label for one in page.app.get("page_link")]
    assert [number for number in range(2) if any(f"글 {number}" in label for label in links)] == [0, 1]
    assert not any("다른 작업" in label for label in links)
    assert [one.type for one in page.app.main].count("image") == 1


def test_the_jobs_of_other_tenants_are_not_offered_and_not_shown(
    open_jobs: Callable[..., Any], job: Callable[..., str]
) -> None:
    mine, theirs = job(), job("rival")
    page = open_jobs(job=theirs)
    assert "작업이 없어요" in page.told("error")
    assert any(mine in one for one in page.field("job").options)
    assert not any("rival" in one for one in page.field("job").options)


def test_while_no_job_is_chosen_the_latest_are_listed_of_this_team_alone(
    open_jobs: Callable[..., Any], as_owner: Sql, job: Callable[..., str]
) -> None:
    older, newer = job(status="failed"), job()
    as_owner("UPDATE jobs SET updated_at = now() + interval '1 minute' WHERE job_id = %s", newer)
    job("rival")
    links = [one.proto.label for one in open_jobs().app.main.get("page_link")]
    assert [job_id[:8] in link for job_id, link in zip((newer, older), links, strict=True)] == [True, True]
