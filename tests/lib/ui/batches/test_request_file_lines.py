"""A file at the Batch API is told in a line: what is known of it, and whether the requests still lie there."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from lib.store.batches.request_files import RequestFile
from lib.ui.batches import request_file_lines

AT = dt.datetime(2026, 11, 29, 3, tzinfo=dt.UTC)
FILE = RequestFile(
    "acme", uuid.UUID(int=1), uuid.UUID(int=2), "gpt-6-luna", "filling", 300, 900, 50_000, Decimal(1), False,
    None, None, None, None, None, None, None, None, None, None, AT, None, None, None,
)  # fmt: skip
SENT: dict[str, Any] = {"status": "sent", "input_file_id": "file-1", "sent_at": AT, "remote_status": "in_progress"}
ENDED = SENT | {"status": "ended", "ended_at": AT, "remote_status": "expired", "completed": 200, "failed": 100}


@pytest.mark.parametrize(
    ("changes", "texts"),
    [
        ({}, ["파일 1: 요청 300건을 모으는 중"]),
        ({"status": "ready"}, ["파일 1: 요청 300건을 보내는 중"]),
        (SENT, ["파일 1: 요청 300건", "보냄", "OpenAI가 처리하는 중", "끝나면 OpenAI에서 지워요"]),
        (SENT | {"error_code": "busy"}, ["처리하는 중", "요청을 더 받지 않아요"]),
        (ENDED | {"input_deleted_at": AT}, ["24시간이 지남", "처리 200, 실패 100", "에 OpenAI에서 지웠어요"]),
        (ENDED | {"input_expires_at": AT}, ["지우지 못했어요. OpenAI에서", "사라져요"]),
        (ENDED, ["직접 지워 주세요"]),
    ],
)
def test_a_line_says_how_far_a_file_is(changes: dict[str, Any], texts: list[str]) -> None:
    line = request_file_lines.line(1, dataclasses.replace(FILE, **changes))
    for text in texts:
        assert text in line
    assert ("OpenAI에서" in line) == ("input_file_id" in changes)
