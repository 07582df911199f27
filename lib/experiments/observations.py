"""How an experiment's captions did after they were posted: beside the votes, and with no verdict drawn from it.

Reach decides on likes more than the words do, and who sees a post is Instagram's choice, not chance.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from lib.batches import columns
from lib.batches.sheet_reader import SheetRow
from lib.domain.errors import FeedNotFound, InvalidExperiment, Problem
from lib.store import feeds
from lib.store.experiments import definitions, feed_results
from lib.store.experiments.feed_results import FeedResult, Written
from lib.studio import Studio

COUNTS = ("likes", "saves", "comments", "reach")
MOST_SHOWN = 2_000
"""Captions of an experiment whose counts are shown at once."""
MOST_COUNT = 2_000_000_000
MAX_PERMALINK = 500

# The names that Meta's Business Suite and Instagram's Graph API use are among them, in Korean and English.
HEADINGS: dict[str, tuple[str, ...]] = {
    "id": ("id", "instagram_feed_id", "feed id", "caption id", "글 id", "글 번호"),
    "permalink": ("permalink", "link", "url", "post url", "링크", "주소", "고유 링크", "퍼머링크", "게시물 링크"),
    "text": ("text", "caption", "instagram_ad_copy", "description", "글", "본문", "설명", "캡션", "문구"),
    "likes": ("likes", "like", "like count", "likes count", "좋아요", "좋아요 수"),
    "saves": ("saves", "saved", "save", "saves count", "저장", "저장 수", "저장됨"),
    "comments": ("comments", "comment", "comment count", "comments count", "댓글", "댓글 수"),
    "reach": ("reach", "accounts reached", "도달", "도달 수", "도달 범위", "도달한 계정"),
}
"""Headings of an imported file, by what they mean; blanks, signs, case and remarks in brackets do not matter."""
UNKNOWN = frozenset({"", "-", "–", "—", "?", "n/a", "na", "null", "none", "unknown", "모름", "알수없음"})
"""What a cell says that tells no count."""
_UNITS = {"억": 100_000_000, "만": 10_000, "천": 1_000, "b": 1_000_000_000, "m": 1_000_000, "k": 1_000}
_PART = re.compile(r"(\d+(?:\.\d+)?)([억만천bmk]?)")


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


def captions(
    studio: Studio, tenant_id: str, experiment_id: uuid.UUID, most: int | None = None
) -> list[tuple[Written, FeedResult]]:
    """The experiment's captions with their counts, oldest first. Raises ``ExperimentNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        definitions.get(db, tenant_id, experiment_id)
        rows = feed_results.written(db, tenant_id, experiment_id, most)
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


def record(
    studio: Studio, tenant_id: str, results: Sequence[FeedResult], *, person: str | None, whole: bool = False
) -> None:
    """Store counts, all or none.

    A count that is None stays as it was stored; with ``whole`` it is unknown from now on. Raises
    ``InvalidExperiment`` and ``FeedNotFound``.
    """
    problems = [problem for result in results for problem in _problems(result)]
    if problems:
        raise InvalidExperiment(problems)
    with studio.database.tenant(tenant_id) as db:
        for result in sorted(results, key=lambda each: each.feed_id):
            feeds.lock(db, tenant_id, result.feed_id)
            feed_results.put(db, tenant_id, replace(result, person=person), whole=whole)


def take(
    studio: Studio, tenant_id: str, experiment_id: uuid.UUID, lines: Sequence[SheetRow], *, person: str | None
) -> Imported:
    """Store the counts of a file's lines; an empty cell is unknown.

    The headings are in the line that has the most of them. A line is the caption of its id, of its permalink where one
    was stored before, or of its text, with or without its hashtags. Raises ``InvalidExperiment`` without a heading to
    match by or a count, for a cell that is none, and for two lines of one caption; and ``ExperimentNotFound``.
    """
    places, below = _table(lines)
    if not places.keys() & {"id", "permalink", "text"} or not places.keys() & set(COUNTS):
        raise InvalidExperiment([Problem("file", "no_counts")])
    find = _finder(captions(studio, tenant_id, experiment_id))
    results: dict[uuid.UUID, FeedResult] = {}
    first: dict[uuid.UUID, int] = {}
    unmatched, problems = [], []
    for line in below:
        cells = {name: line.cells[place].strip() for name, place in places.items() if place < len(line.cells)}
        if not any(cells.values()):
            continue
        feed_id = find(cells)
        if feed_id is None:
            unmatched.append(line.line)
            continue
        counts: dict[str, Any] = {}
        for name in COUNTS:
            try:
                counts[name] = _count(cells.get(name, ""))
            except ValueError:
                params = {"line": line.line, "value": cells[name][:40]}
                problems.append(Problem(name, "no_count", params))
        if feed_id in results:
            problems.append(Problem("file", "same_caption", {"line": line.line, "first": first[feed_id]}))
        first.setdefault(feed_id, line.line)
        results[feed_id] = FeedResult(feed_id, permalink=cells.get("permalink") or None, **counts)
    if problems:
        raise InvalidExperiment(problems)
    try:
        record(studio, tenant_id, list(results.values()), person=person)
    except FeedNotFound:  # deleted since it was matched: nothing was stored
        return Imported(0, tuple(line.line for line in below))
    return Imported(len(results), tuple(unmatched))


def _table(lines: Sequence[SheetRow]) -> tuple[dict[str, int], Sequence[SheetRow]]:
    """What the columns are, by what they mean, and the lines below the headings."""
    named = [_places(line.cells) for line in lines[: columns.LOOKED_AT]]
    if not named:
        return {}, ()
    place = max(range(len(named)), key=lambda number: (len(named[number]), -number))
    return named[place], lines[place + 1 :]


def _places(headings: Sequence[str]) -> dict[str, int]:
    meanings = {columns.key_of(spelling): name for name, spellings in HEADINGS.items() for spelling in spellings}
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        if name := meanings.get(columns.key_of(heading)):
            places.setdefault(name, place)
    return places


def _finder(rows: Iterable[tuple[Written, FeedResult]]) -> Callable[[Mapping[str, str]], uuid.UUID | None]:
    """Tells the caption that a line is about; None for none, and for a text that several captions have."""
    by_id, by_link, by_text = dict[str, uuid.UUID](), dict[str, uuid.UUID](), dict[str, set[uuid.UUID]]()
    for caption, result in rows:
        by_id[str(caption.feed_id)] = caption.feed_id
        if result.permalink:
            by_link[_link(result.permalink)] = caption.feed_id
        for text in (caption.instagram_ad_copy, f"{caption.instagram_ad_copy} {caption.hashtags}"):
            by_text.setdefault(_letters(text), set()).add(caption.feed_id)

    def find(cells: Mapping[str, str]) -> uuid.UUID | None:
        letters = _letters(cells.get("text", ""))
        same_text = by_text.get(letters, set()) if letters else set()
        return (
            by_id.get(cells.get("id", "").lower())
            or by_link.get(_link(cells.get("permalink", "")))
            or (next(iter(same_text)) if len(same_text) == 1 else None)
        )

    return find


def _count(text: str) -> int | None:
    """A count as people and spreadsheets write it: ``1,204``, ``12.0``, ``1.2만``, ``3.4K``, ``35회``; None: unknown.

    Raises ``ValueError`` for what is none.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    if plain in UNKNOWN:
        return None
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain).removesuffix("+")
    plain = re.sub("(회|개|명|번)$", "", plain)
    parts = list(_PART.finditer(plain))
    if "".join(part[0] for part in parts) != plain or any(not part[2] for part in parts[:-1]):
        raise ValueError(text)
    count = sum(Decimal(part[1]) * _UNITS.get(part[2], 1) for part in parts)
    if not parts or count != int(count) or count > MOST_COUNT:
        raise ValueError(text)
    return int(count)


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


def _letters(text: str) -> str:
    """The letters and digits of a text, by which it is compared: CP949 has no emoji, and spreadsheets change blanks."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text).casefold())
