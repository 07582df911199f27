"""Workers are killed at each point of a batch that goes through the Batch API: nothing is sent or paid twice."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from lib.demo.model import DemoModel
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store.batches import batches, rows
from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import RunSql, Urls
from tests.support import commands
from tests.support.batch_api import BatchApi
from tests.support.batching import batch_of
from tests.support.endpoint import endpoint
from tests.support.patience import PATIENCE_S

MODEL = "gpt-6-luna"
ROWS = 12


@contextmanager
def worker(folder: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process; it is killed at the end."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lib.worker"],
            cwd=folder,
            env=commands.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def _answer_late(path: str, is_dead: threading.Event, method: str, at: str) -> None:
    """The server has done what was asked, and answers when nobody listens any more."""
    if (method, at) == ("POST", path):
        assert is_dead.wait(PATIENCE_S)


def test_each_file_goes_up_once_and_each_answer_is_stored_once(
    database: Database, database_urls: Urls, as_owner: RunSql, tmp_path: Path
) -> None:
    with endpoint() as openai:
        api = openai.batch_api = BatchApi()
        settings = Settings(data_dir=tmp_path, openai_api_key="sk-test", openai_base_url=openai.url)
        studio = Studio(settings, database, Writer(settings, DemoModel(pace=0)), Spool(settings.spool_dir))
        batch_id = batch_of(studio, ROWS, model=MODEL, economy=True)
        environment = {
            "DATABASE_URL": database_urls.app,
            "DATABASE_OWNER_URL": database_urls.owner,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": openai.url,
            "FEED_STUDIO_DATA": str(tmp_path / "worker"),
        }

        def written() -> int:
            with database.tenant("acme") as db:
                return batches.progress(db, "acme", [batch_id])[batch_id].rows.get("written", 0)

        def kill_when(happened: Callable[[], object]) -> None:
            """Run a worker until then; the next one need not wait until the dead one's hold on the file is over."""
            with worker(tmp_path, **environment) as process:
                until(happened)
                process.kill()
                process.wait()
            as_owner("UPDATE studio_request_files SET due_at = now() WHERE due_at IS NOT NULL")

        for path, made in (("/files", api.files), ("/batches", api.batches)):
            is_dead = threading.Event()
            api.after = partial(_answer_late, path, is_dead)
            kill_when(lambda made=made: made)  # type: ignore[misc]
            is_dead.set()
        api.after = lambda method, path: None
        api.complete(api.last)
        kill_when(written)
        with worker(tmp_path, **environment):
            until(lambda: as_owner("SELECT status FROM studio_batches") == [("done",)])
        with database.tenant("acme") as db:
            batch, stored = batches.get(db, "acme", batch_id), rows.page(db, "acme", batch_id)
        assert (api.count("POST", "/files"), api.count("POST", "/batches"), openai.ledger) == (1, 1, [])
        assert Counter(row.status for row in stored) == {"written": ROWS}
        assert len({row.instagram_feed_id for row in stored}) == ROWS == len(api.executed)
        assert as_owner("SELECT count(*) FROM instagram_feeds") == [(ROWS,)]
        assert batch.spent_usd == sum(row.cost_usd or 0 for row in stored) > 0
        studio.close()
