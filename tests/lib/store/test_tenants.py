"""The directory of tenants."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from lib.domain.errors import DatabaseAway
from lib.store import tenants
from lib.store.database import Database
from tests.conftest import InsertBySql, RunSql, Urls


def test_a_tenant_is_remembered_once_and_known_by_name(database: Database) -> None:
    for tenant in ("나무", "acme", "가게", "acme"):
        with database.tenant(tenant) as db:
            tenants.remember(db, tenant)
    with database.directory() as db:
        assert tenants.list_ids(db) == ["acme", "가게", "나무"]


def test_nobody_is_known_at_first(database: Database) -> None:
    with database.directory() as db:
        assert tenants.list_ids(db) == []


@pytest.mark.parametrize("tenant", [unicodedata.normalize("NFD", "한빛팀"), "acme ", "acme\u00a0", "Acme", "x" * 255])
def test_a_team_that_only_sql_knows_is_offered_at_once_exactly_as_it_is_stored(
    database: Database, insert_by_sql: InsertBySql, tenant: str
) -> None:
    insert_by_sql(tenant_id=tenant)
    with database.directory() as db:
        assert tenants.list_ids(db) == [tenant]


def test_a_team_of_which_the_pipeline_has_a_job_is_offered(database: Database, as_owner: RunSql) -> None:
    as_owner("INSERT INTO jobs (tenant_id) VALUES ('new')")
    with database.directory() as db:
        assert tenants.list_ids(db) == ["new"]


def test_two_programs_that_write_first_for_the_same_teams_do_not_wait_for_each_other(
    database: Database, database_urls: Urls
) -> None:
    engine = create_engine(database_urls.owner)
    with engine.connect() as one, engine.connect() as other:
        for db, order in ((one, "ab"), (other, "ba")):
            db.exec_driver_sql("SET lock_timeout = '200ms'")
            for tenant in order:
                db.exec_driver_sql("INSERT INTO jobs (tenant_id) VALUES (%s)", (tenant,))
        one.rollback()
        other.commit()
    engine.dispose()


def test_a_team_is_found_by_any_part_of_its_name_and_first_by_all_of_it(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    for tenant in ("Bakery East", "bakery", "0 bakery", "100%", "a_b", "한빛 베이커리"):
        insert_by_sql(tenant_id=tenant)
    with database.tenant("bakery west") as db:
        tenants.remember(db, "bakery west")
    with database.directory() as db:
        assert tenants.find(db, "bakery", 3) == ["bakery", "0 bakery", "Bakery East"]
        assert tenants.find(db, "EAST", 9) == ["Bakery East"]
        assert tenants.find(db, "베이", 9) == ["한빛 베이커리"]
        assert (tenants.find(db, "%", 9), tenants.find(db, "_", 9)) == (["100%"], ["a_b"])
        assert tenants.find(db, "", 2) == ["0 bakery", "100%"]
        assert len(tenants.find(db, "", 99)) == len(tenants.list_ids(db)) == 7


def test_the_list_of_teams_is_for_the_directory_alone(database: Database, insert_by_sql: InsertBySql) -> None:
    insert_by_sql()
    with database.tenant("acme") as db:
        assert tenants.list_ids(db) == tenants.find(db, "a", 9) == []


def test_without_a_server_the_directory_is_away(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway), Database(f"postgresql://nobody@/nothing?host={tmp_path}").directory() as db:
        tenants.list_ids(db)


def test_an_id_that_nobody_has_is_taken_as_a_person_would_mean_it(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(tenant_id="team\u00a0")
    with database.directory() as db:
        assert tenants.as_stored(db, "team\u00a0") == "team\u00a0"
        assert tenants.as_stored(db, "team ") == tenants.as_stored(db, "team\0") == "team"
        assert tenants.as_stored(db, unicodedata.normalize("NFD", "한빛")) == "한빛"
