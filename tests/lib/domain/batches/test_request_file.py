"""A line of results is read whatever is missing of it, and a batch whatever it does not count yet."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from lib.domain import completion
from lib.domain.batches.request_file import RemoteBatch, request_line, result

KEY = uuid.UUID(int=7)
REQUEST: dict[str, Any] = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "빵 \n 줄"}]}


def test_a_request_is_one_line() -> None:
    line = request_line(KEY, REQUEST)
    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "custom_id": str(KEY),
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": REQUEST,
    }


def line(**members: Any) -> bytes:
    return json.dumps({"custom_id": str(KEY), "response": None, "error": None} | members).encode()


BAD = {"error": {"message": "too large", "param": "max_tokens"}}


@pytest.mark.parametrize(
    ("members", "outcome", "error_code"),
    [
        ({"response": {"status_code": 400, "body": BAD}}, "failed", "request_rejected"),
        ({"response": {"status_code": 400, "body": json.dumps(BAD)}}, "failed", "request_rejected"),
        ({"response": {"status_code": 429, "body": {"error": {"message": "slow down"}}}}, "failed", "busy"),
        ({"response": {"status_code": 500, "body": None}}, "failed", "model_failed"),
        ({"response": {"body": BAD}}, "failed", "model_failed"),
        ({"response": {}, "error": {"code": "batch_expired", "message": "…"}}, "failed", "not_in_time"),
        ({"error": {"code": "batch_expired", "message": "…"}}, "failed", "not_in_time"),
        ({"error": {"code": "batch_cancelled", "message": "…"}}, "failed", "cancelled_there"),
        ({"error": "no reason"}, "failed", "model_failed"),
        ({}, "unknown", "unknown"),
        ({"response": "what"}, "unknown", "unknown"),
    ],
)
def test_every_kind_of_line_has_an_end(members: dict[str, Any], outcome: str, error_code: str) -> None:
    read = result(line(**members))
    assert read
    assert read[0] == KEY
    answer = completion.read(read[1], REQUEST)
    assert (answer.outcome, answer.error and answer.error.code) == (outcome, error_code)


@pytest.mark.parametrize("other", [b"", b"null", b"[1]", b"{", line(custom_id="row-1"), line(custom_id=None)])
def test_what_is_nobodys_result_is_passed_over(other: bytes) -> None:
    assert result(other) is None


def test_a_batch_counts_nothing_as_long_as_its_total_is_0() -> None:
    counts = {"total": 0, "completed": 0, "failed": 0}
    begun = RemoteBatch.read({"id": "batch_1", "status": "validating", "request_counts": counts, "error_file_id": ""})
    assert (begun.total, begun.completed, begun.failed, list(begun.result_files)) == (None, None, None, [])
    assert not begun.is_over
    bare = RemoteBatch.read({"id": "batch_1", "status": "completed", "output_file_id": "file-1"})
    assert (bare.is_over, list(bare.result_files), bare.errors) == (True, ["file-1"], ())
    under_way = RemoteBatch.read({"id": "b", "request_counts": {"total": 3, "completed": 0, "failed": 0}})
    assert (under_way.completed, under_way.failed) == (0, 0)
