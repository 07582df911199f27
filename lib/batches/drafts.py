"""An uploaded sheet until it is started: its columns, its defaults, its cells as a person corrects them, its check.

A draft is in the database from the upload on, so that a reload, another browser or another server goes on with it.
"""

from __future__ import annotations

import itertools
import json
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lib.batches import checking, columns
from lib.batches.checking import CheckedRow
from lib.batches.columns import FIELDS, Table
from lib.batches.sheet_reader import Sheet, SheetRow
from lib.domain.batches.rows import NewRow
from lib.domain.brief import UNSTORABLE
from lib.domain.errors import DraftNotFound
from lib.store.batches import column_mappings, drafts
from lib.store.batches.repeats import Written
from lib.studio import Studio

_revisions = itertools.count(1)

BLANK_ROWS = 50
"""Rows of a table that begins empty."""


@dataclass
class Draft:
    """A table that is being prepared. Places of rows and columns count from 0."""

    tenant_id: str
    draft_id: uuid.UUID
    name: str
    """Of the file; empty for rows that were pasted or typed."""
    table: Table
    notes: tuple[str, ...]
    model: str
    """Of the rows that name none."""
    fields: list[str | None]
    """The field of each column."""
    defaults: dict[str, str] = field(default_factory=dict)
    """By field: what stands in its empty cells."""
    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    """By row and column: what a person wrote into a cell."""
    left_out: set[int] = field(default_factory=set)
    """The rows that a person does not want to be written."""
    checked: list[CheckedRow | None] = field(default_factory=list)
    """What the check found, by row; None for a row without any text."""
    repeated: dict[int, int] = field(default_factory=dict)
    """By row: the earlier row of the table that asks for the same."""
    stored: dict[int, Written] = field(default_factory=dict)
    """By row: a caption of the last days from the same brief."""
    revision: int = 0
    """Another one after each change, and none twice in a process."""

    def row(self, place: int) -> tuple[str, ...]:
        """The cells of a row as they are now."""
        changed = self.cells.get(place)
        cells = self.table.rows[place].cells
        return tuple(changed.get(column, text) for column, text in enumerate(cells)) if changed else cells

    @property
    def good(self) -> list[int]:
        """The rows that can be written and are wanted."""
        return [place for place, row in enumerate(self.checked) if row and row.request and place not in self.left_out]

    @property
    def wrong(self) -> list[int]:
        """The rows that something is wrong with, those left out included."""
        return [place for place, row in enumerate(self.checked) if row and row.problems]

    @property
    def repeating(self) -> list[int]:
        """The rows that ask for what another row or a stored caption has."""
        return sorted({*self.repeated, *self.stored})

    def requests(self) -> Iterator[NewRow]:
        """What is written when the batch is started now, in the order of the table."""
        for place in self.good:
            if (row := self.checked[place]) and row.request:
                yield row.request

    def changes(self) -> dict[str, Any]:
        """What is stored beside the table as it came."""
        return {
            "name": self.name,
            "notes": list(self.notes),
            "model": self.model,
            "fields": self.fields,
            "defaults": self.defaults,
            "cells": {
                str(row): {str(column): text for column, text in cells.items()} for row, cells in self.cells.items()
            },
            "left_out": sorted(self.left_out),
            "rows": len(self.table.rows) - len(self.left_out),
        }

    def take(self, changes: Mapping[str, Any]) -> None:
        """Become what is stored."""
        self.model, self.defaults = changes["model"], dict(changes["defaults"])
        self.fields = [field if field in FIELDS else None for field in changes["fields"]]
        self.left_out = set(changes["left_out"])
        self.cells = {
            int(row): {int(column): text for column, text in cells.items()} for row, cells in changes["cells"].items()
        }


def create(
    studio: Studio,
    tenant_id: str,
    sheet: Sheet,
    name: str = "",
    *,
    defaults: Mapping[str, str] = MappingProxyType({}),
    has_headings: bool | None = None,
) -> Draft:
    """Store a sheet as a draft, with the columns that are recognised or remembered, and check it.

    ``defaults`` stand in the empty cells of their fields.

    Raises ``SheetWithoutRows`` and ``SheetTooLong``.
    """
    mapping = remembered(studio, tenant_id, sheet.rows)
    table = columns.table_of(sheet, mapping, has_headings=has_headings)
    fields = columns.mapping_of(table.headings, mapping)
    return _added(studio, tenant_id, table, fields, defaults, name, sheet.notes)


def create_blank(
    studio: Studio, tenant_id: str, headings: Sequence[str], *, defaults: Mapping[str, str] = MappingProxyType({})
) -> Draft:
    """Store an empty table with one of these headings for each field."""
    rows = tuple(SheetRow(line, ("",) * len(FIELDS)) for line in range(2, BLANK_ROWS + 2))
    return _added(studio, tenant_id, Table(tuple(headings), rows), list(FIELDS), defaults)


def load(studio: Studio, tenant_id: str, draft_id: uuid.UUID) -> Draft:
    """The draft of this id, checked anew. Raises ``DraftNotFound``, also for another tenant's."""
    with studio.database.tenant(tenant_id) as db:
        row = drafts.get(db, tenant_id, draft_id)
    if row is None:
        raise DraftNotFound(draft_id=draft_id)
    content, changes = row
    came = json.loads(zlib.decompress(content))
    table = Table(tuple(came["headings"]), tuple(SheetRow(line, tuple(cells)) for line, cells in came["rows"]))
    draft = Draft(tenant_id, draft_id, changes["name"], table, tuple(changes["notes"]), changes["model"], [])
    draft.take(changes)
    _check(studio, draft)
    return draft


def set_fields(studio: Studio, draft: Draft, fields: Mapping[int, str | None]) -> None:
    """Say of some columns which field they are, and remember it for the team; a field has one column, the last one.

    Raises ``DraftNotFound`` where the draft is gone, as all that change one do. What other tabs and people have changed
    of the draft meanwhile stays.
    """
    with _changed(studio, draft) as db:
        for column, name in fields.items():
            draft.fields = [None if name is not None and each == name else each for each in draft.fields]
            draft.fields[column] = name
        said = {columns.key_of(draft.table.headings[column]): name for column, name in fields.items()}
        column_mappings.remember(db, draft.tenant_id, said)


def set_defaults(studio: Studio, draft: Draft, defaults: Mapping[str, str], model: str | None = None) -> None:
    """Say what stands in the empty cells of some fields, or which model writes the rows that name none."""
    with _changed(studio, draft):
        stated = draft.defaults | {name: _storable(text) for name, text in defaults.items()}
        draft.defaults = {name: text for name, text in stated.items() if text.strip()}
        draft.model = model or draft.model


def edit(studio: Studio, draft: Draft, cells: Mapping[int, Mapping[int, str]]) -> None:
    """Write these texts into cells, by row and column."""
    with _changed(studio, draft, list(cells)):
        for row, texts in cells.items():
            draft.cells.setdefault(row, {}).update({column: _storable(text) for column, text in texts.items()})


def leave_out(studio: Studio, draft: Draft, rows: Iterable[int], *, out: bool) -> None:
    """Leave these rows out of the batch, or take them in again."""
    with _changed(studio, draft, ()):
        draft.left_out = draft.left_out | set(rows) if out else draft.left_out - set(rows)


def keep_unfinished(studio: Studio, draft: Draft) -> None:
    """The good rows of a draft were started: keep it for the rows with mistakes, or delete it where none are left."""
    if any(place not in draft.left_out for place in draft.wrong):
        leave_out(studio, draft, draft.good, out=True)
    else:
        discard(studio, draft.tenant_id, draft.draft_id)


def discard(studio: Studio, tenant_id: str, draft_id: uuid.UUID) -> None:
    """Delete a draft; one that is not there is none the less gone."""
    with studio.database.tenant(tenant_id) as db:
        drafts.remove(db, tenant_id, draft_id)


def remembered(studio: Studio, tenant_id: str, rows: Sequence[SheetRow]) -> dict[str, str | None]:
    """The fields that the team gave to headings which may be among the first rows, by :func:`columns.key_of`."""
    headings = {columns.key_of(cell) for row in rows[: columns.LOOKED_AT] for cell in row.cells if cell}
    with studio.database.tenant(tenant_id) as db:
        return column_mappings.of_headings(db, tenant_id, headings)


def _added(
    studio: Studio,
    tenant_id: str,
    table: Table,
    fields: list[str | None],
    defaults: Mapping[str, str],
    name: str = "",
    notes: tuple[str, ...] = (),
) -> Draft:
    model = studio.settings.openai_model
    draft = Draft(tenant_id, uuid.uuid4(), _storable(name), table, notes, model, fields, dict(defaults))
    came = {"headings": table.headings, "rows": [(row.line, row.cells) for row in table.rows]}
    content = zlib.compress(json.dumps(came, ensure_ascii=False).encode(), level=1)
    with studio.database.tenant(tenant_id) as db:
        drafts.add(db, tenant_id, draft.draft_id, content, draft.changes())
    _check(studio, draft)
    return draft


def _storable(text: str) -> str:
    return UNSTORABLE.sub("", text)


@contextmanager
def _changed(studio: Studio, draft: Draft, places: Sequence[int] | None = None) -> Iterator[Any]:
    """Store what the block changes, on top of what is stored by now, and check these rows again (None: all).

    All are checked where what is stored was not what this draft held. Yields the transaction.
    """
    with studio.database.tenant(draft.tenant_id) as db:
        stored = drafts.lock(db, draft.tenant_id, draft.draft_id)
        if stored is None:
            raise DraftNotFound(draft_id=draft.draft_id)
        if stored != draft.changes():
            draft.take(stored)
            places = None
        yield db
        drafts.change(db, draft.tenant_id, draft.draft_id, draft.changes())
    _check(studio, draft, places)


def _check(studio: Studio, draft: Draft, places: Sequence[int] | None = None) -> None:
    """Check these rows (None: all), and look again for what stands twice."""
    if places is None:
        places = range(len(draft.table.rows))
        draft.checked, draft.stored = [None] * len(places), {}
    rows = {place: row for place in places if (row := _checked(draft, place))}
    linked = checking.check_links(studio, draft.tenant_id, rows)
    for place in places:
        draft.checked[place] = linked.get(place)
        draft.stored.pop(place, None)
    draft.stored |= checking.find_stored(studio, draft.tenant_id, linked)
    draft.repeated = checking.find_repeated(draft.checked)
    draft.revision = next(_revisions)


def _checked(draft: Draft, place: int) -> CheckedRow | None:
    cells = draft.row(place)
    if not any(cell.strip() for cell in cells):
        return None
    filled = {name: cell for name, cell in zip(draft.fields, cells, strict=True) if name and cell.strip()}
    values = draft.defaults | filled
    return checking.check_row(draft.tenant_id, values, draft.model, cells)
