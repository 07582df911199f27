"""Each press of the page does one thing to the batch that it names, for its team alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.domain.errors import BatchNotFound, InvalidBatch, StudioError
from lib.store.batches import batches
from lib.studio import Studio
from lib.ui.batches import presses
from lib.ui.components.press.press import Press
from tests.conftest import RunSql
from tests.support.batching import batch_of

Open = Callable[..., Any]


def press(action: str, team: str = "acme", **values: Any) -> Press:
    return Press(uuid.uuid4(), team, action, values)


def test_a_batch_is_paused_limited_resumed_and_cancelled(studio: Studio) -> None:
    batch_id = batch_of(studio, 2)
    handlers = presses.handlers(studio)
    for action, status in (
        (presses.PAUSE, "paused"),
        (presses.LIMIT, "paused"),
        (presses.RESUME, "queued"),
        (presses.CANCEL, "cancelled"),
    ):
        handlers[action](press(action, batch_id=str(batch_id), limit_usd="3.5"))
        with studio.database.tenant("acme") as db:
            assert batches.get(db, "acme", batch_id).status == status
    with studio.database.tenant("acme") as db:
        assert str(batches.get(db, "acme", batch_id).limit_usd) == "3.500000000"


@pytest.mark.parametrize(
    "action", [presses.PAUSE, presses.RESUME, presses.CANCEL, presses.RETRY, presses.LIMIT, presses.RUN]
)
def test_a_press_for_what_the_team_does_not_have_is_refused(studio: Studio, action: str) -> None:
    batch_id = str(batch_of(studio, 1))
    for values in ({"batch_id": batch_id, "draft_id": batch_id}, {"batch_id": "nonsense"}, {}):
        with pytest.raises(StudioError):
            presses.handlers(studio)[action](press(action, "rival", **values))


@pytest.mark.parametrize("text", ["viel", "-1", "0", "NaN", "1e99", "Infinity"])
def test_a_limit_that_is_no_amount_is_refused(studio: Studio, text: str) -> None:
    with pytest.raises(InvalidBatch):
        presses.limit(studio, press(presses.LIMIT, batch_id=str(batch_of(studio, 1)), limit_usd=text))
    with pytest.raises(BatchNotFound):
        presses.limit(studio, press(presses.LIMIT, batch_id="x", limit_usd="1"))


def test_failed_rows_are_tried_again_by_a_press_and_the_page_says_how_many(
    open_batches: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id = batch_of(studio, 3)
    as_owner("UPDATE studio_batch_rows SET status = 'failed', error_code = 'refused', finished_at = now()")
    page = open_batches(batch=batch_id)
    page.click("retry_failed")
    assert "3행을 다시 써요" in page.told("toast")
    assert as_owner("SELECT DISTINCT status FROM studio_batch_rows") == [("waiting",)]
