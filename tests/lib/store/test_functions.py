"""The functions and triggers of a migrated database are those of the files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine

from lib.embedded_postgres.cluster import APP_ROLE
from lib.store import functions
from tests.conftest import Urls
from tests.support import catalogue


@pytest.fixture
def db(database_urls: Urls) -> Iterator[Any]:
    engine = create_engine(database_urls.owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def code_of_the_files(db: Connection, folder: Any = functions.FOLDER) -> catalogue.Entries:
    """The functions, triggers and policies that the files of a folder make, where there are none."""
    ours = db.exec_driver_sql(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'studio%%' AND pg_function_is_visible(oid)"
    )
    for signature in ours.scalars().all():
        db.exec_driver_sql(f"DROP FUNCTION IF EXISTS {signature} CASCADE")
    for table, policy in db.exec_driver_sql("SELECT tablename, policyname FROM pg_policies").all():
        db.exec_driver_sql(f"DROP POLICY {policy} ON {table}")
        db.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    functions.load(db, *functions.names(folder), folder=folder)
    db.exec_driver_sql(f"SELECT studio_raise_walls('{APP_ROLE}')")
    return catalogue.code(db)


def test_a_migrated_database_has_exactly_the_functions_and_triggers_of_the_files(db: Any) -> None:
    migrated = catalogue.code(db)
    assert sum(kind == "trigger" for kind, *_ in migrated) > 10
    assert code_of_the_files(db) == migrated


def test_each_function_of_ours_has_a_file_of_its_name(db: Any) -> None:
    ours = {name for kind, name, *_ in catalogue.code(db) if kind == "function" and name.startswith("studio_")}
    assert ours == set(functions.names())


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("studio_hashtags", "LIMIT 64", "LIMIT 65"),
        ("studio_raise_walls", "AS RESTRICTIVE", "AS PERMISSIVE"),
        ("studio_keep_version", "ELSE 'outside'", "ELSE 'other'"),
        ("studio_index_feed", "AFTER INSERT OR DELETE", "AFTER INSERT"),
        ("studio_find_feeds", "REVOKE EXECUTE ON FUNCTION studio_find_feeds FROM PUBLIC;", ""),
    ],
)
def test_one_changed_line_in_a_file_is_noticed(db: Any, tmp_path: Path, name: Any, before: Any, after: Any) -> None:
    folder = shutil.copytree(functions.FOLDER, tmp_path / "functions")
    path = folder / f"{name}.sql"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    migrated = catalogue.code(db)
    assert code_of_the_files(db, folder) != migrated


def test_every_file_says_why_its_function_exists() -> None:
    for name in functions.names():
        text = (functions.FOLDER / f"{name}.sql").read_text(encoding="utf-8")
        assert text.startswith("-- "), name


def test_a_function_without_a_file_is_an_error(db: Any) -> None:
    with pytest.raises(FileNotFoundError, match="studio_unheard_of"):
        functions.load(db, "studio_unheard_of")
