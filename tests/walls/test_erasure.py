"""The documented erasure of one team takes that team out of every table, and nothing of the others."""

from __future__ import annotations

from tests.support.removal import ERASURE
from tests.support.walls.teams import TEAMS
from tests.support.walls.world import World

KEPT = {"studio_deleted_generations", "studio_tenant_changes"}
"""Without words: ids for the servers, and how often the team's data was changed."""
ERASED, *OTHERS = TEAMS


def test_the_erasure_of_a_team_leaves_not_a_word_of_it(world: World) -> None:
    world.superuser.fill_empty_tables()
    before = world.superuser.snapshot()
    world.superuser.run(ERASURE.replace("'acme'", f"'{ERASED}'"))
    after = world.superuser.snapshot()
    assert {table for table, team in after if team == ERASED} == KEPT | {"jobs"}
    for team in OTHERS:
        assert {table: rows for (table, of), rows in after.items() if of == team} == {
            table: rows for (table, of), rows in before.items() if of == team
        }
