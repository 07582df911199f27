"""A body that is no brief is not read."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.support.api_calls import problem, write


def test_a_body_beyond_any_brief_is_not_read(client: httpx2.Client) -> None:
    problem(write(client, gpt_prompt="가" * 30_000), 413, "body_too_large")

    def in_pieces() -> Any:
        yield from (b" " * 1000 for _ in range(100))

    problem(client.post("/api/v1/feeds", content=in_pieces()), 413, "body_too_large")
    problem(client.post("/api/v1/batches", content=in_pieces()), 422, "invalid_request")
