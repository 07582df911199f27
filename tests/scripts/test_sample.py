"""``make sample`` fills a tenant of its own, on whatever database the app would use, and takes it away again."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from lib.demo.samples import is_sample
from lib.demo.samples.rows import Rows
from lib.store import feeds, tenants
from lib.store.database import Database
from scripts import sample
from tests.conftest import InsertBySql, RunSql, Urls

UNTIL = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
COUNT = 120


def loaded(urls: Any, *, seed: Any = 1, count: Any = COUNT, tenant: str = "sample", **options: Any) -> None:
    sample.load(urls.owner, tenant, count, seed=seed, until=UNTIL, **options)


def test_rows_arrive_as_they_were_made_beside_somebody_elses(
    database: Database, database_urls: Urls, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    insert_by_sql(tenant_id="acme")
    heard: list[int] = []
    loaded(database_urls, progress=heard.append)
    assert heard == [COUNT]
    with database.tenant("sample") as db:
        stored = feeds.newest(db, "sample", limit=COUNT + 1)
    made = {row["instagram_feed_id"]: row for row in Rows("sample", COUNT, until=UNTIL, linked=True).rows()}
    assert len(stored) == COUNT
    for feed in stored:
        row = made[feed.instagram_feed_id]
        assert {name: getattr(feed, name) for name in row} == row
    assert all(map(is_sample, stored))
    assert all(feed.pk for feed in stored)
    assert any(feed.job_id and feed.overlay_id for feed in stored)
    with database.directory() as db:
        assert "sample" in tenants.list_ids(db)

    with pytest.raises(sample.AlreadyLoadedError):
        loaded(database_urls)
    assert as_owner("SELECT count(*) FROM instagram_feeds WHERE tenant_id = 'sample'") == [(COUNT,)]

    assert sample.remove(database_urls.owner, "sample") == COUNT
    left = [("instagram_feeds", 1), ("jobs", 0), ("overlay_layouts", 0), ("studio_tenants", 1)]  # acme's
    for table, count in left:
        assert as_owner(f"SELECT count(*) FROM {table}") == [(count,)]


def test_what_is_no_sample_survives_their_removal(
    database_urls: Urls, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    mine = insert_by_sql(tenant_id="sample", gpt_response_raw={"id": "chatcmpl-1"})
    assert sample.remove(database_urls.owner, "sample") == 0
    assert as_owner("SELECT instagram_feed_id::text FROM instagram_feeds") == [(str(mine),)]


def test_rows_arrive_where_row_level_security_is_on(database_urls: Urls, as_owner: RunSql) -> None:
    policy = "tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), ''))"
    for table in ("instagram_feeds", "studio_tenants", "studio_generations"):
        as_owner(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        as_owner(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        as_owner(f"CREATE POLICY mine ON {table} USING ({policy}) WITH CHECK ({policy})")
    loaded(database_urls, count=3)
    assert sample.remove(database_urls.owner, "sample") == 3


@pytest.mark.parametrize("fails", [False, True])
def test_the_search_indexes_are_back_after_a_bulk_load(database_urls: Urls, as_owner: RunSql, fails: Any) -> None:
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema ORDER BY indexname"
    before = as_owner(indexes)

    def heard(_: Any) -> None:
        assert len(as_owner(indexes)) < len(before)
        if fails:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) if fails else contextlib.nullcontext():
        loaded(database_urls, count=3, bulk=True, progress=heard)
    assert as_owner(indexes) == before
    assert as_owner("SELECT count(*) FROM studio_feed_index") == [(3,)]


def test_nothing_is_put_into_a_pipelines_own_jobs(database_urls: Urls, as_owner: RunSql) -> None:
    as_owner("ALTER TABLE jobs ADD COLUMN store_id uuid")
    loaded(database_urls, count=30)
    assert as_owner("SELECT count(*) FROM jobs") == as_owner("SELECT count(*) FROM overlay_layouts") == [(0,)]
    assert as_owner("SELECT count(*), count(job_id), count(overlay_id) FROM instagram_feeds") == [(30, 0, 0)]


def test_the_command_loads_into_the_database_of_the_environment(
    database_urls: Urls,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    as_owner: RunSql,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_urls.app)
    (tmp_path / ".streamlit").mkdir()
    secrets = f'DATABASE_OWNER_URL = "{database_urls.owner}"\n[auth]\ncookie_secret = "none"\n'
    (tmp_path / ".streamlit/secrets.toml").write_text(secrets)
    assert sample.main(["--rows=5", "--tenant=sample-shop"]) is None
    assert "tenant_id=sample-shop" in capsys.readouterr().out
    assert as_owner("SELECT tenant_id, count(*) FROM instagram_feeds GROUP BY tenant_id") == [("sample-shop", 5)]
    again = sample.main(["--rows=5", "--tenant=sample-shop"])
    assert again is not None
    assert "take them away first" in again
    assert sample.main(["--remove", "--tenant=sample-shop"]) is None
    assert "5 sample captions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tenant", "count", "why"), [("acme", 5, "real captions"), ("samples", 5, "real captions"), ("sample", 0, "0 rows")]
)
def test_a_tenant_of_real_captions_takes_no_samples(
    database_urls: Urls, as_owner: RunSql, tenant: str, count: Any, why: Any
) -> None:
    with pytest.raises(ValueError, match=why):
        loaded(database_urls, tenant=tenant, count=count)
    assert as_owner("SELECT count(*) FROM studio_tenants") == [(0,)]


def test_the_command_says_so_in_a_sentence() -> None:
    told = sample.main(["--tenant=acme"])
    assert told is not None
    assert "may hold real captions" in told
