"""How a reader sees a text: in whole characters, in lines of a phone's width, cut where Instagram's feed folds it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lib.domain.graphemes import LINE_BREAKS, clusters, is_emoji

FOLD_LINES = 3
"""Lines that the feed shows before "more"; the preview's stylesheet gets the number from here."""
LINE_WIDTH = 41.67
"""Narrow characters on a line of the feed: the 125 that Instagram recommends at most fill three of them."""
WIDE = 1.8
"""The width of a Hangul syllable, a Chinese character or an emoji, in narrow characters: an estimate from glyphs."""
HANGING = WIDE
"""How far an emoji or a sign that ends a line may stand out: the estimate is rough, and one alone is no line."""
LINE_SYLLABLES = LINE_WIDTH / WIDE
"""Hangul syllables on a line, about 23: the width of the preview's caption."""
MORE_WIDTH = 8.4
"""The room that "… 더 보기" needs at the end of the last line; the English word needs less."""


@dataclass(frozen=True)
class Fold:
    """A text in two: what the feed shows, and what waits behind "more" (empty when all of it is shown)."""

    visible: str
    rest: str


def fold(text: str, lead: str = "") -> Fold:
    """Cut the text where the feed folds it; ``visible + rest`` is the text again.

    ``lead`` is the account's name that is printed before it, on the first line (and no more than that line). Latin
    words break at blanks, Hangul and other wide characters anywhere. An estimate: the real width is the phone's, so
    that an emoji or a sign at a line's end hangs rather than wraps.
    """
    line, end, at = 0, 0, 0
    used = sum(map(_width, clusters(lead))) + 1 if lead else 0.0
    words = [*_words(text), ("\n", 0.0)]
    for (word, width), (following, _) in pairwise(words):
        if word in LINE_BREAKS:
            line, used = line + 1, 0.0
        elif word.isspace():
            used += width
        else:
            hangs = following in LINE_BREAKS and _may_hang(word)
            if used + width > LINE_WIDTH + (HANGING if hangs else 0.0):
                line, used = line + 1, 0.0
            if line >= FOLD_LINES:
                return Fold(text[:end], text[end:])
            used += width
            if line < FOLD_LINES - 1 or used + MORE_WIDTH <= LINE_WIDTH:
                end = at + len(word)
        at += len(word)
    return Fold(text, "")


def _may_hang(word: str) -> bool:
    return is_emoji(word) or (len(word) == 1 and unicodedata.category(word)[0] == "P")


def _words(text: str) -> Iterator[tuple[str, float]]:
    """What a browser keeps on one line, with its width: a blank, a wide character, a Latin word up to a line long."""
    word, width = "", 0.0
    for cluster in clusters(text):
        more = _width(cluster)
        alone = cluster.isspace() or more == WIDE
        if word and (alone or width + more > LINE_WIDTH):
            yield word, width
            word, width = "", 0.0
        if alone:
            yield cluster, more
        else:
            word, width = word + cluster, width + more
    if word:
        yield word, width


def _width(cluster: str) -> float:
    if is_emoji(cluster) or unicodedata.east_asian_width(cluster[0]) in "WF":
        return WIDE
    return 0.0 if unicodedata.category(cluster[0])[0] in "MC" else 1.0
