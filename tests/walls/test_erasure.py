"""The documented erasure of one team takes that team out of every table, and nothing of the others."""

from __future__ import annotations

from tests.support.removal import ERASURE
from tests.support.walls.teams import TEAMS
from tests.support.walls.world import World

ERASED, *OTHERS = TEAMS


def test_the_erasure_of_a_team_leaves_only_the_ids_of_its_answers(world: World) -> None:
    world.superuser.fill_empty_tables()
    before = world.superuser.snapshot()
    world.superuser.run(ERASURE.replace("'acme'", f"'{ERASED}'"))
    after = world.superuser.snapshot()
    assert {table for table, team in after if team == ERASED} == {"studio_deleted_generations", "jobs"}
    for team in OTHERS:
        assert {table: rows for (table, of), rows in after.items() if of == team} == {
            table: rows for (table, of), rows in before.items() if of == team
        }
