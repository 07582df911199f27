"""Counts after posting: matched by id, permalink or text; what nobody knows is unknown, and not 0."""

from __future__ import annotations

import csv
import io
import uuid

import pytest

from lib.batches import sheet_reader
from lib.batches.sheet_reader import SheetRow
from lib.domain import errors
from lib.domain.brief import Brief
from lib.experiments import observations
from lib.experiments.observations import COUNTS
from lib.feeds import deletion
from lib.store.experiments import feed_results
from lib.store.experiments.feed_results import FeedResult, Written
from lib.studio import Studio
from tests.support.experimenting import experiment_of


@pytest.fixture
def experiment_id(studio: Studio, brief: Brief) -> uuid.UUID:
    return experiment_of(studio, brief, briefs=2)


def lines_of(*lines: list[str]) -> list[SheetRow]:
    """Lines of a file, the first of which is the third: nothing, and a title, stand above them."""
    return [SheetRow(number, tuple(line)) for number, line in enumerate(lines, 3)]


def counts_of(studio: Studio, experiment_id: uuid.UUID) -> list[tuple[int | None, ...]]:
    """The counts of each caption in the order of :data:`COUNTS`."""
    return [tuple(getattr(result, name) for name in COUNTS) for _, result in captions(studio, experiment_id)]


def captions(studio: Studio, experiment_id: uuid.UUID) -> list[tuple[Written, FeedResult]]:
    return observations.captions(studio, "acme", experiment_id)


def test_lines_are_matched_by_id_permalink_or_text(studio: Studio, experiment_id: uuid.UUID) -> None:
    [first, second, third, _] = [caption for caption, _ in captions(studio, experiment_id)]
    link = "https://www.instagram.com/p/CxYz_12-3/"
    observations.record(studio, "acme", [FeedResult(second.feed_id, permalink=link)], person="민지")
    lines = lines_of(
        ["글 ID", "링크", "본문", "좋아요", "저장", "도달"],
        [str(first.feed_id).upper(), "", "", "1,204", "12.0", ""],
        ["", "http://instagram.com/p/CxYz_12-3?igsh=a", "", "0", "", "３５"],
        ["", "", f" {third.instagram_ad_copy}\n", "7", "", ""],
        ["", "", "", "", "", ""],
        ["", "https://www.instagram.com/p/other/", "", "9", "", ""],
    )
    imported = observations.take(studio, "acme", experiment_id, lines, person="하나")
    assert (imported.taken, imported.unmatched) == (3, (8,))
    results = {caption.feed_id: result for caption, result in captions(studio, experiment_id)}
    assert (results[first.feed_id].likes, results[first.feed_id].saves, results[first.feed_id].reach) == (
        1204,
        12,
        None,
    )
    assert (results[second.feed_id].likes, results[second.feed_id].reach) == (0, 35)
    assert results[third.feed_id].likes == 7


BUSINESS_SUITE = {
    "en": "Post ID,Account ID,Account username,Description,Duration (sec),Publish time,Permalink,Post type,"
    "Data comment,Date,Views,Reach,Likes,Shares,Follows,Comments,Saves",
    "ko": "게시물 ID,계정 ID,계정 사용자 이름,설명,길이(초),게시 시간,고유 링크,게시물 유형,"
    "데이터 댓글,날짜,조회,도달,좋아요,공유,팔로우,댓글,저장",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_export_of_instagrams_own_is_taken_as_it_is(
    studio: Studio, experiment_id: uuid.UUID, language: str, encoding: str
) -> None:
    """Texts have their hashtags behind them there, which the app keeps apart, and line breaks of their own."""
    rows = [caption for caption, _ in captions(studio, experiment_id)]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(BUSINESS_SUITE[language].split(","))
    for number, caption in enumerate(rows):
        text = f"{caption.instagram_ad_copy}\r\n\r\n{caption.hashtags}"
        before = [
            f"1800{number}",
            "17",
            "bakery",
            text,
            "0",
            "11/24/2026 09:00",
            f"https://www.instagram.com/p/C{number}/",
        ]
        writer.writerow([*before, "IG image", "", "Lifetime", "1.2만", "3,456", "1.2천", "3", "", "0", "모름"])
    sheet = sheet_reader.read(file.getvalue().encode(encoding, "ignore"), "export.csv")
    imported = observations.take(studio, "acme", experiment_id, sheet.rows, person="하나")
    assert (imported.taken, imported.unmatched) == (len(rows), ())
    assert counts_of(studio, experiment_id) == [(1_200, None, 0, 3_456)] * len(rows)
    assert [result.permalink for _, result in captions(studio, experiment_id)][1] == "https://www.instagram.com/p/C1/"


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("0", 0),
        ("1,204", 1_204),
        ("1 204", 1_204),
        ("12.0", 12),
        ("1.2만", 12_000),
        ("1만 2,345", 12_345),
        ("2천", 2_000),
        ("1.05억", 105_000_000),
        ("3.4K", 3_400),
        ("1.2m", 1_200_000),
        ("３５회", 35),
        ("100+", 100),
        ("-", None),
        ("N/A", None),
        ("알 수 없음", None),
    ],
)
def test_counts_are_read_as_people_write_them(
    studio: Studio, experiment_id: uuid.UUID, cell: str, count: int | None
) -> None:
    [(first, _), *_] = captions(studio, experiment_id)
    lines = lines_of(["id", "likes", "reach"], [str(first.feed_id), cell, "1"])
    observations.take(studio, "acme", experiment_id, lines, person=None)
    assert counts_of(studio, experiment_id)[0] == (count, None, None, 1)


def test_a_count_can_be_said_to_be_unknown_again_and_goes_with_its_caption(
    studio: Studio, experiment_id: uuid.UUID
) -> None:
    [(first, _), *_] = captions(studio, experiment_id)
    observations.record(studio, "acme", [FeedResult(first.feed_id, likes=10, saves=2)], person=None)
    observations.record(studio, "acme", [FeedResult(first.feed_id, saves=3)], person=None, whole=True)
    assert counts_of(studio, experiment_id)[0] == (None, 3, None, None)
    deletion.delete(studio, "acme", first.feed_id)
    with studio.database.tenant("acme") as db:
        assert feed_results.of_feeds(db, "acme", [first.feed_id]) == {}


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
        [["text", "likes"], ["x", "3"], ["y", "1.5"]],
        [["text", "likes"], ["x", "3"], ["y", "1,23"]],
        [["text", "likes"], ["x", "3"], ["y", "9999999999"]],
        [["text", "likes"], ["x", "3"], ["y", "2026-11-29"]],
        [["text", "likes"], ["x", "3"], ["x", "4"]],  # by day: which of them counts?
    ],
)
def test_a_file_without_what_is_needed_changes_nothing(
    studio: Studio, experiment_id: uuid.UUID, lines: list[list[str]]
) -> None:
    known = [caption.instagram_ad_copy for caption, _ in captions(studio, experiment_id)]
    filled = [[{"x": known[0], "y": known[1]}.get(cell, cell) for cell in line] for line in lines]
    with pytest.raises(errors.InvalidExperiment):
        observations.take(studio, "acme", experiment_id, lines_of(*filled), person=None)
    assert all(result.likes is None for _, result in captions(studio, experiment_id))


def test_another_team_neither_reads_nor_writes_counts(studio: Studio, experiment_id: uuid.UUID) -> None:
    [(first, _), *_] = captions(studio, experiment_id)
    with pytest.raises(errors.FeedNotFound):
        observations.record(studio, "globex", [FeedResult(first.feed_id, likes=1)], person=None)
    with pytest.raises(errors.ExperimentNotFound):
        observations.captions(studio, "globex", experiment_id)
    with pytest.raises(errors.InvalidExperiment):
        observations.record(studio, "acme", [FeedResult(first.feed_id, likes=-1)], person=None)
