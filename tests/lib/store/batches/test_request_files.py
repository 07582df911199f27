"""A file belongs to one step at a time, and its requests keep their lines when some of them have ended."""

from __future__ import annotations

import dataclasses
import uuid

from lib.generation.submit import record_in_file
from lib.store import attempts
from lib.store.batches import request_files
from lib.studio import Studio
from tests.support.batching import batch_of, new_rows
from tests.support.generating import request


def test_one_step_holds_a_file_until_it_was_silent_for_too_long(studio: Studio) -> None:
    batch_id = batch_of(studio, 1)
    with studio.database.tenant("acme") as db:
        request_files.add(db, "acme", batch_id, "demo", 10)
        (file,) = request_files.of_batch(db, "acme", batch_id)
        first = request_files.claim(db, "acme", file.file_id, 60)
        assert first
        assert request_files.claim(db, "acme", file.file_id, 60) is None
        assert request_files.change(db, first, 0, requests=3)
        second = request_files.claim(db, "acme", file.file_id, 60)
        assert second
        assert second.requests == 3
        assert not request_files.change(db, first, 0, requests=4)
        assert request_files.change(db, second, None, status="ended")
        assert request_files.claim(db, "acme", file.file_id, 60) is None


def test_requests_keep_their_lines(studio: Studio) -> None:
    batch_id = batch_of(studio, 1)
    with studio.database.tenant("acme") as db:
        request_files.add(db, "acme", batch_id, "demo", 10)
        (file,) = request_files.of_batch(db, "acme", batch_id)
    for row in new_rows(4):
        with studio.database.tenant("acme") as db:
            assert record_in_file(studio, db, request(row.brief, row.options), file.file_id)
    with studio.database.tenant("acme") as db:
        everything = request_files.open_requests(db, file)
        assert [each.line for each in everything] == [1, 2, 3, 4]
        attempts.settle(db, "acme", everything[1].attempt_id, outcome="stopped")
        assert request_files.open_requests(db, file) == [everything[0], *everything[2:]]
        assert request_files.open_requests(db, dataclasses.replace(file, file_id=uuid.uuid4())) == []
