"""The rights of the app role: exactly those that the app uses, granted by the role that owns the tables."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

from lib.domain.errors import DatabaseRefused
from lib.store.migrations import VERSION_TABLE
from lib.store.pipeline_jobs import VARIANT_TABLES
from lib.store.tables import Base, FeedIndex, Job, OverlayLayout

_NOTHING = ()
_READ = ("SELECT",)
_STEP = ("SELECT", "UPDATE")
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")


class _Right(NamedTuple):
    """One privilege on one thing, ``name`` written as in SQL."""

    kind: str
    name: str
    privilege: str


_MISSING = text("""
    SELECT kind, name, privilege
    FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:privileges AS text[]))
         WITH ORDINALITY AS needed (kind, name, privilege, place)
    WHERE NOT CASE kind
        WHEN 'TABLE' THEN has_table_privilege(:role, name, privilege)
        WHEN 'SEQUENCE' THEN has_sequence_privilege(:role, name, privilege)
        WHEN 'FUNCTION' THEN has_function_privilege(:role, name, privilege)
        WHEN 'SCHEMA' THEN has_schema_privilege(:role, to_regnamespace(name), privilege)
    END
    ORDER BY place
""")

# to_regclass follows the search path, so these are the things that the app's own statements will find.
_SCHEMAS = text("""
    SELECT relnamespace::regnamespace::text FROM pg_class
    WHERE oid IN (SELECT to_regclass(name) FROM unnest(CAST(:tables AS text[])) AS t (name))
    UNION
    SELECT pronamespace::regnamespace::text FROM pg_proc WHERE oid = to_regprocedure('uuid_generate_v4()')
""")

_SEQUENCES = text("""
    SELECT DISTINCT s.oid::regclass::text
    FROM pg_attrdef AS a
    JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid
    JOIN pg_class AS s ON d.refclassid = 'pg_class'::regclass AND s.oid = d.refobjid AND s.relkind = 'S'
    WHERE a.adrelid = to_regclass('instagram_feeds')
""")

# What looks, as the owner, where the app's role does not see; nobody else may call it.
_LOOKUPS = text("""
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE prosecdef AND prorettype <> 'trigger'::regtype AND starts_with(proname, 'studio_')
      AND pg_function_is_visible(oid)
""")


def give(db: Connection, role: str) -> None:
    """Let the app role work on the tables, where it may not already; nothing to do when it is the owner itself.

    Raises ``DatabaseRefused``, with the statement that somebody else has to run, where the role of
    ``db`` is not allowed to grant.
    """
    missing = _missing(db, role, _needed(db))
    optional = _missing(db, role, _optional(db))
    if not missing and not optional:
        return
    quoted = db.dialect.identifier_preparer.quote_identifier(role).replace("%", "%%")
    grants = {
        right: f"GRANT {right.privilege} ON {right.kind} {right.name} TO {quoted}" for right in missing + optional
    }
    for statement in grants.values():
        # What may not be granted is a warning or an error, depending on what else the role may do: look afterwards.
        db.exec_driver_sql(
            f"DO $grant$ BEGIN {statement}; EXCEPTION WHEN insufficient_privilege THEN NULL; END $grant$"
        )
    for right in _missing(db, role, missing):
        raise DatabaseRefused(
            table=right.name,
            column="*",
            actual=f"role {role} may not {right.privilege} and the owner role may not grant it",
            expected=grants[right],
        )


def _needed(db: Connection) -> list[_Right]:
    tables: dict[str, tuple[str, ...]] = {table.name: _ALL for table in Base.metadata.sorted_tables}
    tables |= {Job.__tablename__: _STEP, OverlayLayout.__tablename__: _READ, VERSION_TABLE: _READ}
    tables |= {FeedIndex.__tablename__: _NOTHING}
    return [
        *(_Right("SCHEMA", name, "USAGE") for name in db.scalars(_SCHEMAS, {"tables": list(tables)})),
        *(_Right("TABLE", name, privilege) for name, privileges in tables.items() for privilege in privileges),
        *(_Right("SEQUENCE", name, "USAGE") for name in db.scalars(_SEQUENCES)),
        *(_Right("FUNCTION", name, "EXECUTE") for name in ("uuid_generate_v4()", *db.scalars(_LOOKUPS))),
    ]


def _optional(db: Connection) -> list[_Right]:
    """What the app knows how to do without: a pipeline's tables that may tell whose an overlay is, a job of a batch."""
    there = text("SELECT name FROM unnest(CAST(:tables AS text[])) AS t (name) WHERE to_regclass(name) IS NOT NULL")
    return [
        *(_Right("TABLE", name, "SELECT") for name in db.scalars(there, {"tables": list(VARIANT_TABLES)})),
        _Right("TABLE", Job.__tablename__, "INSERT"),
    ]


def _missing(db: Connection, role: str, needed: list[_Right]) -> list[_Right]:
    if not needed:
        return []
    kinds, names, privileges = (list(values) for values in zip(*needed, strict=True))
    params = {"role": role, "kinds": kinds, "names": names, "privileges": privileges}
    return [_Right(*row) for row in db.execute(_MISSING, params)]
