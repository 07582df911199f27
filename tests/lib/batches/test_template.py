"""The template comes back as a sheet whose headings are all recognised."""

from __future__ import annotations

from typing import get_args

import pytest

from lib.batches import columns, sheet_process, template
from lib.batches.columns import FIELDS
from lib.domain.brief import Language


@pytest.mark.parametrize("language", get_args(Language))
def test_the_template_is_recognised_when_it_comes_back(language: Language) -> None:
    answer = sheet_process.read(template.workbook(language), ".xlsx", None)
    [(_, headings)] = answer["rows"]
    assert columns.mapping_of(headings) == list(FIELDS)
    guide = sheet_process.read(template.workbook(language), ".xlsx", answer["sheets"][1])
    assert len(guide["rows"]) == len(FIELDS) + 1
