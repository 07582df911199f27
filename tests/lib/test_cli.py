"""The command line, from its arguments to what it prints. That it starts: tests/test_start.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lib import cli
from lib.access import api_keys as access
from lib.store.traffic import limits
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql, Urls

Capture = pytest.CaptureFixture[str]
Run = Callable[..., tuple[str | None, str]]


@pytest.fixture
def run(database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    """Runs a command on the database of the test; the sentence that it ended with, and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATABASE_URL": database_urls.app,
        "DATABASE_OWNER_URL": database_urls.owner,
        "FEED_STUDIO_DATA": str(tmp_path),
        "FEED_STUDIO_TENANT": "acme",
    }.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[str | None, str]:
        return cli.main(arguments), capsys.readouterr().out

    return run


def test_a_key_is_made_listed_and_revoked(run: Run, studio: Studio) -> None:
    ended, made = run("key", "make", "--scope", "read", "--days", "7")
    key = access.authenticate(studio, made.strip())
    assert (ended, key.tenant_id, key.name, key.scopes) == (None, "acme", "pipeline", ["read"])
    assert re.search(rf"^{key.key_id}  pipeline for acme: read; live, until ", run("key", "list")[1], re.MULTILINE)
    assert run("key", "--tenant", "other", "list") == (None, "")
    assert run("key", "revoke", key.key_id)[0] is None
    assert "revoked" in run("key", "list")[1]
    assert key.key_id in str(run("key", "revoke", key.key_id)[0])


def test_a_row_that_was_written_with_triggers_off_is_reconciled(
    run: Run, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    as_owner("ALTER TABLE instagram_feeds DISABLE TRIGGER USER")
    insert_by_sql(tenant_id="acme")
    as_owner("ALTER TABLE instagram_feeds ENABLE TRIGGER USER")
    assert "'acme'" in run("reconcile")[1]
    assert run("reconcile") == (None, "Every feed is in lists, searches and figures.\n")
    assert "'acme'" in run("reconcile", "--rebuild", "acme")[1]


def test_a_limit_is_set_and_taken_away(run: Run, studio: Studio) -> None:
    assert "requests_a_minute=6" in run("limit", "m", "--tenant", "acme", "--requests", "6")[1]

    def take() -> float:
        with studio.database.tenant("acme") as db:
            return limits.take(db, "acme", "m", 1)

    assert take() == 0.0
    assert take() > 0
    assert "no limits" in run("limit", "m", "--tenant", "acme")[1]
    assert take() == 0.0


def test_the_schema_is_brought_up_to_date(run: Run) -> None:
    ended, printed = run("migrate")
    assert (ended, printed.splitlines()[0]) == (None, "The database has the newest schema.")


def test_a_setting_that_cannot_be_read_is_the_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_TIMEOUT_S", "soon")
    assert str(run("key", "list")[0]).startswith('OPENAI_TIMEOUT_S is "soon"; it must be ')
