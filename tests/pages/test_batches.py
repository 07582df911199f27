"""The page of batches as a person uses it, from the file to the batch, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import RunSql


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_file_becomes_a_batch_of_its_good_rows(
    open_page: Callable[..., Any], as_owner: RunSql, language: str
) -> None:
    page = open_page("batches.py", tenant_id="acme", lang=language.upper())
    page.app.file_uploader[0].upload("가을.csv", "Product,Reference\n식빵,1\n,2\n우유,3\n".encode())
    page.run().click("run_batch")
    assert as_owner("SELECT name, source, status FROM studio_batches") == [("가을", "page", "queued")]
    assert as_owner("SELECT reference, brief ->> 'product_description' FROM studio_batch_rows ORDER BY number") == [
        ("1", "식빵"),
        ("3", "우유"),
    ]
    assert ("2편 중 0편" if language == "ko" else "0 of 2") in str(page.app.get("progress")[0].proto)
