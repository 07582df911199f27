"""The stored key of a value, as SQL makes it, is read as the value that it stands for."""

from __future__ import annotations

from hashlib import md5

import pytest

from lib.domain.dimensions import MISSING, OTHERS, DimensionValue
from lib.store.database import Database
from lib.store.metrics import dimension_keys

LONG = "길게 " * 90


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (None, MISSING),
        ("gpt-5", DimensionValue.of("gpt-5")),
        ("", DimensionValue.of("")),
        ("=1+1", DimensionValue.of("=1+1")),
        ("+", DimensionValue.of("+")),
        (LONG, DimensionValue("hashed", LONG[:100], md5(LONG.encode()).hexdigest())),
    ],
)
def test_the_key_that_sql_makes_is_read_as_its_value(
    database: Database, text: str | None, value: DimensionValue
) -> None:
    with database.tenant("acme") as db:
        key = db.exec_driver_sql("SELECT studio_metric_key(%s)", (text,)).scalar_one()
    assert dimension_keys.read(key) == value
    assert dimension_keys.write(value) == key


def test_all_others_have_a_key_that_no_text_has() -> None:
    assert dimension_keys.read(dimension_keys.OTHERS_KEY) == OTHERS
