"""What a database consists of, read from PostgreSQL's own catalogue."""

from sqlalchemy import Connection

Entries = dict[tuple[str, ...], str]
"""The definition of each thing, by its kind and name."""

_CODE = (
    "SELECT 'function', proname, concat_ws(' ', pg_get_functiondef(oid), 'for all:',"
    " has_function_privilege('public', oid, 'EXECUTE'))"
    " FROM pg_proc AS p WHERE pronamespace = current_schema()::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')",
    "SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT 'policy', tablename, policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check) FROM pg_policies",
)
_TABLES = (
    "SELECT 'column', table_name, column_name, concat_ws(' ', udt_name, character_maximum_length, numeric_precision,"
    " numeric_scale, is_nullable, column_default, is_identity) FROM information_schema.columns"
    " WHERE table_schema = current_schema()",
    "SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    "SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = current_schema()::regnamespace",
    "SELECT 'row security', relname, concat_ws(' ', relrowsecurity, relforcerowsecurity) FROM pg_class"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'",
)


def code(db: Connection) -> Entries:
    """Every function, trigger and policy of the current schema."""
    return _read(db, _CODE)


def schema(db: Connection) -> Entries:
    """Every function, trigger, policy, column, index and constraint of the current schema."""
    return _read(db, _CODE + _TABLES)


def _read(db: Connection, queries: tuple[str, ...]) -> Entries:
    rows = [row for query in queries for row in db.exec_driver_sql(query)]
    return {tuple(map(str, row[:-1])): str(row[-1]) for row in rows}
