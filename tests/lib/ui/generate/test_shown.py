"""What the generate page has read of a run, while the thread that writes it goes on."""

from __future__ import annotations

import uuid
from typing import get_args

import pytest

from lib.domain.brief import Brief
from lib.domain.progress import Phase, Progress
from lib.generation import generate
from lib.store import generations
from lib.studio import Studio
from lib.ui.generate.shown import Shown, Variant, Watch, phase_line
from tests.support import generating
from tests.support.outage import database_away

BRIEF = Brief("my-team", "Slow bread.", "calm", "whole-wheat bread", "Ongi", "short lines")


@pytest.fixture
def prepared(studio: Studio) -> generate.Prepared:
    """A generation on record that nobody has begun to write."""
    return generating.recorded(studio, BRIEF, source="page", run_id=uuid.uuid4())


def shown_of(studio: Studio, prepared: generate.Prepared) -> Shown:
    with studio.database.tenant("my-team") as db:
        [row] = generations.of_run(db, "my-team", prepared.progress.run_id)
    return Shown("my-team", row.run_id, (Variant(row, prepared.progress, prepared.progress.phase),))


@pytest.mark.parametrize("phase", get_args(Phase))
def test_each_phase_has_words_also_when_the_thread_is_over_before_the_row_is_read(
    prepared: generate.Prepared, studio: Studio, phase: Phase
) -> None:
    row = shown_of(studio, prepared).variants[0].generation
    assert phase_line(Variant(row, prepared.progress, phase), prepared.progress)
    generate.execute(studio, prepared)


def test_the_phase_that_was_read_is_drawn_though_the_thread_moves_on(
    prepared: generate.Prepared, studio: Studio
) -> None:
    shown = shown_of(studio, prepared)
    [variant] = shown.running
    before = phase_line(variant, prepared.progress)
    generate.execute(studio, prepared)
    assert phase_line(variant, prepared.progress) == before


def test_a_watch_gives_first_what_the_page_has_read_and_then_what_is_there(
    prepared: generate.Prepared, studio: Studio
) -> None:
    watch = Watch(studio, shown_of(studio, prepared))
    generate.execute(studio, prepared)
    assert watch.look().running, "form and preview draw the same, whatever ends in between"
    after = watch.look()
    assert (after.is_finished, after.running) == (True, [])
    assert after.variants[0].generation.instagram_feed_id


def test_a_watch_reads_no_row_while_this_process_writes(prepared: generate.Prepared, studio: Studio) -> None:
    watch = Watch(studio, shown_of(studio, prepared))
    with database_away(studio):
        watch.look()
        assert watch.look().error is None
    generate.execute(studio, prepared)


def test_a_watch_keeps_what_it_has_read_while_the_database_is_away(prepared: generate.Prepared, studio: Studio) -> None:
    watch = Watch(studio, shown_of(studio, prepared))
    watch.look()
    generate.execute(studio, prepared)
    with database_away(studio):
        away = watch.look()
    assert away.error is not None
    assert len(away.variants) == 1
    assert not away.is_finished
    assert watch.look().is_finished


def test_a_progress_counts_only_while_the_row_is_unfinished(prepared: generate.Prepared, studio: Studio) -> None:
    shown = shown_of(studio, prepared)
    row = shown.variants[0].generation
    generate.execute(studio, prepared)
    studio.running[row.generation_id] = Progress(row.run_id)  # the thread has not left the list yet
    watch = Watch(studio, shown_of(studio, prepared))
    watch.look()
    assert watch.look().running == []
    studio.running.clear()
