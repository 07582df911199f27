"""Sample captions are realistic, the same for the same seed, and marked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lib.demo.samples import is_sample, is_sample_tenant
from lib.demo.samples.rows import COLUMNS, Rows
from tests.support.sample_rows import UNTIL, Row


def test_the_same_seed_gives_the_same_rows(rows: list[Row]) -> None:
    assert list(Rows("sample", 12_000, until=UNTIL).rows(0, 50)) == rows[:50]


def test_any_part_is_that_part_of_the_whole(rows: list[Row]) -> None:
    assert list(Rows("sample", 12_000, until=UNTIL).rows(990, 2010)) == rows[990:2010]
    assert list(Rows("sample", 12_000, until=UNTIL).rows(11_995, 99_999)) == rows[11_995:]


def test_another_seed_or_tenant_gives_other_rows(rows: list[Row]) -> None:
    for other in (Rows("sample", 12_000, seed=2, until=UNTIL), Rows("sample-2", 12_000, until=UNTIL)):
        ids = {row["instagram_feed_id"] for row in other.rows(0, 1000)}
        assert not ids & {row["instagram_feed_id"] for row in rows}


def test_no_two_rows_have_the_same_id(rows: list[Row]) -> None:
    assert len({row["instagram_feed_id"] for row in rows}) == len(rows)
    assert len({row["instagram_ad_copy"] for row in rows}) == len(rows)


def test_rows_name_jobs_only_where_there_are_some(rows: list[Row]) -> None:
    assert {row["job_id"] for row in rows} == {row["overlay_id"] for row in rows} == {None}
    linked = Rows("sample", 400, until=UNTIL, linked=True)
    jobs = {linked.job_id(at) for at in range(linked.jobs)}
    overlays = {linked.overlay_id(at) for at in range(linked.jobs)}
    named = [(row["job_id"], row["overlay_id"]) for row in linked.rows()]
    assert {job for job, _ in named} - {None} <= jobs
    assert {overlay for _, overlay in named} - {None} <= overlays
    assert 20 <= sum(job is not None for job, _ in named) <= 100


def test_every_row_says_that_it_is_sample_data(rows: list[Row]) -> None:
    assert all(is_sample(SimpleNamespace(**row)) for row in rows)
    assert is_sample_tenant(rows[0]["tenant_id"])


@pytest.mark.parametrize("raw", [None, [], "sample", {}, {"sample": "true"}, {"sample": 1}, {"id": "chatcmpl-1"}])
def test_what_other_programs_store_is_no_sample(raw: Any) -> None:
    assert not is_sample(SimpleNamespace(gpt_response_raw=raw))


@pytest.mark.parametrize("tenant", ["samples", "sampler", "acme", "", "my-sample", "Sample"])
def test_a_tenant_of_another_name_may_hold_real_captions(tenant: str) -> None:
    assert not is_sample_tenant(tenant)


def test_a_row_has_every_column_but_the_servers_own(rows: list[Row]) -> None:
    from lib.store.tables import InstagramFeed

    assert {*COLUMNS, "pk"} == set(InstagramFeed.__table__.columns.keys())
    assert all(tuple(row) == COLUMNS for row in rows[:10])
