"""Living beside tables that somebody else made: what must hold before they are adopted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql

from lib.domain.errors import DatabaseRefused
from lib.store.tables import Base, InstagramFeed, Job, OverlayLayout


@dataclass(frozen=True)
class _Column:
    """A column as the catalogue has it."""

    type: str
    not_null: bool
    filled: bool
    """Whether it gets a value when an INSERT leaves it out."""
    unique: bool
    """Whether a foreign key may refer to it."""


_COLUMNS = text("""
    SELECT t.name, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           a.atthasdef OR a.attidentity <> '',
           EXISTS (SELECT FROM pg_index i
                   WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indimmediate
                     AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
    FROM unnest(CAST(:tables AS text[])) AS t (name)
    JOIN pg_attribute a ON a.attrelid = to_regclass(t.name)
    WHERE a.attnum > 0 AND NOT a.attisdropped
""")

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

_TEXTS = ("text", "character varying")

_ALWAYS_WRITTEN = {"pk", "created_at", "updated_at"}
"""Nullable in the specification, but never written as NULL by this app: NOT NULL does no harm."""


def check(db: Connection) -> None:
    """Check that the app can work with the specification's tables, as far as they exist; changes nothing.

    A missing table passes, because a migration makes it. Raises ``DatabaseRefused`` naming the first
    table and column that does not fit, with what was found there and what was expected.
    """
    encoding = db.scalar(text("SELECT current_setting('server_encoding')"))
    if encoding != "UTF8":  # normalize() works in no other, and Korean in few
        raise DatabaseRefused(table="*", column="encoding", actual=encoding, expected="UTF8")
    existing: dict[str, dict[str, _Column]] = {}
    names = [model.__tablename__ for model in (Job, OverlayLayout, InstagramFeed)]
    for table, column, *facts in db.execute(_COLUMNS, {"tables": names}):
        existing.setdefault(table, {})[column] = _Column(*facts)
    if jobs := existing.get("jobs"):
        _expect_key("jobs", "job_id", jobs)
        _expect_type("jobs", "tenant_id", jobs, "character varying(255)")
    if overlays := existing.get("overlay_layouts"):
        _expect_key("overlay_layouts", "overlay_id", overlays)
    if feeds := existing.get("instagram_feeds"):
        _expect_the_specification(feeds)


def _expect_key(table: str, column: str, columns: dict[str, _Column]) -> None:
    _expect_type(table, column, columns, "uuid")
    if not columns[column].unique:
        raise DatabaseRefused(table=table, column=column, actual="no key", expected="a primary key or unique")


def _expect_type(table: str, column: str, columns: dict[str, _Column], expected: str) -> None:
    actual = columns[column].type if column in columns else "no such column"
    if actual != expected and not _is_wider(actual, expected):
        raise DatabaseRefused(table=table, column=column, actual=actual, expected=expected)


def _expect_the_specification(columns: dict[str, _Column]) -> None:
    table = _table(InstagramFeed)
    for column in table.columns:
        _expect_type(table.name, column.name, columns, _type_name(column.type.compile(_DIALECT)))
        not_null = columns[column.name].not_null
        if not_null and column.nullable and column.name not in _ALWAYS_WRITTEN:
            raise DatabaseRefused(table=table.name, column=column.name, actual="NOT NULL", expected="NULL allowed")
        if not not_null and not column.nullable:
            raise DatabaseRefused(table=table.name, column=column.name, actual="NULL allowed", expected="NOT NULL")
    _expect_key(table.name, "instagram_feed_id", columns)
    for name in ("pk", *(columns.keys() - table.columns.keys())):
        if columns[name].not_null and not columns[name].filled:
            raise DatabaseRefused(
                table=table.name,
                column=name,
                actual="NOT NULL without a default",
                expected="a default, or NULL allowed",
            )


def _is_wider(actual: str, expected: str) -> bool:
    """Whether the owner of the table has made a column of text longer than the specification asks for."""
    name, _, length = actual.rstrip(")").partition("(")
    least = expected.rstrip(")").partition("(")[2]
    if name not in _TEXTS or expected.partition("(")[0] not in _TEXTS:
        return False
    return not length or (bool(least) and int(length) >= int(least))


def _type_name(compiled: str) -> str:
    return compiled.lower().replace("varchar", "character varying")


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - a mapped class of this module's own
    return table
