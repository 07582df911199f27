"""The sample rows that these tests look at."""

from __future__ import annotations

import pytest

from lib.demo.samples.rows import Rows
from tests.support.sample_rows import UNTIL, Row


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    return list(Rows("sample", 12_000, until=UNTIL).rows())
