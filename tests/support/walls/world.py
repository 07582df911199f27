"""A database with three teams at work, as the app sees it with its walls closed and open, and as a superuser does."""

from __future__ import annotations

import random
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from lib.demo.model import DemoModel
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.metrics import service
from lib.metrics.figures import View
from lib.settings import Settings
from lib.store.database import Database
from lib.store.walls import Walls
from lib.studio import Studio
from tests.conftest import Postgres, dsn
from tests.support.walls import calls, teams
from tests.support.walls.calls import Caller
from tests.support.walls.teams import TEAMS, Snapshot, Superuser

WAITING = "studio_metric_changes"
_DUE = "UPDATE studio_batches SET webhook_url = 'https://127.0.0.1/', webhook_due_at = now()"
"""Each team's batches have a webhook to be sent."""
_COMPARED = """
    UPDATE studio_generations AS g
    SET options = g.options || jsonb_build_object('experiment', jsonb_build_object(
        'id', e.experiment_id, 'variant', 1 + (
            SELECT count(*) FROM studio_generations AS before WHERE before.tenant_id = g.tenant_id
            AND before.instagram_feed_id IS NOT NULL AND before.generation_id < g.generation_id) % 2,
        'brief', 'the same', 'given', true, 'person', 'somebody of ' || g.tenant_id))
    FROM studio_experiments AS e WHERE e.tenant_id = g.tenant_id AND g.instagram_feed_id IS NOT NULL
"""
"""Each team's captions are those of its experiment, in one variant and the other by turns."""
_WRITING = """
    UPDATE studio_batches AS b SET idempotency_key = 'experiment:' || e.experiment_id
    FROM studio_experiments AS e WHERE e.tenant_id = b.tenant_id AND b.source = 'experiment'
"""
"""Each team has a batch that writes for its experiment."""
_FORGOTTEN = """
    INSERT INTO studio_sheet_drafts (tenant_id, draft_id, content, changes, changed_at)
    SELECT tenant_id, gen_random_uuid(), content, changes, '2020-01-01' FROM studio_sheet_drafts
"""
"""Each team has left a table so long ago that it is deleted."""


class Watched(ThreadPoolExecutor):
    """Threads of the Studio that can be waited for."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.submitted: deque[Future[Any]] = deque()

    def submit(self, *arguments: Any, **named: Any) -> Future[Any]:
        """As a pool does."""
        self.submitted.append(super().submit(*arguments, **named))
        return self.submitted[-1]


class World:
    """A database with three teams at work, seen by the app and by a superuser; ``walled`` is how the app sees it."""

    def __init__(self, server: Postgres, name: str, folder: Path) -> None:
        url = make_url(server.superuser_url).set(database=name).render_as_string(hide_password=False)
        self.url = url
        self.superuser = Superuser(dsn(url))
        self.app_role = make_url(server.app_url).username
        # Both log in as a superuser, who can look past the walls in the middle of a transaction of the app's role.
        self.closed, self.open = Database(url, pool_size=2), Database(url, pool_size=2)
        self.closed.walls = Walls(self.app_role, "")
        self.demo = DemoModel(pace=0)
        self.studio = self._studio(self.closed, folder)
        self.pools = [Watched(4) for _ in range(3)]
        self.studio.page_threads, self.studio.pipeline_threads, self.studio.counting_threads = self.pools
        self.ids = self.superuser.ids()
        self.name = name

    def _studio(self, database: Database, folder: Path) -> Studio:
        settings = Settings(data_dir=folder)
        return Studio(settings, database, Writer(settings, self.demo), Spool(settings.spool_dir))

    def settle(self) -> None:
        teams.settle(self.studio, self.demo, self.superuser)
        for team in TEAMS:
            service.figures(self.studio, team, View(calls.this_week()))
        self.superuser.fill_empty_tables(WAITING)  # what waits to be counted would have to be counted
        self.superuser.run(_DUE)
        self.superuser.run(_COMPARED)
        self.superuser.run(_WRITING)
        self.superuser.run(_FORGOTTEN)
        self.superuser.make_twins()

    def caller(self, team: str, seed: int, *, reach: tuple[str, ...] = TEAMS, studio: Studio | None = None) -> Caller:
        return Caller(studio or self.studio, team, self.ids, reach, random.Random(seed))

    def snapshot(self) -> Snapshot:
        """What all teams have, once everything that calls have set off has ended."""
        while waiting := [pool.submitted.popleft() for pool in self.pools if pool.submitted]:
            wait(waiting)
        return self.superuser.snapshot()

    def close(self) -> None:
        self.superuser.close()
        self.studio.close()
        self.open.close()
