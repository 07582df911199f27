"""An audit of the catalogue: what PostgreSQL itself says about tables, policies, functions, keys and rights."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import make_url

from lib.store.database import Database
from lib.store.migrations import VERSION_TABLE
from lib.store.pipeline_jobs import VARIANT_TABLES
from lib.store.tables import Base
from tests.conftest import InsertBySql, RunSql, Urls

NAMED = (
    "(({0} = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS \"nullif\"))"
    " OR ({0} IN ( SELECT unnest((NULLIF(current_setting('app.tenant_ids'::text, true), ''::text))::text[])"
    " AS unnest)))"
)
"""The row is of the team that the transaction has named, or of one of several."""
WITH_TENANT = {table.name for table in Base.metadata.sorted_tables if "tenant_id" in table.columns}
CUSTOMERS = ("instagram_feeds", "jobs")
"""Tables with a tenant that belong to the customer."""


def plain(expression: str | None) -> str:
    """A policy's expression without casts of the column and the function's own name."""
    return (expression or "").replace("(tenant_id)::text", "tenant_id")


def test_every_table_with_a_tenant_has_its_walls_and_no_other_policy(as_owner: RunSql, database_urls: Urls) -> None:
    """A table that a revision adds is found here, and gets its wall at the next start."""
    app, owner = (make_url(url).username for url in (database_urls.app, database_urls.owner))
    tables = {
        name: (enabled, forced)
        for name, enabled, forced in as_owner("""
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
        """)
    }
    assert set(tables) == WITH_TENANT
    policies: dict[str, dict[str, Any]] = {}
    for table, policy, *rest in as_owner(
        "SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies"
    ):
        policies.setdefault(table, {})[policy] = (*rest[:-2], *map(plain, rest[-2:]))
    for table, switched_on in tables.items():
        if table in CUSTOMERS:
            mine = NAMED.format(f"studio_tenant_of({table}.*)")
            assert switched_on == (True, False), table
            assert policies[table].pop("studio_wall") == ("RESTRICTIVE", [app], "ALL", mine, mine), table
            assert policies[table].pop("studio_app") == ("PERMISSIVE", [app], "ALL", mine, mine), table
            assert policies[table].pop("studio_others") == ("PERMISSIVE", [owner], "ALL", "true", "true"), table
        else:
            mine = NAMED.format("tenant_id")
            assert switched_on == (True, True), table
            assert policies[table].pop("studio_tenant") == ("PERMISSIVE", ["public"], "ALL", mine, mine), table
            assert policies[table].pop("studio_owner") == ("PERMISSIVE", [owner], "ALL", "true", "true"), table
    assert {table: left for table, left in policies.items() if left} == {}


def test_a_policy_reads_the_setting_once_a_statement(
    database: Database, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    insert_by_sql()
    with database.tenant("acme") as db:
        for table in sorted(WITH_TENANT - {"studio_feed_index"}):
            plan = "\n".join(db.exec_driver_sql(f"EXPLAIN SELECT * FROM {table}").scalars())
            assert "InitPlan" in plan, table
            assert "studio_tenant_of" not in plan, "it is planned as the column itself"


def test_a_function_in_a_policy_is_planned_away_or_leakproof(as_owner: RunSql) -> None:
    """One that is neither would keep every condition of the app's from an index."""
    used = as_owner("""
        SELECT DISTINCT p.proname, p.proleakproof, p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
        FROM pg_depend AS d JOIN pg_proc AS p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
        WHERE d.classid = 'pg_policy'::regclass
    """)
    assert [name for name, leakproof, inlined in used if not (leakproof or inlined)] == []


def test_what_runs_as_the_owner_has_a_fixed_search_path_and_nobody_else_may_run_it(
    as_owner: RunSql, database_urls: Urls
) -> None:
    """Whoever may could hang a trigger function on a table of their own, and so write into every tenant's."""
    owner = make_url(database_urls.owner).username
    rows = as_owner("""
        SELECT proname, proowner::regrole::text, has_function_privilege('public', oid, 'EXECUTE'),
            EXISTS (SELECT FROM unnest(proconfig) AS s WHERE s LIKE 'search_path=pg_catalog,%pg_temp')
        FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
    """)
    assert {name for name, *_ in rows} >= {"studio_find_feeds", "studio_keep_version", "studio_forget_metrics"}
    assert [row for row in rows if row[1:] != (owner, False, True)] == []


def test_the_app_runs_the_named_functions_of_the_owner_and_no_trigger(as_owner: RunSql, database_urls: Urls) -> None:
    app = make_url(database_urls.app).username
    rows = as_owner(f"""
        SELECT proname, prorettype = 'trigger'::regtype, has_function_privilege('{app}', oid, 'EXECUTE')
        FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
    """)
    assert [name for name, is_trigger, may_run in rows if is_trigger and may_run] == []
    assert ("studio_find_feeds", False, True) in rows


def test_no_view_shows_the_rows_of_a_table_with_a_tenant(as_owner: RunSql) -> None:
    views = "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    assert as_owner(views) == []


def test_no_rule_rewrites_a_statement(as_owner: RunSql) -> None:
    assert as_owner("SELECT tablename, rulename FROM pg_rules WHERE schemaname = 'public'") == []


def test_no_key_of_ours_reaches_from_one_tenant_to_another(as_owner: RunSql) -> None:
    """A unique index or a foreign key without the tenant tells that another tenant has the value, or takes its row."""
    assert (
        as_owner("""
        SELECT conrelid::regclass::text, conname FROM pg_constraint AS k
        WHERE contype IN ('f', 'u', 'p', 'x') AND conrelid::regclass::text LIKE 'studio%'
          AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = conrelid AND attname = 'tenant_id')
          AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = conrelid AND attname = 'tenant_id'
                          AND attnum = ANY (k.conkey))
        UNION ALL
        SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index AS i
        WHERE indisunique AND indrelid::regclass::text LIKE 'studio%'
          AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = indrelid AND attname = 'tenant_id')
          AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = indrelid AND attname = 'tenant_id'
                          AND attnum = ANY (i.indkey))
    """)
        == []
    )


def test_the_app_has_the_rights_that_it_uses_and_no_others(as_owner: RunSql, database_urls: Urls) -> None:
    app = make_url(database_urls.app).username
    rights: dict[str, set[str]] = {}
    for table, right in as_owner(f"""
        SELECT c.relname, p.privilege FROM pg_class AS c CROSS JOIN unnest(ARRAY[
            'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (privilege)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND has_table_privilege('{app}', c.oid, p.privilege)
    """):
        rights.setdefault(table, set()).add(right)
    everything = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    expected = {table.name: everything for table in Base.metadata.sorted_tables} | {
        "jobs": {"SELECT", "INSERT", "UPDATE"},
        "overlay_layouts": {"SELECT"},
        VERSION_TABLE: {"SELECT"},
    }
    expected.pop("studio_feed_index")
    assert {table: has for table, has in rights.items() if table not in VARIANT_TABLES} == expected


def test_nobody_but_the_owner_and_the_app_may_touch_our_tables(as_owner: RunSql, database_urls: Urls) -> None:
    app, owner = (make_url(url).username for url in (database_urls.app, database_urls.owner))
    grantees = as_owner("""
        SELECT DISTINCT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END
        FROM pg_class AS c, aclexplode(c.relacl) AS acl
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'studio%'
    """)
    assert {name for (name,) in grantees} == {app, owner}


@pytest.mark.parametrize("attribute", ["rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication"])
def test_the_apps_role_is_nothing_special(as_owner: RunSql, database_urls: Urls, attribute: str) -> None:
    app, owner = (make_url(url).username for url in (database_urls.app, database_urls.owner))
    assert as_owner(f"SELECT {attribute} FROM pg_roles WHERE rolname = '{app}'") == [(False,)]
    assert as_owner(f"SELECT pg_has_role('{app}', '{owner}', 'MEMBER')") == [(False,)]
