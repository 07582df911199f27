"""What each role counts on tables that have rows of three teams: the app without a team, the owner, another program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2.errors
import pytest

from tests.support.walls.teams import TEAMS
from tests.support.walls.world import World

WITHOUT_RIGHT = "studio_feed_index"
"""On which the app's role has no right at all: functions of the owner read it."""


@pytest.fixture
def as_app(world: World) -> Iterator[Callable[..., Any]]:
    """Plain SQL by the app's role, as psql would run it."""
    world.superuser.run(f"SET ROLE {world.app_role}")
    yield world.superuser.run
    world.superuser.run("RESET ROLE; RESET app.tenant_id; RESET app.tenant_ids")


@pytest.fixture(scope="module", autouse=True)
def rows_everywhere(world: World) -> None:
    """Without rows, a count of 0 would say nothing."""
    world.superuser.fill_empty_tables()
    assert {(table, team) for table in world.superuser.tables for team in TEAMS} <= set(world.superuser.snapshot())


@pytest.mark.parametrize(
    "named",
    [
        "RESET app.tenant_id; RESET app.tenant_ids",
        "SET app.tenant_id = ''; SET app.tenant_ids = ''",
        "SET app.tenant_id = 'nobody'; SET app.tenant_ids = '{nobody}'",
    ],
)
def test_without_a_team_the_app_counts_nothing_and_writes_nothing(
    world: World, as_app: Callable[..., Any], named: str
) -> None:
    as_app(named)
    for table in world.superuser.tables:
        if table == WITHOUT_RIGHT:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                as_app(f"SELECT count(*) FROM {table}")
            continue
        assert as_app(f"SELECT count(*) FROM {table}") == [(0,)], table
        if table != "jobs":  # of which the app deletes none
            assert as_app(f"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone") == [(0,)], table
            with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="row-level security"):
                as_app(world.superuser.insert_sql(table, TEAMS[0]))
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            as_app(f"TRUNCATE {table}")


def test_with_a_team_the_app_counts_the_rows_of_that_team(world: World, as_app: Callable[..., Any]) -> None:
    as_app("RESET ROLE")
    counts = {key: rows for key, (rows, _) in world.superuser.snapshot().items()}
    as_app(f"SET ROLE {world.app_role}")
    for team in TEAMS:
        as_app(f"SET app.tenant_id = '{team}'")
        for table in world.superuser.tables:
            if table != WITHOUT_RIGHT:
                assert as_app(f"SELECT count(*) FROM {table}") == [(counts[table, team],)], (table, team)
