"""The briefs of a new experiment: rows of a file by the columns that the team knows, and each row as a brief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.batches import checking, columns, drafts
from lib.batches.columns import SPONSORSHIP
from lib.batches.sheet_reader import Sheet
from lib.domain.brief import INPUTS, Brief
from lib.domain.errors import InvalidExperiment, Problem
from lib.domain.experiments.variants import OF_BRIEF
from lib.studio import Studio

FIELDS = (*INPUTS, SPONSORSHIP)


@dataclass(frozen=True)
class Taken:
    """What a file brought: texts by field for each of its rows, and the headings of the columns that hold no brief."""

    rows: tuple[dict[str, str], ...]
    unused: tuple[str, ...]


def of_sheet(studio: Studio, tenant_id: str, sheet: Sheet) -> Taken:
    """The briefs of a sheet: columns are recognised, or are what the team said of their headings before.

    Raises ``InvalidExperiment`` without a column of products, ``SheetWithoutRows`` and ``SheetTooLong``.
    """
    remembered = drafts.remembered(studio, tenant_id, sheet.rows)
    table = columns.table_of(sheet, remembered)
    fields = columns.mapping_of(table.headings, remembered)
    if "product_description" not in fields:
        raise InvalidExperiment([Problem("briefs", "no_columns")])
    rows = [
        {field: row.cells[place] for place, field in enumerate(fields) if field in FIELDS and row.cells[place].strip()}
        for row in table.rows
    ]
    unused = tuple(heading for heading, field in zip(table.headings, fields, strict=True) if field not in FIELDS)
    return Taken(tuple(row for row in rows if row), unused)


def distinct(recorded: Sequence[Mapping[str, object]]) -> list[dict[str, str]]:
    """The briefs, as generations record them, that differ in more than what variants change; the first of each."""
    different: dict[tuple[str, ...], dict[str, str]] = {}
    for brief in recorded:
        row = {name: str(brief.get(name) or "") for name in FIELDS}
        different.setdefault(tuple(row[name] for name in FIELDS if name not in OF_BRIEF), row)
    return list(different.values())


def check(
    tenant_id: str, rows: Sequence[Mapping[str, str]], defaults: Mapping[str, str], model: str
) -> tuple[list[Brief], dict[int, tuple[Problem, ...]]]:
    """The briefs of the rows that are some, and what is wrong with each of the others, by its number from 1.

    ``defaults`` stand in empty fields. A row is checked as that of a batch.
    """
    briefs, problems = [], {}
    for number, row in enumerate(rows, 1):
        given = {name: value for name, value in row.items() if value.strip()}
        checked = checking.check_row(tenant_id, {**defaults, **given}, model)
        if checked.request:
            briefs.append(checked.request.brief)
        else:
            problems[number] = checked.problems
    return briefs, problems
