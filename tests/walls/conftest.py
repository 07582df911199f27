"""Three teams at work on a database of their own, for the tests that look whether anything passes between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from lib.feeds import samples
from lib.generation import generate
from tests.conftest import Postgres, new_database
from tests.support.walls.world import World


@pytest.fixture(scope="module")
def world(server: Postgres, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    usual = generate.RETRY_DELAYS_S, samples.ROWS
    generate.RETRY_DELAYS_S, samples.ROWS = (0.0, 0.0), 20
    with new_database(server, migrated) as urls:
        world = World(server, make_url(urls.owner).database or "", tmp_path_factory.mktemp("walk"))
        world.settle()
        yield world
        world.close()
    generate.RETRY_DELAYS_S, samples.ROWS = usual
