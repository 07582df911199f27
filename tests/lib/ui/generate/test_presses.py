"""What a press of the generate page does, from its values alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st

from lib.domain.errors import FeedNotFound, InvalidBrief, RunNotFound
from lib.studio import Studio
from lib.ui.components.press.press import Press
from lib.ui.core.addresses import GenerateAddress
from lib.ui.feed import editor
from lib.ui.feed.findings import CHANGE
from lib.ui.generate import presses

Sql = Callable[..., list[tuple[Any, ...]]]

VALUES = {
    "product_description": "통밀 식빵", "refined_ad_copy_eng": "Slow bread.", "tone_style": "calm",
    "store_information": "", "gpt_prompt": "short lines", "language": "en", "variants": "2",
    "model": "demo", "temperature": "0.5", "max_tokens": "900", "job_id": " ", "overlay_id": "",
}  # fmt: skip


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[uuid.UUID | None]]:
    """What the presses have shown, in order; None: nothing."""
    shown: list[uuid.UUID | None] = []
    monkeypatch.setattr(GenerateAddress, "show", lambda address: shown.append(address.run or address.feed))
    yield shown
    st.session_state.pop(presses.LAST_BRIEF, None)


def press(action: str, **values: Any) -> Press:
    return Press(uuid.uuid4(), "my-team", action, values)


def written(studio: Studio) -> None:
    studio.page_threads.shutdown(wait=True)


def test_a_brief_is_written_in_each_variant_under_the_id_of_the_press(
    studio: Studio, shown: list[uuid.UUID | None], as_owner: Sql
) -> None:
    pressed = press(presses.WRITE, **VALUES)
    presses.write(studio, pressed)
    written(studio)
    rows = as_owner("SELECT run_id::text, idempotency_key, options FROM studio_generations ORDER BY variant")
    assert [row[:2] for row in rows] == [
        (str(pressed.press_id), f"page:{pressed.press_id}:{variant}") for variant in (1, 2)
    ]
    options = {"model": "demo", "language": "en", "temperature": 0.5, "max_tokens": 900}
    assert options.items() <= rows[0][2].items()
    assert set(shown) == {pressed.press_id}


def test_every_problem_of_brief_and_options_is_said_at_once_and_nothing_is_recorded(
    studio: Studio, shown: list[uuid.UUID | None], as_owner: Sql
) -> None:
    wrong = {"tone_style": " ", "temperature": "warm", "max_tokens": "1", "variants": "9", "job_id": "7"}
    with pytest.raises(InvalidBrief) as raised:
        presses.write(studio, press(presses.WRITE, **(VALUES | wrong)))
    assert {problem.field for problem in raised.value.problems} == {
        "tone_style", "temperature", "variants", "job_id", "max_tokens",
    }  # fmt: skip
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]
    assert shown == []


def test_a_failed_generation_is_written_again_and_only_by_its_own_team(
    studio: Studio, shown: list[uuid.UUID | None], as_owner: Sql
) -> None:
    presses.write(studio, press(presses.WRITE, **(VALUES | {"variants": "1"})))
    [(generation_id,)] = as_owner("SELECT generation_id::text FROM studio_generations")
    stranger = Press(uuid.uuid4(), "rival", presses.AGAIN, {"generation_id": generation_id})
    with pytest.raises(RunNotFound):
        presses.again(studio, stranger)
    again = press(presses.AGAIN, generation_id=generation_id)
    presses.again(studio, again)
    written(studio)
    assert as_owner("SELECT count(*), count(DISTINCT fingerprint) FROM studio_generations") == [(2, 1)]
    assert shown[-1] == again.press_id


@pytest.mark.parametrize("values", [{}, {"feed_id": "x"}, {"feed_id": None}, {"feed_id": str(uuid.uuid4())}])
def test_a_change_of_a_feed_that_is_not_there_is_refused(
    studio: Studio, shown: list[uuid.UUID | None], values: dict[str, Any]
) -> None:
    with pytest.raises(FeedNotFound):
        presses.change(studio, press(CHANGE, **values))
    assert shown == []


def test_a_run_a_feed_or_neither_is_shown(studio: Studio, shown: list[uuid.UUID | None]) -> None:
    run, feed = uuid.uuid4(), uuid.uuid4()
    presses.show(studio, press(presses.SHOW, run=str(run)))
    presses.show(studio, press(presses.SHOW, feed=str(feed)))
    presses.show(studio, press(presses.SHOW))
    assert shown == [run, feed, None]
    with pytest.raises(RunNotFound):
        presses.show(studio, press(presses.SHOW, run="x"))


def test_the_page_has_a_handler_for_each_of_its_actions(studio: Studio) -> None:
    own = {presses.WRITE, CHANGE, presses.AGAIN, presses.SHOW}
    assert presses.handlers(studio).keys() == own | set(editor.ACTIONS)
