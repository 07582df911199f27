"""The workbook of an experiment holds every vote, pair and caption, and no formula of anybody's."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from lib.domain.brief import Brief
from lib.domain.errors import ExperimentNotFound
from lib.experiments import export, judging
from lib.exports import xlsx_file
from lib.i18n import words
from lib.studio import Studio
from tests.support.experimenting import experiment_of


def headings() -> dict[str, str]:
    return (
        words.listed("en", "export")
        | words.listed("en", "status")
        | words.listed("en", "experiment_export")
        | {name: name for name in ("likes", "saves", "comments", "reach")}
    )


def test_votes_pairs_and_captions_are_a_sheet_each(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=2)
    pair = judging.next_pair(studio, "acme", experiment_id, "=1+1")
    assert pair is not None
    judging.vote(studio, "acme", pair.pair_id, "=1+1", "tie", ["clear"])
    file = io.BytesIO()
    xlsx_file.write_tables(file, export.tables(studio, "acme", experiment_id, headings()))
    file.seek(0)
    book = CalamineWorkbook.from_object(file)
    votes, pairs, feeds = (book.get_sheet_by_name(name).to_python() for name in ("Votes", "Pairs", "Captions"))
    assert votes[1] == [str(pair.pair_id), "=1+1", "tie", "clear", "yes"]
    assert sorted(row[6] for row in pairs[1:]) == ["open", "tie"]
    assert [len(feeds), {row[2] for row in feeds[1:]}] == [5, {1.0, 2.0}]
    with pytest.raises(ExperimentNotFound):
        export.tables(studio, "globex", experiment_id, headings())
