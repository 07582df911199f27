"""The options of a request: how they reach it, and what is refused beside its field."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from tests.support.opened_page import Opened
from tests.support.stored import feeds, recorded

Sql = Callable[..., list[tuple[Any, ...]]]


def test_the_options_reach_the_request_and_the_row(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    job = uuid.uuid4()
    as_owner("INSERT INTO jobs (job_id, tenant_id) VALUES (%s, 'my-team')", job)
    page.fill(language="en", temperature=0.4, max_tokens=900, job_id=f" {job} ").press("generate")
    assert feeds(as_owner, "gpt_temperature, gpt_max_tokens, job_id::text, gpt_model_name") == [
        (0.4, 900, str(job), "demo")
    ]
    assert demo.requests[0]["temperature"] == 0.4
    assert "in English" in demo.requests[0]["messages"][0]["content"]


def test_what_is_no_id_is_told_beside_its_field(page: Opened, as_owner: Sql) -> None:
    page.fill(job_id="job-7", overlay_id="<b>").press("generate")
    assert set(page.problems()) == {"job_id", "overlay_id"}
    assert all("ID 형식(UUID)이 아니에요" in text for text in page.problems().values())
    assert recorded(as_owner) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("temperature", "warm"), ("temperature", "2.1"), ("temperature", "nan"), ("temperature", "-1"),
        ("max_tokens", "many"), ("max_tokens", "12.5"), ("max_tokens", "1"), ("max_tokens", "99999999999"),
        ("variants", "0"), ("variants", "6"), ("variants", "two"),
    ],
)  # fmt: skip
def test_a_number_that_is_none_or_out_of_its_range_is_told_beside_its_field(
    page: Opened, as_owner: Sql, name: str, text: str
) -> None:
    assert list(page.fill(**{name: text}).press("generate").problems()) == [name]
    assert recorded(as_owner) == 0


def test_an_unknown_job_or_overlay_is_named_and_nothing_is_sent(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    unknown = str(uuid.uuid4())
    page.fill(job_id=unknown).press("generate")
    assert f"이 팀에는 작업이 없어요 ({unknown})" in page.told("error")
    page.fill(job_id=None, overlay_id=unknown).read_in("EN").press("generate")
    assert f"Overlay {unknown} does not exist" in page.told("error")
    assert (recorded(as_owner), len(demo.requests)) == (0, 0)


def test_a_job_of_another_tenant_counts_as_unknown(page: Opened, as_owner: Sql) -> None:
    job = uuid.uuid4()
    as_owner("INSERT INTO jobs (job_id, tenant_id) VALUES (%s, 'rival')", job)
    page.fill(job_id=str(job)).press("generate")
    assert f"이 팀에는 작업이 없어요 ({job})" in page.told("error")
    assert recorded(as_owner) == 0


def test_three_variants_are_three_rows_from_three_angles(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    page.fill(variants=3).press("generate")
    assert [tab.label for tab in page.app.tabs] == ["시안 1", "시안 2", "시안 3"]
    stored = {text for (text,) in feeds(as_owner, "instagram_ad_copy")}
    assert {page.post(number)["copy"]["caption"] for number in (1, 2, 3)} == stored
    assert len(stored) == 3
    angles = [json.loads(request["messages"][1]["content"])["angle"] for request in demo.requests]
    assert len(set(angles)) == 3


def test_a_job_chosen_in_the_options_is_what_the_caption_is_linked_to(
    open_page: Callable[..., Any], as_owner: Sql, job: Callable[..., str]
) -> None:
    job_id = job()
    page = open_page(tenant_id="acme").fill(product_description="식빵", store_information="온기", job_id=job_id)
    page.press("generate")
    assert as_owner("SELECT job_id::text FROM instagram_feeds") == [(job_id,)]
    assert as_owner("SELECT status, current_step FROM jobs") == [("done", "overlay")], "people leave its state alone"
