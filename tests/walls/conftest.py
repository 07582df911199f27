"""Three teams at work on a database of their own, for the tests that look whether anything passes between them."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from lib.feeds import samples
from lib.generation import generate
from scripts.postgres import KEPT_IN, KEPT_ROWS
from tests.conftest import Postgres, Urls, dsn, filled_database, new_database
from tests.support.walls import twins
from tests.support.walls.teams import Superuser
from tests.support.walls.world import World


@pytest.fixture(scope="session")
def settled(server: Postgres, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A database in which three teams have used everything once, and the files that they left, to copy from."""
    kept = os.environ.get(KEPT_ROWS) and f"{os.environ[KEPT_IN]}-files"
    files = Path(kept) if kept else tmp_path_factory.mktemp("settled")

    def settle(urls: Urls) -> None:
        world = World(server, make_url(urls.owner).database or "", files)
        world.settle()
        world.close()

    usual = generate.RETRY_DELAYS_S, samples.ROWS
    generate.RETRY_DELAYS_S, samples.ROWS = (0.0, 0.0), 20
    with filled_database(server, migrated, "settled", settle) as name:
        yield name, files
    generate.RETRY_DELAYS_S, samples.ROWS = usual


@pytest.fixture(scope="module")
def world(server: Postgres, settled: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    template, files = settled
    folder = Path(shutil.copytree(files, tmp_path_factory.mktemp("walk") / "files"))
    with new_database(server, template) as urls:
        world = World(server, make_url(urls.owner).database or "", folder)
        yield world
        world.close()


@pytest.fixture(scope="session")
def twinned(server: Postgres, settled: tuple[str, Path]) -> Iterator[tuple[str, str]]:
    """Databases to copy from: in one the last team has twins, in the other it is alone."""

    def change(how: Callable[[Superuser], None]) -> Callable[[Urls], None]:
        def fill(urls: Urls) -> None:
            name = make_url(urls.owner).database
            url = make_url(server.superuser_url).set(database=name).render_as_string(hide_password=False)
            with contextlib.closing(Superuser(dsn(url))) as superuser:
                how(superuser)

        return fill

    with (
        filled_database(server, settled[0], "twinned", change(twins.make)) as among,
        filled_database(server, among, "alone", change(twins.remove)) as alone,
    ):
        yield among, alone
