"""A look-up by id reads one row by its index, whatever the statistics know of the tenant."""

from __future__ import annotations

from tests.conftest import RunSql

SEARCHED = ("instagram_feeds", "studio_feed_index")
"""Lists choose their plans by what the statistics say of a tenant."""
GENERATIONS = """
    INSERT INTO studio_generations (tenant_id, generation_id, run_id, variant, source, fingerprint, brief, options,
        prompt_version, instagram_feed_id, idempotency_key)
    SELECT %s, gen_random_uuid(), gen_random_uuid(), 1, 'page', '', '{}', '{}', '1', gen_random_uuid(), i::text
    FROM generate_series(1, 3000) AS i
"""
ATTEMPTS = """
    INSERT INTO studio_attempts (tenant_id, attempt_id, generation_id, number, request)
    SELECT tenant_id, gen_random_uuid(), generation_id, 1, '{}' FROM studio_generations WHERE tenant_id = %s
"""


LOOK_UPS = [
    ("studio_generations", "generation_id", "studio_generations_pkey"),
    ("studio_generations", "instagram_feed_id", "studio_generations_feed"),
    ("studio_generations", "run_id", "studio_generations_run"),
    ("studio_attempts", "attempt_id", "studio_attempts_pkey"),
    ("studio_attempts", "generation_id", "studio_attempts_generation_number"),
]


def test_a_tenant_that_the_statistics_do_not_know_is_looked_up_by_the_index_of_the_id(as_owner: RunSql) -> None:
    for tenant in ("old", "older", "young"):
        if tenant == "young":
            as_owner("ANALYZE studio_generations, studio_attempts")
        as_owner(GENERATIONS, tenant)
        as_owner(ATTEMPTS, tenant)
    for table, column, index in LOOK_UPS:
        plan = as_owner(
            f"EXPLAIN SELECT * FROM {table} WHERE tenant_id = 'young'"
            f" AND {column} = '00000000-0000-0000-0000-000000000001'"
        )
        assert index in "\n".join(line for (line,) in plan)


def test_every_table_with_two_indexes_of_the_tenant_has_no_statistics_of_tenants(as_owner: RunSql) -> None:
    """A new one needs ``ALTER TABLE ... ALTER COLUMN tenant_id SET STATISTICS 0`` in its revision."""
    rows = as_owner(
        """
        SELECT c.relname FROM pg_index AS i
        JOIN pg_class AS c ON c.oid = i.indrelid
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] AND a.attname = 'tenant_id'
        WHERE c.relname LIKE 'studio\\_%%' AND a.attstattarget IS DISTINCT FROM 0
        GROUP BY c.relname HAVING count(*) > 1
    """.replace("%%", "%")
    )
    assert {name for (name,) in rows} <= set(SEARCHED)
