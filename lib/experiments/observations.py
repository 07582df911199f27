"""How an experiment's captions did after they were posted: beside the votes, and with no verdict drawn from it.

Reach decides on likes more than the words do, and who sees a post is Instagram's choice, not chance.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.domain.errors import FeedNotFound, InvalidExperiment, Problem
from lib.store import feeds
from lib.store.experiments import definitions, feed_results
from lib.store.experiments.feed_results import FeedResult, Written
from lib.studio import Studio

COUNTS = ("likes", "saves", "comments", "reach")
MOST_CAPTIONS = 2_000
"""Captions of an experiment whose counts are shown and matched."""
MOST_COUNT = 2_000_000_000
MAX_PERMALINK = 500

HEADINGS: dict[str, tuple[str, ...]] = {
    "id": ("id", "instagram_feed_id", "feed_id", "글 id", "글 번호"),
    "permalink": ("permalink", "link", "url", "링크", "주소", "게시물 링크"),
    "text": ("text", "caption", "instagram_ad_copy", "description", "글", "본문", "설명"),
    "likes": ("likes", "like", "좋아요"),
    "saves": ("saves", "saved", "save", "저장"),
    "comments": ("comments", "comment", "댓글"),
    "reach": ("reach", "accounts reached", "도달", "도달한 계정"),
}
"""Headings of an imported file, in lower case, by what they mean."""


@dataclass(frozen=True)
class Imported:
    """What became of an imported file: how many lines were taken, and the numbers of those that no caption matches."""

    taken: int
    unmatched: tuple[int, ...]


@dataclass(frozen=True)
class Observed:
    """The counts of a variant's captions together."""

    variant: int
    captions: int
    means: Mapping[str, float | None]
    """By count: the mean over the captions of which it is known; None where it is known of none."""
    covered: Mapping[str, int]
    """By count: of how many captions it is known."""


def captions(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> list[tuple[Written, FeedResult]]:
    """The experiment's captions with their counts. Raises ``ExperimentNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        definitions.get(db, tenant_id, experiment_id)
        rows = feed_results.written(db, tenant_id, experiment_id, MOST_CAPTIONS)
        results = feed_results.of_feeds(db, tenant_id, [row.feed_id for row in rows])
    return [(row, results.get(row.feed_id, FeedResult(row.feed_id))) for row in rows]


def by_variant(rows: Iterable[tuple[Written, FeedResult]]) -> list[Observed]:
    """What is known of each variant, by its number."""
    variants: dict[int, list[FeedResult]] = {}
    for caption, result in rows:
        variants.setdefault(caption.variant, []).append(result)
    observed = []
    for variant, results in sorted(variants.items()):
        values = {name: [getattr(each, name) for each in results if getattr(each, name) is not None] for name in COUNTS}
        means = {name: sum(counts) / len(counts) if counts else None for name, counts in values.items()}
        covered = {name: len(counts) for name, counts in values.items()}
        observed.append(Observed(variant, len(results), means, covered))
    return observed


def record(studio: Studio, tenant_id: str, results: Sequence[FeedResult], *, person: str | None) -> None:
    """Store counts that somebody typed, all or none. Raises ``InvalidExperiment`` and ``FeedNotFound``."""
    problems = [problem for result in results for problem in _problems(result)]
    if problems:
        raise InvalidExperiment(problems)
    with studio.database.tenant(tenant_id) as db:
        for result in sorted(results, key=lambda each: each.feed_id):
            feeds.lock(db, tenant_id, result.feed_id)
            feed_results.put(db, tenant_id, replace(result, person=person))


def take(
    studio: Studio, tenant_id: str, experiment_id: uuid.UUID, lines: Sequence[Sequence[str]], *, person: str | None
) -> Imported:
    """Store the counts of a file's lines, the first of which has the headings; an empty cell is unknown.

    A line is the caption of its id, of its permalink where one was stored before, or of its text. Raises
    ``InvalidExperiment`` without a heading to match by or a count, and ``ExperimentNotFound``.
    """
    places = _places(lines[0] if lines else ())
    if not places.keys() & {"id", "permalink", "text"} or not places.keys() & set(COUNTS):
        raise InvalidExperiment([Problem("file", "no_counts")])
    rows = captions(studio, tenant_id, experiment_id)
    by_id = {str(caption.feed_id): caption.feed_id for caption, _ in rows}
    by_link = {_link(result.permalink): caption.feed_id for caption, result in rows if result.permalink}
    by_text: dict[str, list[uuid.UUID]] = {}
    for caption, _ in rows:
        by_text.setdefault(_words(caption.instagram_ad_copy), []).append(caption.feed_id)
    results, unmatched = [], []
    for number, line in enumerate(lines[1:], 2):
        cells = {name: line[place].strip() for name, place in places.items() if place < len(line)}
        if not any(cells.values()):
            continue
        same_text = by_text.get(_words(cells.get("text", "")), [])
        feed_id = (
            by_id.get(cells.get("id", "").lower())
            or by_link.get(_link(cells.get("permalink", "")))
            or (same_text[0] if len(same_text) == 1 else None)
        )
        if feed_id is None:
            unmatched.append(number)
            continue
        counts: dict[str, Any] = {name: _count(cells.get(name, ""), number, name) for name in COUNTS}
        results.append(FeedResult(feed_id, permalink=cells.get("permalink") or None, **counts))
    try:
        record(studio, tenant_id, results, person=person)
    except FeedNotFound:  # deleted since it was matched: nothing was stored
        return Imported(0, tuple(range(2, len(lines) + 1)))
    return Imported(len(results), tuple(unmatched))


def _places(headings: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        plain = unicodedata.normalize("NFC", heading).strip().lower()
        for name, spellings in HEADINGS.items():
            if plain in spellings:
                places.setdefault(name, place)
    return places


def _count(text: str, line: int, field: str) -> int | None:
    """A count as spreadsheets write it: ``1,204`` or ``12.0``. Raises ``InvalidExperiment`` for what is none."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not plain:
        return None
    if not re.fullmatch(r"\d{1,10}(\.0+)?", plain) or int(plain.partition(".")[0]) > MOST_COUNT:
        raise InvalidExperiment([Problem(field, "no_count", {"line": line, "value": text[:40]})])
    return int(plain.partition(".")[0])


def _problems(result: FeedResult) -> Iterable[Problem]:
    for name in COUNTS:
        value = getattr(result, name)
        if value is not None and not 0 <= value <= MOST_COUNT:
            yield Problem(name, "out_of_range", {"least": 0, "most": MOST_COUNT})
    if len(result.permalink or "") > MAX_PERMALINK:
        length = len(result.permalink or "")
        yield Problem("permalink", "too_long", {"length": length, "most": MAX_PERMALINK})


def _link(address: str | None) -> str:
    """The part of a permalink that names the post: its short code; else the address without scheme and query."""
    plain = (address or "").strip().partition("?")[0].rstrip("/")
    code = re.search(r"/(?:p|reel|tv)/([\w-]+)", plain)
    return code[1] if code else re.sub(r"^https?://(www\.)?", "", plain)


def _words(text: str) -> str:
    """The text as it is compared: composed, in single blanks, without what a spreadsheet may add at its ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())
