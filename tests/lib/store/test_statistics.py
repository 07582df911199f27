"""No table with two indexes of the tenant has statistics of tenants; `tests/walls/test_plans.py` plans statements."""

from __future__ import annotations

from tests.conftest import RunSql

SEARCHED = ("instagram_feeds", "studio_feed_index")
"""Lists choose their plans by what the statistics say of a tenant."""


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
