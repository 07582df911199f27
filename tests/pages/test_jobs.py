"""A job's page, and the links of a caption, as a person uses them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def job(as_owner: Sql) -> Callable[..., str]:
    """A new job of a tenant's."""

    def made(tenant_id: str = "acme", status: str = "done") -> str:
        told = "INSERT INTO jobs (tenant_id, status, current_step) VALUES (%s, %s, 'overlay') RETURNING job_id::text"
        return str(as_owner(told, tenant_id, status)[0][0])

    return made


@pytest.fixture
def open_jobs(open_page: Callable[..., Any]) -> Callable[..., Any]:
    def opened(**address: str) -> Any:
        page = open_page(tenant_id="acme", **address)
        page.app.switch_page("jobs.py")
        for name, value in address.items():
            page.app.query_params[name] = value
        return page.run()

    return opened


@pytest.fixture
def open_links(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens a caption with what it is linked to folded out."""

    def opened(**address: str) -> Any:
        page = open_page(**address)
        page.app.session_state["links_1"] = True
        return page.run()

    return opened


def linked(as_owner: Sql, feed_id: uuid.UUID) -> tuple[Any, ...]:
    found = as_owner("SELECT job_id::text, overlay_id::text FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    return found[0]


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


def test_a_team_without_jobs_is_told_so_and_a_broken_address_too(open_jobs: Callable[..., Any]) -> None:
    assert "아직 파이프라인 작업이 없어요" in open_jobs().told("info")
    assert "작업이 없어요" in open_jobs(job="<b>nonsense").told("error")


def test_a_stored_caption_is_linked_from_a_list_and_unlinked(
    open_links: Callable[..., Any], as_owner: Sql, insert_by_sql: Callable[..., uuid.UUID], job: Callable[..., str]
) -> None:
    feed_id, job_id, _ = insert_by_sql(), job(), job("rival")
    page = open_links(tenant_id="acme", feed=str(feed_id))
    offered = page.field("links_job_1").options
    assert len(offered) == 1
    assert job_id in offered[0]
    page.field("links_job_1").set_value(job_id)
    page.run().press("links_save_1")
    assert linked(as_owner, feed_id) == (job_id, None)
    assert as_owner("SELECT status, current_step FROM jobs WHERE job_id = %s", job_id) == [("done", "overlay")]
    page.press("links_unlink_1")
    assert linked(as_owner, feed_id) == (None, None)
    assert not page.has("links_unlink_1")


def test_the_overlays_of_the_job_that_is_chosen_are_offered_with_it(
    open_links: Callable[..., Any], as_owner: Sql, insert_by_sql: Callable[..., uuid.UUID], job: Callable[..., str]
) -> None:
    feed_id, job_id = insert_by_sql(), job()
    overlay_id = as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id::text")[0][0]
    insert_by_sql(job_id=job_id, overlay_id=overlay_id)
    page = open_links(tenant_id="acme", feed=str(feed_id))
    assert page.field("links_overlay_1").options == []
    page.field("links_job_1").set_value(job_id)
    page.run()
    assert [overlay_id in one for one in page.field("links_overlay_1").options] == [True]
    page.field("links_overlay_1").set_value(overlay_id)
    page.run().press("links_save_1")
    assert linked(as_owner, feed_id) == (job_id, overlay_id)


def test_a_link_to_what_is_not_there_is_told_and_changes_nothing(
    open_links: Callable[..., Any], as_owner: Sql, insert_by_sql: Callable[..., uuid.UUID], job: Callable[..., str]
) -> None:
    feed_id, theirs = insert_by_sql(), job("rival")
    page = open_links(tenant_id="acme", feed=str(feed_id))
    for typed, told in ((theirs, "작업이 없어요"), ("nonsense", "ID 형식")):
        page.fill(links_job_1=typed).run().press("links_save_1")
        assert told in page.told("error")
    assert linked(as_owner, feed_id) == (None, None)


def test_a_job_chosen_in_the_options_is_what_the_caption_is_linked_to(
    open_page: Callable[..., Any], as_owner: Sql, job: Callable[..., str]
) -> None:
    job_id = job()
    page = open_page(tenant_id="acme").fill(product_description="식빵", store_information="온기", job_id=job_id)
    page.press("generate")
    assert as_owner("SELECT job_id::text FROM instagram_feeds") == [(job_id,)]
    assert as_owner("SELECT status, current_step FROM jobs") == [("done", "overlay")], "people leave its state alone"
