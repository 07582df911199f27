"""A process that was not heard of for a while counts as gone, and its requests are found."""

from __future__ import annotations

import uuid

from lib.domain.brief import Brief
from lib.generation.presence import Presence
from lib.store.traffic import processes
from lib.store.traffic.processes import Workers
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.generating import recorded


def test_a_worker_is_alive_while_it_is_heard_of(studio: Studio, as_owner: RunSql) -> None:
    with studio.database.directory() as db:
        assert processes.workers(db) == Workers(0, None)
        for kind in ("worker", "worker", "app"):
            processes.see(db, uuid.uuid4(), kind, "here")
    with studio.database.tenant("acme") as db:  # a page of any team may ask
        assert processes.workers(db).alive == 2
    as_owner("UPDATE studio_processes SET seen_at = now() - interval '31 seconds'")
    with studio.database.directory() as db:
        workers = processes.workers(db)
    assert (workers.alive, bool(workers.seen_at)) == (0, True)


def test_processes_of_long_ago_are_deleted(studio: Studio, as_owner: RunSql) -> None:
    as_owner(
        "INSERT INTO studio_processes (process_id, kind, host, seen_at)"
        " SELECT gen_random_uuid(), 'app', 'h', now() - make_interval(days => d) FROM unnest(ARRAY[1, 9]) AS d"
    )
    with studio.database.directory() as db:
        processes.delete_old(db)
    assert as_owner("SELECT count(*) FROM studio_processes") == [(1,)]


def test_only_the_unfinished_generations_of_silent_processes_are_found(
    studio: Studio, brief: Brief, as_owner: RunSql
) -> None:
    studio.presence = Presence("worker")
    studio.presence.say(studio)
    prepared = recorded(studio, brief)

    def silent() -> list[uuid.UUID]:
        with studio.database.directory() as db:
            return [generation_id for _, generation_id in processes.silent_generations(db, lost_s=3600)]

    assert silent() == []
    as_owner("UPDATE studio_processes SET seen_at = now() - interval '31 seconds'")
    assert silent() == [prepared.generation.generation_id]
    as_owner("DELETE FROM studio_processes")
    assert silent() == [prepared.generation.generation_id]
    with studio.database.tenant("acme") as db:
        assert processes.silent_generations(db, lost_s=3600) == [], "who has named a tenant sees no others"
    as_owner("UPDATE studio_attempts SET process_id = NULL")
    assert silent() == [], "a record of the first releases has an hour"
    prepared.entry.discard()
