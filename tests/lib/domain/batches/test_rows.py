"""A row of a batch that exists is valid."""

import pytest

from lib.domain.batches.rows import NewRow
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import InvalidBatch


def test_everything_wrong_with_a_row_is_said_at_once(brief: Brief) -> None:
    with pytest.raises(InvalidBatch) as raised:
        NewRow(brief, GenerationOptions("demo"), variants=6, reference="x" * 501)
    assert [problem.field for problem in raised.value.problems] == ["variants", "reference"]


def test_a_blank_reference_is_none(brief: Brief) -> None:
    assert NewRow(brief, GenerationOptions("demo"), reference=" \n").reference is None
