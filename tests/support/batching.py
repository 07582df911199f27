"""Batches for tests: checked rows with short defaults."""

from __future__ import annotations

import uuid
from typing import Any, cast

from lib.batches.creation import create
from lib.domain.batches.rows import NewRow
from lib.domain.brief import Brief, GenerationOptions
from lib.studio import Studio


def new_rows(count: int, tenant_id: str = "acme", model: str = "demo", **more: Any) -> list[NewRow]:
    """So many rows, each about another product."""
    return [
        NewRow(
            Brief(tenant_id, "", "따뜻하게", f"통밀 식빵 {number}호", "", "짧게 써 주세요."),
            GenerationOptions(model),
            **cast(Any, more),
        )
        for number in range(1, count + 1)
    ]


def batch_of(studio: Studio, count: int, tenant_id: str = "acme", model: str = "demo", **more: Any) -> uuid.UUID:
    """The id of a new batch of so many rows, that nobody works on yet."""
    return create(studio, tenant_id, new_rows(count, tenant_id, model), **cast(Any, {"source": "api"} | more))
