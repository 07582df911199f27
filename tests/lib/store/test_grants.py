"""The rights of the app's role on a database that somebody else made."""

from __future__ import annotations

import pytest

from lib.domain.errors import DatabaseRefused
from lib.store.database import Database
from tests.conftest import Postgres, RunSql
from tests.support.adopted import JOBS


def test_the_app_may_add_a_job_and_move_one_on_but_delete_none(unmigrated: Database, by_hand: RunSql) -> None:
    by_hand(JOBS)
    unmigrated.migrate()
    with unmigrated.tenant("acme") as db:
        db.exec_driver_sql("UPDATE jobs SET status = 'done' WHERE tenant_id = 'acme'")
    rights = "SELECT has_table_privilege('feed_studio_app', %s, %s)"
    assert by_hand(rights, "jobs", "INSERT") == [(True,)]
    assert by_hand(rights, "jobs", "DELETE, TRUNCATE") == [(False,)]
    assert by_hand(rights, "overlay_layouts", "INSERT, UPDATE, DELETE, TRUNCATE") == [(False,)]


def test_an_owner_that_may_not_grant_is_told_which_statement_is_missing(
    unmigrated: Database, by_hand: RunSql, server: Postgres, sql_as: RunSql
) -> None:
    by_hand(JOBS)
    database_name = by_hand("SELECT current_database()")[0][0]
    superuser_here = server.superuser_url.replace("/postgres?", f"/{database_name}?")
    sql_as(superuser_here, "ALTER TABLE jobs OWNER TO postgres; GRANT SELECT, REFERENCES ON jobs TO feed_studio_owner")
    with pytest.raises(DatabaseRefused) as raised:
        unmigrated.migrate()
    assert raised.value.params["expected"] == 'GRANT SELECT ON TABLE jobs TO "feed_studio_app"'
    assert by_hand("SELECT to_regclass('instagram_feeds')") == [(None,)]
    sql_as(superuser_here, "GRANT SELECT, UPDATE ON jobs TO feed_studio_app")
    unmigrated.migrate()
