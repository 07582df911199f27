"""A batch is taken home as a file, from its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.studio import Studio
from lib.ui.core import exporting
from tests.conftest import RunSql
from tests.support.batching import written_batch
from tests.support.patience import PATIENCE_S

Open = Callable[..., Any]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_batch_is_exported_with_all_its_rows(
    open_batches: Open, studio: Studio, as_owner: RunSql, file_format: str
) -> None:
    batch_id, _ = written_batch(studio, as_owner, 2)
    page = open_batches(batch=batch_id)
    page.click(f"export_{file_format}")
    _, export = page.app.session_state[exporting.EXPORT]
    assert export.finished.wait(PATIENCE_S)
    assert (export.written, export.total, export.error) == (2, 2, None)
    assert export.name.endswith(f".{file_format}")
    assert export.path.stat().st_size > 100
    assert "글 2개를 담았어요" in page.run().told()
