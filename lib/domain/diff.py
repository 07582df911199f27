"""What changed from one text to another, word by word as people read Korean: of a changed particle only the particle.

Whole words are compared first. A word that stayed but for its particle or ending is then cut between syllables;
numbers, Latin words, hashtags and emoji are never cut. A word or two that happen to stand in both texts between
rewritten passages are shown as rewritten with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

from lib.domain.graphemes import clusters, is_emoji

Kind = Literal["same", "removed", "added"]

PARTICLES = frozenset((
    "은", "는", "이", "가", "을", "를", "의", "에", "도", "만", "와", "과", "로",
    "랑", "요", "야", "나", "께", "으로", "에서", "에게", "까지", "부터", "처럼", "보다", "마다",
    "이나", "이랑", "라도", "이라도", "조차", "밖에", "한테", "하고", "께서", "에는", "에도", "에서는", "에서도",
    "으로는", "으로도", "로는", "로도", "이에요", "예요", "입니다",
))  # fmt: skip
"""What may follow a noun of one syllable; after longer ones no list is needed."""

MOST_PAIRS = 50_000
"""Pairs of equal words up to which they are compared; beyond, what differs is taken as rewritten as a whole.

The worst that 2,200 characters can be made to hold takes difflib a quarter of a second at this limit, two without it.
"""
MOST_CANDIDATES = 4_000
"""Pairs of words in one rewritten passage up to which it is asked whether one became the other."""
SMALL = 2
"""Characters of a passage that is not worth showing as kept between two rewritten ones."""


@dataclass(frozen=True)
class Change:
    """A piece of text that is in both, only in the first, or only in the second."""

    kind: Kind
    text: str


def words(before: str, after: str) -> list[Change]:
    """The changes in reading order; between two pieces that stayed, what was removed comes before what was added.

    The pieces that are the same or removed, joined, are ``before``; those that are the same or added are ``after``.
    """
    old, new = _tokens(before), _tokens(after)
    pieces: list[Change] = []
    at_old = at_new = 0
    for anchor in _kept_words(old, new):
        pieces += _passage(old[at_old : anchor.old], new[at_new : anchor.new])
        pieces.append(Change("same", "".join(old[anchor.old])))
        at_old, at_new = anchor.old + 1, anchor.new + 1
    pieces += _passage(old[at_old:], new[at_new:])
    return list(_joined(pieces))


# -- words ----------------------------------------------------------------------------------------------------------

_Token = tuple[str, ...]
"""A word, a sign, an emoji or a run of blanks, in grapheme clusters."""


class _Anchor(NamedTuple):
    """Where a word of the first text stands in it, and where in the second."""

    old: int
    new: int


def _tokens(text: str) -> list[_Token]:
    """The text in words; numbers keep their commas and points, tags and mentions their sign."""
    tokens: list[list[str]] = []
    last = ""
    for cluster in clusters(text):
        kind = _kind(cluster)
        if tokens and kind and (kind == last or (last in "#@" and kind == "word")):
            tokens[-1].append(cluster)
        elif len(tokens) > 1 and cluster.isdigit() and tokens[-1][0] in (",", ".") and tokens[-2][-1].isdigit():
            comma = tokens.pop()
            tokens[-1] += [*comma, cluster]
        else:
            tokens.append([cluster])
        last = kind or cluster
    return [tuple(token) for token in tokens]


def _kind(cluster: str) -> str:
    """Of which clusters make one token with their neighbours; "" for those that stand alone."""
    if cluster.isspace():
        return "" if "\n" in cluster or "\r" in cluster else "blank"
    return "word" if (cluster[0].isalnum() and not is_emoji(cluster)) or cluster == "_" else ""


def _kept_words(old: list[_Token], new: list[_Token]) -> list[_Anchor]:
    """Words that stayed, in reading order, without those that only happen to stand in both texts."""
    ours, theirs = ([at for at, token in enumerate(side) if not token[0].isspace()] for side in (old, new))
    same = _equal([old[at] for at in ours], [new[at] for at in theirs])
    return _without_islands([_Anchor(ours[a], theirs[b]) for a, b in same], old, new)


def _equal(old: list[_Token], new: list[_Token]) -> Iterator[tuple[int, int]]:
    """Which words of the one are which of the other; the two ends that agree first, since most edits are small."""
    head, tail = _ends(old, new)
    yield from ((at, at) for at in range(head))
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    counted = Counter(middle_new)
    if sum(counted[token] for token in middle_old) <= MOST_PAIRS:
        for a, b, size in SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_matching_blocks():
            yield from ((head + a + at, head + b + at) for at in range(size))
    yield from ((len(old) - at, len(new) - at) for at in range(tail, 0, -1))


def _without_islands(same: list[_Anchor], old: list[_Token], new: list[_Token]) -> list[_Anchor]:
    """Leave out short runs of words between passages that were rewritten, and are no shorter, in both texts."""
    runs: list[list[_Anchor]] = []
    for anchor in same:
        last = runs[-1][-1] if runs else None
        if last and _blank(old[last.old + 1 : anchor.old]) and _blank(new[last.new + 1 : anchor.new]):
            runs[-1].append(anchor)
        else:
            runs.append([anchor])
    chain: list[_Anchor] = []
    for at, run in enumerate(runs):
        start = chain[-1] if chain else _Anchor(-1, -1)
        end = runs[at + 1][0] if at + 1 < len(runs) else _Anchor(len(old), len(new))
        between = (
            old[start.old + 1 : run[0].old],
            new[start.new + 1 : run[0].new],
            old[run[-1].old + 1 : end.old],
            new[run[-1].new + 1 : end.new],
        )
        letters = _letters([old[anchor.old] for anchor in run])
        if letters > SMALL or min(map(_letters, between)) < max(letters, 1):
            chain += run
    return chain


def _blank(tokens: list[_Token]) -> bool:
    return all(token[0].isspace() for token in tokens)


def _letters(tokens: list[_Token]) -> int:
    return sum(len(token) for token in tokens if token[0].isalnum())


# -- passages between words that stayed -----------------------------------------------------------------------------


def _passage(old: list[_Token], new: list[_Token]) -> Iterator[Change]:
    """What differs there: only its blanks, or endings of words, or all of it."""
    flat_old, flat_new = _flat(old), _flat(new)
    letters = [cluster for cluster in flat_old if not cluster.isspace()]
    if letters and letters == [cluster for cluster in flat_new if not cluster.isspace()]:
        yield from _respaced(flat_old, flat_new)
        return
    at_old = at_new = 0
    for anchor in _reworded(old, new):
        yield from _gap(old[at_old : anchor.old], new[at_new : anchor.new])
        yield from _inflected(old[anchor.old], new[anchor.new])
        at_old, at_new = anchor.old + 1, anchor.new + 1
    yield from _gap(old[at_old:], new[at_new:])


def _respaced(old: list[str], new: list[str]) -> Iterator[Change]:
    """The same letters with other blanks between them."""
    a = b = 0
    while a < len(old) or b < len(new):
        if a < len(old) and b < len(new) and old[a] == new[b]:
            yield Change("same", old[a])
            a, b = a + 1, b + 1
        elif a < len(old) and old[a].isspace():
            yield Change("removed", old[a])
            a += 1
        else:
            yield Change("added", new[b])
            b += 1


def _reworded(old: list[_Token], new: list[_Token]) -> list[_Anchor]:
    """The words that became one another, chosen so that they have the most in common."""
    if len(old) * len(new) > MOST_CANDIDATES:
        return []
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a in reversed(range(len(old))):
        for b in reversed(range(len(new))):
            common = _common(old[a], new[b])
            best[a][b] = max(best[a + 1][b], best[a][b + 1], best[a + 1][b + 1] + common if common else 0)
    anchors = []
    a = b = 0
    while a < len(old) and b < len(new):
        if best[a][b] == best[a + 1][b]:
            a += 1
        elif best[a][b] == best[a][b + 1]:
            b += 1
        else:
            anchors.append(_Anchor(a, b))
            a, b = a + 1, b + 1
    return anchors


def _common(old: _Token, new: _Token) -> int:
    """How many syllables two words share at their ends, 0 where one is no form of the other.

    They begin alike: that they end alike says little, since every sentence ends in 요.
    """
    if not (old[0].isalnum() and new[0].isalnum()):
        return 0
    head, tail = _shared(old, new)
    if head and head + tail >= SMALL and 2 * (head + tail) >= min(len(old), len(new)):
        return head + tail if old != new or len(old) > SMALL else 0
    endings = {"".join(old[head:]), "".join(new[head:])} - {""}
    return head if head == 1 and endings and endings <= PARTICLES else 0


def _shared(old: _Token, new: _Token) -> tuple[int, int]:
    """How many clusters two words share at the beginning and at the end; no number or Latin word is cut."""
    head, tail = _ends(old, new)
    while head and (_inside(old, head) or _inside(new, head)):
        head -= 1
    while tail and (_inside(old, len(old) - tail) or _inside(new, len(new) - tail)):
        tail -= 1
    return head, tail


def _inside(token: _Token, at: int) -> bool:
    """Whether a cut before the cluster would part a number or a Latin word."""
    return 0 < at < len(token) and token[at - 1].isascii() and token[at].isascii()


def _inflected(old: _Token, new: _Token) -> Iterator[Change]:
    """A word that stayed but for its ending."""
    head, tail = _shared(old, new)
    yield Change("same", "".join(old[:head]))
    yield Change("removed", "".join(old[head : len(old) - tail]))
    yield Change("added", "".join(new[head : len(new) - tail]))
    yield Change("same", "".join(old[len(old) - tail :]))


def _gap(old: list[_Token], new: list[_Token]) -> Iterator[Change]:
    """What stands between two words that stayed; blanks at its ends may have stayed too."""
    head, tail = _ends(old, new)
    head = min(head, next((at for at, token in enumerate(old) if not token[0].isspace()), len(old)))
    tail = min(tail, next((at for at, token in enumerate(reversed(old)) if not token[0].isspace()), len(old)))
    yield Change("same", _text(old[:head]))
    yield Change("removed", _text(old[head : len(old) - tail]))
    yield Change("added", _text(new[head : len(new) - tail]))
    yield Change("same", _text(old[len(old) - tail :]))


def _ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many of their first and, of the rest, of their last items agree."""
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    rest = least - head
    return head, next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)


def _flat(tokens: list[_Token]) -> list[str]:
    return [cluster for token in tokens for cluster in token]


def _text(tokens: list[_Token]) -> str:
    return "".join(_flat(tokens))


def _joined(pieces: list[Change]) -> Iterator[Change]:
    """The pieces without empty ones, each kind once between two that stayed."""
    filled = (piece for piece in pieces if piece.text)
    for stayed, group in groupby(filled, lambda piece: piece.kind == "same"):
        run = list(group)
        kinds: tuple[Kind, ...] = ("same",) if stayed else ("removed", "added")
        for kind in kinds:
            if text := "".join(piece.text for piece in run if piece.kind == kind):
                yield Change(kind, text)
