"""A worker counts as alive as long as it is heard of."""

from __future__ import annotations

from lib.store.batches import processes
from lib.store.batches.processes import Workers
from lib.store.database import Database
from tests.conftest import RunSql

ADD = (
    "INSERT INTO studio_processes (process_id, kind, host, seen_at) VALUES (uuid_generate_v4(), %s, 'h',"
    " now() - make_interval(secs => %s)) RETURNING seen_at"
)


def test_only_workers_that_were_heard_of_lately_are_alive(database: Database, as_owner: RunSql) -> None:
    def workers() -> Workers:
        with database.tenant("acme") as db:
            return processes.workers(db)

    assert workers() == Workers(0, None)
    as_owner(ADD, "app", 0)
    [(seen_at,)] = as_owner(ADD, "worker", processes.ALIVE_WITHIN_S + 1)
    assert workers() == Workers(0, seen_at)
    [(newest,)] = as_owner(ADD, "worker", 1)
    assert workers() == Workers(1, newest)
