"""A database that nobody has migrated, and who works on it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lib.store.database import Database
from tests.conftest import RunSql, Urls


@pytest.fixture
def by_hand(empty_database_urls: Urls, sql_as: RunSql) -> Any:
    """Runs SQL as the owner of a database that nobody has migrated."""
    return lambda statement, *values: sql_as(empty_database_urls.owner, statement, *values)


@pytest.fixture
def unmigrated(empty_database_urls: Urls) -> Iterator[Any]:
    database = Database(empty_database_urls.app, empty_database_urls.owner)
    yield database
    database.close()
