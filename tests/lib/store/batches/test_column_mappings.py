"""What people say of a heading is kept for their team, and the last word counts."""

from __future__ import annotations

from lib.store.batches import column_mappings
from lib.store.database import Database


def test_the_last_word_of_the_team_counts(database: Database) -> None:
    with database.tenant("acme") as db:
        column_mappings.remember(
            db, "acme", {"내용": "product_description", "비고": None, "": "model", "x" * 300: "model"}
        )
        column_mappings.remember(db, "acme", {"내용": "store_information"})
        column_mappings.remember(db, "acme", {})
        rows = column_mappings.of_headings(db, "acme", ["내용", "비고", "other", "", "x" * 300])
    assert rows == {"내용": "store_information", "비고": None}
    with database.tenant("rival") as db:
        assert column_mappings.of_headings(db, "rival", ["내용"]) == {}
