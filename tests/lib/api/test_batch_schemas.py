"""What the API says of a batch and its rows: sentences beside codes, and no more digits than there are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lib.api.batch_schemas import BatchOut, BatchRowOut
from lib.store.batches import batches, rows
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of


@pytest.mark.parametrize(
    ("because", "sentence"),
    [
        (None, None),
        ("limit", "limit"),
        ("person", "person"),
        ("wrong_key", "key"),
        ("of_tomorrow", "of_tomorrow"),
    ],
)
def test_a_paused_batch_says_why(studio: Studio, as_owner: RunSql, because: Any, sentence: Any) -> None:
    batch_id = batch_of(studio, 1, limit_usd=Decimal("0.1"))
    as_owner("UPDATE studio_batches SET paused_because = %s", because)
    with studio.database.tenant("acme") as db:
        out = BatchOut.of(batches.get(db, "acme", batch_id), batches.progress(db, "acme", [batch_id])[batch_id])
    assert (out.paused_detail is None) if sentence is None else sentence in str(out.paused_detail)
    assert out.model_dump(mode="json")["limit_usd"] == 0.1


def test_a_failed_row_says_why(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 1)
    as_owner("UPDATE studio_batch_rows SET status = 'failed', error_code = 'truncated', error_params = NULL")
    with studio.database.tenant("acme") as db:
        (row,) = rows.page(db, "acme", batch_id)
    assert "cut off" in str(BatchRowOut.of(row, None).error_detail)
