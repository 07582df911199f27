"""What a body may say."""

from __future__ import annotations

import httpx2

from lib.demo.model import DemoModel
from tests.support.api_calls import problem, write


def test_everything_wrong_with_a_request_is_told_at_once(client: httpx2.Client, demo: DemoModel) -> None:
    told = problem(write(client, tone_style="", max_tokens=3, job_id="x"), 422, "invalid_request")
    assert {one["field"] for one in told["errors"]} == {"tone_style", "max_tokens", "job_id"}
    told = problem(write(client, tone_style=" ", gpt_prompt="\n"), 422, "invalid_brief")
    assert {one["field"] for one in told["errors"]} == {"tone_style", "gpt_prompt"}
    broken = client.post("/api/v1/feeds", content=b'{"a"', headers={"Content-Type": "application/json"})
    assert problem(broken, 422, "invalid_request")["field"] == "body"
    assert not demo.requests


def test_a_model_without_a_key_is_told_by_its_field(client: httpx2.Client) -> None:
    assert problem(write(client, model="gpt-6-luna"), 422, "no_key")["field"] == "model"


def test_null_means_left_out_for_every_optional_field_alike(client: httpx2.Client) -> None:
    optional = ("refined_ad_copy_eng", "store_information", "language", "max_tokens", "another", "job_id", "model")
    assert write(client, **dict.fromkeys(optional)).status_code == 201
    answer = write(client, tone_style=None)
    assert answer.status_code == 422
    assert answer.json()["field"] == "tone_style"
