"""Which column of an uploaded sheet is which field of a brief: by its heading, or as a person says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lib.batches.sheet_reader import Sheet, SheetRow
from lib.domain.batches.rows import MAX_ROWS
from lib.domain.brief import INPUTS, LANGUAGES, clean
from lib.domain.errors import SheetTooLong, SheetWithoutRows
from lib.i18n import words

OPTIONS = ("model", "language", "variants", "job_id", "overlay_id")
SPONSORSHIP = "sponsorship"
REFERENCE = "reference"
"""The customer's own name for a row, which comes back in the download."""
FIELDS = (*INPUTS, SPONSORSHIP, *OPTIONS, REFERENCE)
"""What a column can be."""

LOOKED_AT = 20
"""Rows among which the headings are looked for: titles and remarks may stand above them."""


@dataclass(frozen=True)
class Table:
    """A sheet as a table: a heading for each column, and the rows below them."""

    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def table_of(
    sheet: Sheet, remembered: Mapping[str, str | None] | None = None, *, has_headings: bool | None = None
) -> Table:
    """The sheet from its headings on; headings that are missing or stand twice get a number.

    The headings are the first row of those that name the most fields. ``has_headings`` says what a person knows of the
    first row; None: a sheet without a recognised heading has its headings in the first row. Raises
    ``SheetWithoutRows`` and ``SheetTooLong``.
    """
    rows = sheet.rows
    if has_headings is False:
        headings, below = ("",) * len(rows[0].cells), rows
    else:
        place = max(range(len(rows[:LOOKED_AT])), key=lambda row: (_recognised(rows[row], remembered or {}), -row))
        headings, below = rows[place].cells, rows[place + 1 :]
    if not below:
        raise SheetWithoutRows
    if len(below) > MAX_ROWS:
        raise SheetTooLong(rows=len(below), most=MAX_ROWS)
    return Table(_distinct(headings), below)


def names_fields(row: SheetRow) -> bool:
    """Whether a cell of the row is the heading of a field."""
    return _recognised(row, {}) > 0


def mapping_of(headings: Sequence[str], remembered: Mapping[str, str | None] | None = None) -> list[str | None]:
    """The field of each column, None where it has none; a field is that of the first column that names it.

    ``remembered`` is what the team said of headings before (:func:`key_of`): it goes before what is recognised.
    """
    fields: list[str | None] = []
    for heading in headings:
        field = _field_of(heading, remembered or {})
        fields.append(None if field in fields else field)
    return fields


def key_of(heading: str) -> str:
    """The heading as it is compared: composed, in lower case, without blanks, signs and remarks in brackets."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    bare = re.sub(r"[\W_]+", "", re.sub(r"\([^)]*\)|\[[^\]]*\]", "", text))
    return bare or re.sub(r"[\s\0]+", "", text)


def _recognised(row: SheetRow, remembered: Mapping[str, str | None]) -> int:
    return len({field for cell in row.cells if (field := _field_of(cell, remembered))})


def _field_of(heading: str, remembered: Mapping[str, str | None]) -> str | None:
    key = key_of(heading)
    return remembered[key] if key in remembered else _fields_by_heading().get(key)


@cache
def _fields_by_heading() -> dict[str, str]:
    """The field of every heading that is recognised: its name, its label, and the words of ``[batch_heading]``."""
    fields: dict[str, str] = {}
    for field in FIELDS:
        listed = (words.listed(language, "batch_heading").get(field, "").split(",") for language in LANGUAGES)
        labels = (words.field_name(language, field) for language in LANGUAGES)
        for heading in (field, *labels, *(heading for each in listed for heading in each)):
            if key := key_of(heading):
                fields.setdefault(key, field)
    return fields


def _distinct(headings: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    for number, heading in enumerate(headings, start=1):
        name = " ".join(clean(heading).split()) or str(number)
        while name in names:
            name = f"{name} ({number})"
        names.append(name)
    return tuple(names)
