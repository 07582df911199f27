"""The mapped tables are those that the migrations make."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from lib.store.migrations import VERSION_TABLE
from lib.store.tables import Base
from tests.conftest import RunSql, Urls


def test_models_and_migrations_agree(database_urls: Urls) -> None:
    engine = create_engine(database_urls.owner)
    with engine.connect() as db:
        options = {"compare_type": True, "compare_server_default": True, "version_table": VERSION_TABLE}
        differences = compare_metadata(MigrationContext.configure(db, opts=options), Base.metadata)
    engine.dispose()
    assert differences == []


@pytest.mark.parametrize(
    "catalogue",
    [
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'studio_alembic_version'",
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'studio_alembic_version'",
    ],
    ids=["indexes", "constraints"],
)
def test_models_alone_would_make_the_same(
    database_urls: Urls, empty_database_urls: Urls, sql_as: RunSql, catalogue: Any
) -> None:
    sql_as(
        empty_database_urls.owner,
        "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
    )
    [[used_by_an_index]] = sql_as(database_urls.owner, "SELECT pg_get_functiondef('studio_grams'::regproc)")
    sql_as(empty_database_urls.owner, used_by_an_index)
    engine = create_engine(empty_database_urls.owner)
    Base.metadata.create_all(engine)
    engine.dispose()
    assert set(sql_as(empty_database_urls.owner, catalogue)) == set(sql_as(database_urls.owner, catalogue))


def test_every_table_of_ours_names_its_tenant_first_in_its_key() -> None:
    of_nobody = {"studio_processes"}  # holds nothing of any tenant
    ours = [table for table in Base.metadata.sorted_tables if table.name.startswith("studio_")]
    ours = [table for table in ours if table.name not in of_nobody]
    assert ours
    for table in ours:
        assert table.primary_key.columns.keys()[0] == "tenant_id", table.name
        for key in table.foreign_key_constraints:
            assert "tenant_id" in key.column_keys, f"{table.name}.{key.name} could reach another tenant's row"
