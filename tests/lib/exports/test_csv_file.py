"""CSV as a spreadsheet reads it."""

from __future__ import annotations

import pytest

from tests.support.exported import (
    FEED,
    SEOUL,
    csv_rows,
    feed,
    written,
)


def test_csv_is_what_excel_reads_as_korean() -> None:
    content = written("csv", FEED, zone=SEOUL)
    assert content.startswith("\ufeff작성 시각 (Asia/Seoul),".encode())
    assert content.count(b"\r\n") == 2
    line = csv_rows(content)[0]
    assert line["instagram_ad_copy"] == FEED.instagram_ad_copy
    assert line["product_description"] == FEED.product_description
    assert line["created_at"] == "2026-11-24 00:30:05"
    assert line["updated_at"] == line["job_id"] == ""


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+82 10", "-할인", "@ongi", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠온기", " =1", "\u200b=1",
     "\ufeff=cmd|' /C calc'!A0", "　=1", "-5"],
)  # fmt: skip
def test_what_a_spreadsheet_would_execute_is_made_inert(text: str) -> None:
    line = csv_rows(written("csv", feed(instagram_ad_copy=text, tenant_id=text, tone_style=text)))[0]
    assert line["instagram_ad_copy"] == line["tenant_id"] == line["tone_style"] == f"'{text}"


@pytest.mark.parametrize("text", ["글", "'이미'", "1=1", "A-1", "a@b", "☕ = 좋다", "", "#태그", "<b>"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert csv_rows(written("csv", feed(instagram_ad_copy=text)))[0]["instagram_ad_copy"] == text
