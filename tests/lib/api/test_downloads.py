"""A finished export is fetched by who knows its token, and nobody else; files that are too old go."""

from __future__ import annotations

import contextlib
import os
import zoneinfo
from collections.abc import Callable, Iterator

import psycopg2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib import api
from lib.domain.errors import DatabaseAway, ExportStopped
from lib.domain.feed_filter import FeedFilter
from lib.exports import background, links
from lib.exports.background import Export
from lib.studio import Studio
from lib.ui.core import words
from tests.conftest import InsertBySql, Urls, dsn
from tests.support.outage import database_away
from tests.support.patience import PATIENCE_S

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=api.routes()))


def begun(studio: Studio, file_format: str = "csv") -> Export:
    headings = words.listed("export") | {f"value_{name}": told for name, told in words.listed("status").items()}
    return background.start(studio, "acme", FeedFilter(), file_format, headings, zone=SEOUL)  # type: ignore[arg-type]


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "jsonl"])
def test_the_file_is_fetched_whole_under_its_name(
    studio: Studio, insert_by_sql: InsertBySql, client: TestClient, file_format: str
) -> None:
    insert_by_sql(instagram_ad_copy="딸기")
    made = begun(studio, file_format)
    assert made.finished.wait(PATIENCE_S)
    assert made.path is not None
    answer = client.get(links.link(made.token))
    assert answer.status_code == 200
    assert answer.content == made.path.read_bytes()
    assert f'filename="{made.name}"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.fixture
def held(database_urls: Urls, insert_by_sql: InsertBySql) -> Iterator[Callable[[], None]]:
    """Nobody reads a feed until the function is called: an export that begins meanwhile waits."""
    insert_by_sql(instagram_ad_copy="딸기")
    with contextlib.closing(psycopg2.connect(dsn(database_urls.owner))) as db:
        with db.cursor() as cursor:
            cursor.execute("LOCK TABLE instagram_feeds IN ACCESS EXCLUSIVE MODE")
        yield db.rollback


def test_a_file_is_there_once_it_is_whole_and_under_its_own_token_only(
    studio: Studio, client: TestClient, held: Callable[[], None]
) -> None:
    made = begun(studio)
    assert client.get(links.link(made.token)).status_code == 404
    held()
    assert made.finished.wait(PATIENCE_S)
    assert client.get(links.link(made.token)).status_code == 200
    (studio.settings.exports_dir / "left").mkdir()
    (studio.settings.exports_dir / "left" / made.name).write_text("of an earlier process")
    for token in ("left", "0" * 32, f"left%2F..%2F{made.token}", f"{made.token}%2F{made.name}"):
        assert client.get(f"/downloads/{token}").status_code == 404, token


def test_an_export_that_fails_leaves_no_file(studio: Studio) -> None:
    with database_away(studio):
        failed = begun(studio)
        assert failed.finished.wait(PATIENCE_S)
    assert (failed.path, type(failed.error)) == (None, DatabaseAway)
    assert list(studio.settings.exports_dir.iterdir()) == []


def test_an_export_that_is_stopped_leaves_no_file(studio: Studio, held: Callable[[], None]) -> None:
    stopped = begun(studio)
    stopped.stopped.set()
    held()
    assert stopped.finished.wait(PATIENCE_S)
    assert (stopped.path, type(stopped.error)) == (None, ExportStopped)
    assert list(studio.settings.exports_dir.iterdir()) == []


def test_what_is_too_old_goes(studio: Studio, insert_by_sql: InsertBySql, client: TestClient) -> None:
    insert_by_sql()
    old = begun(studio)
    assert old.finished.wait(PATIENCE_S)
    old.started -= background.KEPT_S + 1
    folder = studio.settings.exports_dir / old.token
    os.utime(folder, (0, 0))
    begun(studio).finished.wait(PATIENCE_S)
    assert not folder.exists()
    assert client.get(links.link(old.token)).status_code == 404
