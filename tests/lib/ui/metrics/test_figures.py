"""Figures that did not change are not read again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import InsertBySql, Urls
from tests.support.metrics_page import PAGE, cards
from tests.support.opened_page import OpenPage


class CountingDatabase(Database):
    """Counts its transactions."""

    transactions = 0

    @contextlib.contextmanager
    def tenant(self, tenant_id: str) -> Iterator[Connection]:
        self.transactions += 1
        with super().tenant(tenant_id) as db:
            yield db

    @contextlib.contextmanager
    def directory(self) -> Iterator[Connection]:
        self.transactions += 1
        with super().directory() as db:
            yield db


def test_an_unchanged_page_is_drawn_again_by_at_most_five_transactions(
    captions: Any, open_page: OpenPage, studio: Studio, database_urls: Urls, insert_by_sql: InsertBySql
) -> None:
    database = CountingDatabase(database_urls.app, database_urls.owner)
    usual, studio.database = studio.database, database
    usual.close()
    page = open_page(PAGE, lang="EN", period="90d")
    database.transactions = 0
    assert cards(page.run())["Captions"] == "30"
    assert database.transactions <= 5
    insert_by_sql(tenant_id="my-team", created_at=captions)
    assert cards(page.run())["Captions"] == "31"
