"""Drafts are the team's own, and old ones go when a new one comes."""

from __future__ import annotations

import uuid

from lib.store.batches import drafts
from lib.store.database import Database
from tests.conftest import RunSql


def test_a_draft_is_read_changed_listed_and_deleted_by_its_team_alone(database: Database, as_owner: RunSql) -> None:
    draft_id = uuid.uuid4()
    with database.tenant("acme") as db:
        drafts.add(db, "acme", draft_id, b"content", {"name": "a", "rows": 2})
        drafts.change(db, "acme", draft_id, {"name": "b", "rows": 1})
    with database.tenant("rival") as db:
        assert drafts.get(db, "rival", draft_id) is None
        assert drafts.waiting(db, "rival") == []
        drafts.remove(db, "rival", draft_id)
    with database.tenant("acme") as db:
        assert drafts.get(db, "acme", draft_id) == (b"content", {"name": "b", "rows": 1})
        assert [(draft.name, draft.rows) for draft in drafts.waiting(db, "acme")] == [("b", 1)]
    as_owner("UPDATE studio_sheet_drafts SET changed_at = now() - make_interval(days => %s)", drafts.KEPT_DAYS + 1)
    with database.tenant("acme") as db:
        drafts.add(db, "acme", uuid.uuid4(), b"", {"name": "", "rows": 0})
        assert drafts.get(db, "acme", draft_id) is None
