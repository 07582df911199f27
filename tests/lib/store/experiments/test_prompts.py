"""Prompts are numbered one after the other, also when two people save at once."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from lib.store.experiments import prompts
from lib.studio import Studio


def test_versions_that_are_saved_at_once_get_numbers_of_their_own(studio: Studio) -> None:
    prompt_id = uuid.uuid4()

    def save(number: int) -> int:
        with studio.database.tenant("acme") as db:
            prompts.lock(db, "acme")
            return prompts.add(db, "acme", prompt_id, "이름", f"글 {number}", None).version

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(save, range(6))) == [1, 2, 3, 4, 5, 6]
    with studio.database.tenant("acme") as db:
        assert [prompt.version for prompt in prompts.versions(db, "acme", prompt_id)] == [6, 5, 4, 3, 2, 1]
        assert [prompt.version for prompt in prompts.newest(db, "acme")] == [6]
    with studio.database.tenant("globex") as db:
        assert prompts.newest(db, "globex") == []
