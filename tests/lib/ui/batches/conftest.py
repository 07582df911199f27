"""The page of batches as a person uses it, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.batches import drafts
from lib.batches.drafts import Draft
from lib.batches.sheet_reader import Sheet, SheetRow
from lib.studio import Studio

DEFAULTS = {"tone_style": "따뜻하게", "gpt_prompt": "짧게"}


@pytest.fixture
def draft(studio: Studio) -> Draft:
    """Two good rows, of which the second repeats the first, and one without a product; a column is not recognised."""
    rows = [("제품", "내용물"), ("식빵", "a"), ("식빵", "b"), ("", "c")]
    sheet = Sheet(tuple(SheetRow(line, cells) for line, cells in enumerate(rows, start=1)))
    return drafts.create(studio, "acme", sheet, "빵.csv", defaults=DEFAULTS)


@pytest.fixture
def open_batches(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens the page for the team ``acme``, with these parameters in its address."""

    def opened(**address: Any) -> Any:
        return open_page("batches.py", tenant_id="acme", **{name: str(value) for name, value in address.items()})

    return opened
