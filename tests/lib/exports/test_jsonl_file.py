"""JSON lines as a program reads them."""

from __future__ import annotations

import json

from lib.exports.columns import STORED
from tests.support.exported import (
    FEED,
    Known,
    feed,
    json_rows,
    written,
)


def test_json_lines_hold_everything_as_it_is_stored() -> None:
    change = {"at": FEED.created_at, "by": "민지", "instagram_ad_copy": "옛 글"}
    row = Known(**{name: getattr(FEED, name) for name in STORED}, status="posted", versions=(change,))
    content = written("jsonl", row)
    assert "둘째 줄" in content.decode()
    told = json_rows(content)[0]
    assert {name: told[name] for name in STORED} == {
        **{name: getattr(FEED, name) for name in STORED},
        "instagram_feed_id": str(FEED.instagram_feed_id),
        "created_at": "2026-11-23T15:30:05.250000+00:00",
    }
    assert (told["state"], told["favourite"]) == ("posted", False)
    assert told["versions"] == [{**change, "at": "2026-11-23T15:30:05.250000+00:00"}]
    assert isinstance(told["cost_usd"], str)


def test_json_lines_are_free_of_nan() -> None:
    row = feed(latency_ms=float("nan"), gpt_temperature=float("-inf"), gpt_response_raw={"a": [float("inf"), 1]})
    told = json_rows(written("jsonl", row))[0]
    assert told["latency_ms"] is told["gpt_temperature"] is None
    assert told["gpt_response_raw"] == {"a": [None, 1]}


def test_a_line_is_a_row_whatever_its_text_holds() -> None:
    content = written("jsonl", feed(instagram_ad_copy="가\u2028나\r\n다\x85라"), FEED)
    assert content.count(b"\n") == 2
    assert json.loads(content.split(b"\n")[0])["instagram_ad_copy"] == "가\u2028나\r\n다\x85라"
