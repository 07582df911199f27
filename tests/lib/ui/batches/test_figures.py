"""How far a batch is and what it cost is told in a line; what is not known says so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal

from lib.store.batches.batches import Batch, Progress
from lib.ui.batches import figures

BATCH = Batch(
    "acme", uuid.UUID(int=1), None, "", "page", "running", None, None, None, [], None, Decimal("0.0123"), None, None,
    "", False, None, None, 0, None, dt.datetime(2026, 11, 29, tzinfo=dt.UTC), None, None,
)  # fmt: skip


def test_counts_come_in_one_order_and_nothing_is_said_of_none() -> None:
    progress = Progress({"failed": 2, "written": 1200, "waiting": 0})
    assert figures.in_a_line(BATCH, progress)[:-1] == ["씀 1,200", "실패 2"]


def test_the_cost_so_far_stands_beside_the_estimate_and_the_limit() -> None:
    assert figures.cost(BATCH, Progress()) == "지금까지 $0.012 · 예상 알 수 없음"
    known = dataclasses.replace(BATCH, estimated_usd=Decimal(2), limit_usd=Decimal(3))
    assert figures.cost(known, Progress(without_cost=4)) == (
        "지금까지 $0.012 · 비용을 모르는 요청 4건 제외 · 예상 $2.00 · 한도 $3.00"
    )


def test_a_batch_without_a_name_has_one_on_the_page() -> None:
    assert figures.name_of(BATCH) == "이름 없는 표"
