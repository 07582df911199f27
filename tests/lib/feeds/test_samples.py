"""The app itself can fill the tenant of samples, without owning a table."""

from __future__ import annotations

import pytest

from lib.demo.samples import TENANT, is_sample
from lib.feeds import samples
from lib.store import feeds, tenants
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "ROWS", 60)


def test_a_press_fills_the_tenant_of_samples_once(studio: Studio, as_owner: RunSql, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(tenant_id="acme")
    assert samples.load(studio) == samples.load(studio) == TENANT
    with studio.database.tenant(TENANT) as db:
        stored = feeds.newest(db, TENANT, limit=samples.ROWS + 1)
    assert len(stored) == samples.ROWS
    assert all(map(is_sample, stored))
    assert all(feed.pk for feed in stored)
    with studio.database.directory() as db:
        assert TENANT in tenants.list_ids(db)
    assert as_owner("SELECT count(*) FROM instagram_feeds WHERE tenant_id <> 'sample'") == [(1,)]


def test_a_press_works_where_row_level_security_is_on(studio: Studio, as_owner: RunSql) -> None:
    policy = "tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), ''))"
    for table in ("instagram_feeds", "studio_tenants"):
        as_owner(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        as_owner(f"CREATE POLICY mine ON {table} USING ({policy}) WITH CHECK ({policy})")
    samples.load(studio)
    with studio.database.tenant(TENANT) as db:
        assert len(feeds.newest(db, TENANT, limit=5)) == 5
