"""An uploaded sheet is in the database from the upload on, with everything that a person makes of it."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable

import pytest

from lib.batches import drafts
from lib.batches.columns import FIELDS
from lib.batches.drafts import Draft
from lib.batches.sheet_reader import Sheet, SheetRow
from lib.domain.errors import DraftNotFound, SheetWithoutRows
from lib.store.batches import drafts as store
from lib.studio import Studio

DEFAULTS = {"tone_style": "따뜻하게", "gpt_prompt": "짧게"}


def sheet(*rows: tuple[str, ...]) -> Sheet:
    return Sheet(tuple(SheetRow(line, cells) for line, cells in enumerate(rows, start=1)), notes=("macros",))


def opened(studio: Studio, *rows: tuple[str, ...]) -> Draft:
    return drafts.create(studio, "acme", sheet(("제품", "설명서"), *rows), "빵.csv", defaults=DEFAULTS)


def test_a_draft_goes_on_where_it_was_left_on_another_server(studio: Studio) -> None:
    draft = opened(studio, ("식빵", "a"), ("", "b"), ("식빵", "c"), (" ", ""))
    assert (draft.good, draft.wrong, draft.repeating) == ([0, 2], [1], [2])
    drafts.edit(studio, draft, {1: {0: "소금빵\0"}})
    drafts.leave_out(studio, draft, [2], out=True)
    drafts.set_defaults(studio, draft, DEFAULTS | {"store_information": "온기", "language": " "}, "gpt-6-luna")
    drafts.set_fields(studio, draft, {1: "reference"})
    again = drafts.load(studio, "acme", draft.draft_id)
    assert dataclasses.replace(again, revision=0) == dataclasses.replace(draft, revision=0)
    assert [row.brief.product_description for row in again.requests()] == ["식빵", "소금빵"]
    first = next(again.requests())
    assert (first.options.model, first.reference, first.brief.store_information) == ("gpt-6-luna", "a", "온기")
    assert first.uploaded == ("식빵", "a")
    assert again.checked[3] is None, "a row without text asks for nothing"


def test_a_column_that_a_person_named_is_remembered_for_the_team_alone(studio: Studio) -> None:
    draft = opened(studio, ("식빵", "a"))
    assert draft.fields == ["product_description", None]
    drafts.set_fields(studio, draft, {0: None, 1: "product_description"})
    assert opened(studio, ("식빵", "a")).fields == [None, "product_description"]
    other = drafts.create(studio, "rival", sheet(("제품", "설명서"), ("식빵", "a")))
    assert other.fields == ["product_description", None]


def test_a_field_moves_to_the_column_that_was_named_last(studio: Studio) -> None:
    draft = opened(studio, ("식빵", "통밀 식빵"))
    drafts.set_fields(studio, draft, {1: "product_description"})
    assert draft.fields == [None, "product_description"]
    assert [row.brief.product_description for row in draft.requests()] == ["통밀 식빵"]


def test_what_is_started_leaves_the_rows_with_mistakes(studio: Studio) -> None:
    draft = opened(studio, ("식빵", ""), ("", "b"))
    drafts.keep_unfinished(studio, draft)
    assert (draft.good, draft.wrong) == ([], [1])
    with studio.database.tenant("acme") as db:
        assert [(waiting.name, waiting.rows) for waiting in store.waiting(db, "acme")] == [("빵.csv", 1)]
    drafts.edit(studio, draft, {1: {0: "소금빵"}})
    drafts.keep_unfinished(studio, draft)
    with pytest.raises(DraftNotFound):
        drafts.load(studio, "acme", draft.draft_id)


def test_a_draft_of_another_team_and_one_that_is_gone_are_not_found(studio: Studio) -> None:
    draft = opened(studio, ("식빵", ""))
    for tenant, draft_id in (("rival", draft.draft_id), ("acme", uuid.uuid4())):
        with pytest.raises(DraftNotFound):
            drafts.load(studio, tenant, draft_id)
    drafts.discard(studio, "rival", draft.draft_id)
    assert drafts.load(studio, "acme", draft.draft_id).good == [0]


def test_an_empty_table_has_a_column_for_each_field_and_asks_for_nothing_yet(studio: Studio) -> None:
    draft = drafts.create_blank(studio, "acme", [str(number) for number in range(len(FIELDS))], defaults=DEFAULTS)
    assert (draft.good, draft.wrong) == ([], [])
    drafts.edit(studio, draft, {3: {draft.fields.index("product_description"): "식빵"}})
    assert draft.good == [3]


def test_a_file_of_headings_alone_is_no_draft(studio: Studio) -> None:
    with pytest.raises(SheetWithoutRows):
        opened(studio)


def test_what_another_tab_changed_meanwhile_stays(studio: Studio) -> None:
    draft = opened(studio, ("식빵", "a"), ("", "b"), ("크림빵", "c"))
    other = drafts.load(studio, "acme", draft.draft_id)
    drafts.keep_unfinished(studio, other)
    drafts.edit(studio, draft, {1: {0: "소금빵"}})
    assert draft.good == [1], "the rows that the other tab started are not started again"
    drafts.set_defaults(studio, other, {"store_information": "온기"})
    drafts.set_fields(studio, draft, {1: "reference"})
    drafts.leave_out(studio, other, [1], out=True)
    for each in (other, drafts.load(studio, "acme", draft.draft_id)):
        assert (each.left_out, each.cells, each.fields[1]) == ({0, 1, 2}, {1: {0: "소금빵"}}, "reference")
        assert each.defaults["store_information"] == "온기"


def test_a_draft_that_another_tab_ended_takes_no_change(studio: Studio) -> None:
    draft = opened(studio, ("식빵", "a"))
    drafts.keep_unfinished(studio, drafts.load(studio, "acme", draft.draft_id))
    changes: list[Callable[[], None]] = [
        lambda: drafts.edit(studio, draft, {0: {0: "소금빵"}}),
        lambda: drafts.leave_out(studio, draft, [0], out=True),
        lambda: drafts.set_defaults(studio, draft, {"store_information": "온기"}),
        lambda: drafts.set_fields(studio, draft, {1: "reference"}),
    ]
    for change in changes:
        with pytest.raises(DraftNotFound):
            change()
