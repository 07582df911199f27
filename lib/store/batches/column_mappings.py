"""What a tenant's people said which column of an uploaded sheet is, for the next sheet with the same heading."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from lib.store.tables import ColumnMapping

LONGEST_HEADING = 255


def of_headings(db: Connection, tenant_id: str, headings: Collection[str]) -> dict[str, str | None]:
    """The field of each of these headings that people have mapped before; None where they said that it is none."""
    statement = select(ColumnMapping.heading, ColumnMapping.field).where(
        ColumnMapping.tenant_id == tenant_id, ColumnMapping.heading.in_(headings)
    )
    return {row.heading: row.field for row in db.execute(statement)}


def remember(db: Connection, tenant_id: str, mapping: Mapping[str, str | None]) -> None:
    """Store the field of each heading, in the place of what was said of it before."""
    rows = [
        {"tenant_id": tenant_id, "heading": heading, "field": field}
        for heading, field in sorted(mapping.items())
        if 0 < len(heading) <= LONGEST_HEADING
    ]
    if rows:
        new = insert(ColumnMapping)
        values = {"field": new.excluded.field, "changed_at": func.clock_timestamp()}
        db.execute(new.on_conflict_do_update(index_elements=["tenant_id", "heading"], set_=values), rows)
