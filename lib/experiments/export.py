"""An experiment as a workbook: every vote, every pair and every caption, a sheet each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from lib.experiments import observations
from lib.experiments.observations import COUNTS
from lib.exports.xlsx_file import Table
from lib.store.experiments import definitions
from lib.store.experiments import judging as store
from lib.studio import Studio

VOTES = ("pair", "person", "choice", "reasons", "counts")
PAIRS = ("pair", "brief", "first_variant", "second_variant", "first_feed", "second_feed", "result", "closed_at")
FEEDS = ("feed", "brief", "variant", "caption", "hashtags", "status", "ai_generated")


def tables(studio: Studio, tenant_id: str, experiment_id: uuid.UUID, headings: Mapping[str, str]) -> list[Table]:
    """The sheets of the workbook. Raises ``ExperimentNotFound``.

    ``headings`` has the reader's word for each column of the sheets, for their names, for ``value_first`` and its
    siblings, for each status and count, and ``value_cut``.
    """
    with studio.database.tenant(tenant_id) as db:
        definitions.get(db, tenant_id, experiment_id)
        votes = store.votes(db, tenant_id, experiment_id)
        pairs = store.pairs(db, tenant_id, experiment_id)
    yes_no = {True: headings["value_yes"], False: headings["value_no"]}
    of_votes = [
        [str(pair.pair_id), person, headings[f"value_{choice}"], ", ".join(reasons), yes_no[counts]]
        for pair, person, choice, reasons, counts in votes
    ]
    of_pairs = [
        [
            str(pair.pair_id),
            pair.brief_key,
            pair.first_variant,
            pair.second_variant,
            str(pair.first_feed_id),
            str(pair.second_feed_id),
            headings[f"value_{pair.result or 'open'}"],
            pair.closed_at and pair.closed_at.astimezone(dt.UTC).replace(tzinfo=None),
        ]
        for pair in pairs
    ]
    of_feeds = [
        [
            str(caption.feed_id),
            caption.brief,
            caption.variant,
            caption.instagram_ad_copy,
            caption.hashtags,
            headings.get(caption.status, caption.status),
            headings["value_yes"],
            *(getattr(result, name) for name in COUNTS),
        ]
        for caption, result in observations.captions(studio, tenant_id, experiment_id)
    ]
    note = headings["value_cut"]
    return [
        Table(headings["votes"], [headings[name] for name in VOTES], of_votes, note),
        Table(headings["pairs"], [headings[name] for name in PAIRS], of_pairs, note),
        Table(headings["feeds"], [headings[name] for name in (*FEEDS, *COUNTS)], of_feeds, note, {3: 60, 4: 30}),
    ]
