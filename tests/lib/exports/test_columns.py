"""What each column of an export says, and under which heading."""

from __future__ import annotations

import dataclasses
import datetime as dt
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from lib.exports.columns import COLUMNS, STORED, cells
from tests.support.exported import (
    ENGLISH,
    FEED,
    KOREAN,
    Known,
    csv_rows,
    feed,
    json_rows,
    written,
    xlsx_rows,
)


def test_every_column_has_a_heading_in_both_languages() -> None:
    for headings in (KOREAN, ENGLISH):
        assert set(COLUMNS) <= headings.keys()
        assert len({headings[name] for name in COLUMNS}) == len(COLUMNS)
        assert len(headings["sheet"]) <= 28


def test_numbers_stay_numbers() -> None:
    line = csv_rows(written("csv", feed(latency_ms=-1.5, gpt_temperature=0.0)))[0]
    assert [line[name] for name in ("latency_ms", "gpt_temperature", "prompt_tokens", "cached_tokens", "pk")] == [
        "-1.5", "0.0", "1000", "512", "7",
    ]  # fmt: skip
    assert Decimal(line["cost_usd"]) > 0
    assert "E" not in line["cost_usd"]


def test_counts_in_the_raw_answer_alone_are_exported_with_their_cost() -> None:
    usage = {"input_tokens": 1000, "output_tokens": 200, "input_tokens_details": {"cached_tokens": 512}}
    whole, raw = (
        csv_rows(written("csv", row))[0] for row in (feed(), feed(token_usage=None, gpt_response_raw={"usage": usage}))
    )
    for name in ("prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "cost_usd"):
        assert raw[name] == whole[name] != ""


@pytest.mark.parametrize(
    "usage",
    [None, [], "많음", {}, {"prompt_tokens": "many", "total_tokens": True}, {"total_tokens": 10**400},
     {"prompt_tokens_details": [], "completion_tokens_details": "x"}, {"total_tokens": float("inf")}],
)  # fmt: skip
def test_a_usage_of_any_shape_is_exported_and_its_cost_is_unknown(usage: Any) -> None:
    row = feed(token_usage=usage, latency_ms=float("nan"))
    line = csv_rows(written("csv", row))[0]
    assert line["cost_usd"] == line["latency_ms"] == ""
    assert len(xlsx_rows(written("xlsx", row))) == len(json_rows(written("jsonl", row))) == 1


def test_what_the_demo_wrote_cost_nothing_and_an_unknown_model_is_not_free() -> None:
    costs = [csv_rows(written("csv", feed(gpt_model_name=model)))[0]["cost_usd"] for model in ("demo", "our-own", None)]
    assert costs == ["0", "", ""]


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (dt.datetime(1, 1, 1, tzinfo=dt.UTC), -9),
        (dt.datetime(1899, 6, 1, tzinfo=dt.UTC), 9),
        (dt.datetime(9999, 12, 31, 20, tzinfo=dt.UTC), 9),
    ],
)
def test_a_time_that_no_spreadsheet_knows_is_a_text(at: dt.datetime, hours: int) -> None:
    row, zone = feed(created_at=at, gpt_model_name=None), dt.timezone(dt.timedelta(hours=hours))
    assert csv_rows(written("csv", row, zone=zone))[0]["created_at"].startswith(f"{at.year:04}-")
    assert xlsx_rows(written("xlsx", row, zone=zone))[0]["created_at"][0] == "inlineStr"


def test_state_and_favourite_are_told_where_they_are_known() -> None:
    row = Known(**{name: getattr(FEED, name) for name in STORED}, status="in_review", favourite=True)
    line = csv_rows(written("csv", row, headings=KOREAN | {"value_in_review": "검토 중"}))[0]
    assert (line["state"], line["favourite"]) == ("검토 중", KOREAN["value_favourite"])
    assert csv_rows(written("csv", row))[0]["state"] == "in_review"
    assert csv_rows(written("csv", FEED))[0]["state"] == ""
    strange = dataclasses.replace(row, status="=옛 상태", favourite=False)
    assert csv_rows(written("csv", strange))[0]["state"] == "'=옛 상태"


def test_each_cell_stands_under_its_own_heading() -> None:
    row = dict(zip(COLUMNS, cells(FEED, KOREAN, dt.UTC), strict=True))
    assert row["instagram_feed_id"] == str(FEED.instagram_feed_id)
    assert row["instagram_ad_copy"] == FEED.instagram_ad_copy
    assert row["hashtags"] == FEED.hashtags
    assert row["gpt_model_name"] == FEED.gpt_model_name
    assert row["tone_style"] == FEED.tone_style
    assert row["ai_generated"] == KOREAN["value_ai_generated"]
    assert row["latency_ms"] == FEED.latency_ms


def test_a_finding_stands_in_each_file_with_its_place_in_the_text_of_the_file() -> None:
    text = unicodedata.normalize("NFD", "통밀 식빵 4,900원")
    finding: dict[str, Any] = {
        "kind": "facts",
        "code": "fact_different",
        "field": "instagram_ad_copy",
        "start": 14,
        "end": 22,
    }
    finding |= {"text": "4,900원", "brief": "6,900원", "params": {}}
    missing: dict[str, Any] = {
        "kind": "disclosure",
        "code": "disclosure_missing",
        "field": "instagram_ad_copy",
        "start": None,
    }
    missing |= {"end": None, "text": "", "brief": "", "params": {}}
    stored = {name: getattr(FEED, name) for name in STORED} | {"instagram_ad_copy": text}
    row = Known(**stored, findings=(finding, missing))
    line = json_rows(written("jsonl", row))[0]
    first = line["findings"][0]
    assert line["instagram_ad_copy"][first["start"] : first["end"]] == first["text"] == "4,900원"
    assert csv_rows(written("csv", row))[0]["findings"] == (
        "fact_different (6-12): 4,900원 → 6,900원\ndisclosure_missing"
    )
