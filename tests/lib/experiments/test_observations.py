"""Counts after posting: matched by id, permalink or text; what nobody knows is unknown, and not 0."""

from __future__ import annotations

import uuid

import pytest

from lib.domain import errors
from lib.domain.brief import Brief
from lib.experiments import observations
from lib.store.experiments.feed_results import FeedResult, Written
from lib.studio import Studio
from tests.support.experimenting import experiment_of


@pytest.fixture
def experiment_id(studio: Studio, brief: Brief) -> uuid.UUID:
    return experiment_of(studio, brief, briefs=2)


def captions(studio: Studio, experiment_id: uuid.UUID) -> list[tuple[Written, FeedResult]]:
    return observations.captions(studio, "acme", experiment_id)


def test_lines_are_matched_by_id_permalink_or_text(studio: Studio, experiment_id: uuid.UUID) -> None:
    [first, second, third, _] = [caption for caption, _ in captions(studio, experiment_id)]
    link = "https://www.instagram.com/p/CxYz_12-3/"
    observations.record(studio, "acme", [FeedResult(second.feed_id, permalink=link)], person="민지")
    lines = [
        ["글 ID", "링크", "본문", "좋아요", "저장", "도달"],
        [str(first.feed_id).upper(), "", "", "1,204", "12.0", ""],
        ["", "http://instagram.com/p/CxYz_12-3?igsh=a", "", "0", "", "３５"],
        ["", "", f" {third.instagram_ad_copy}\n", "7", "", ""],
        ["", "", "", "", "", ""],
        ["", "https://www.instagram.com/p/other/", "", "9", "", ""],
    ]
    imported = observations.take(studio, "acme", experiment_id, lines, person="하나")
    assert (imported.taken, imported.unmatched) == (3, (6,))
    results = {caption.feed_id: result for caption, result in captions(studio, experiment_id)}
    assert (results[first.feed_id].likes, results[first.feed_id].saves, results[first.feed_id].reach) == (
        1204,
        12,
        None,
    )
    assert (results[second.feed_id].likes, results[second.feed_id].reach) == (0, 35)
    assert results[third.feed_id].likes == 7


def test_what_is_unknown_is_in_no_mean(studio: Studio, experiment_id: uuid.UUID) -> None:
    [first, *_] = [caption for caption, _ in captions(studio, experiment_id)]
    observations.record(studio, "acme", [FeedResult(first.feed_id, likes=10)], person=None)
    observations.record(studio, "acme", [FeedResult(first.feed_id, saves=0)], person=None)  # likes stay
    [one, two] = observations.by_variant(captions(studio, experiment_id))
    assert (one.means["likes"], one.covered["likes"], one.captions) == (10, 1, 2)
    assert (one.means["saves"], one.means["reach"], two.means["likes"]) == (0, None, None)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [["좋아요"], ["3"]],
        [["id", "이름"], ["x", "y"]],
        [["text", "likes"], ["x", "3"], ["y", "-1"]],
    ],
)
def test_a_file_without_what_is_needed_changes_nothing(
    studio: Studio, experiment_id: uuid.UUID, lines: list[list[str]]
) -> None:
    known = [caption.instagram_ad_copy for caption, _ in captions(studio, experiment_id)]
    filled = [[{"x": known[0], "y": known[1]}.get(cell, cell) for cell in line] for line in lines]
    with pytest.raises(errors.InvalidExperiment):
        observations.take(studio, "acme", experiment_id, filled, person=None)
    assert all(result.likes is None for _, result in captions(studio, experiment_id))


def test_another_team_neither_reads_nor_writes_counts(studio: Studio, experiment_id: uuid.UUID) -> None:
    [(first, _), *_] = captions(studio, experiment_id)
    with pytest.raises(errors.FeedNotFound):
        observations.record(studio, "globex", [FeedResult(first.feed_id, likes=1)], person=None)
    with pytest.raises(errors.ExperimentNotFound):
        observations.captions(studio, "globex", experiment_id)
    with pytest.raises(errors.InvalidExperiment):
        observations.record(studio, "acme", [FeedResult(first.feed_id, likes=-1)], person=None)
