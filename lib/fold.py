"""How a reader sees a text: in whole characters, in lines of a phone's width, cut where Instagram's feed folds it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

FOLD_LINES = 3
"""Lines that the feed shows before "more"."""
RECOMMENDED_CHARACTERS = 125
"""Latin characters that Instagram recommends at most, so that a caption is read without opening it."""
LINE_WIDTH = RECOMMENDED_CHARACTERS / FOLD_LINES
"""Narrow characters on a line of the feed, taken from that recommendation: about 23 Hangul syllables."""
WIDE = 1.8
"""The width of a Hangul syllable, a Chinese character or an emoji, in narrow characters: an estimate from glyphs."""
HANGING = WIDE
"""How far an emoji or a sign that ends a line may stand out: the estimate is rough, and one alone is no line."""
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
    line, cut, at = 0, 0, 0
    used = sum(map(_width, clusters(lead))) + 1 if lead else 0.0
    words = [*_words(text), ("\n", 0.0)]
    for (word, width), (following, _) in pairwise(words):
        if word in _LINE_BREAKS:
            line, used = line + 1, 0.0
        elif word.isspace():
            used += width
        else:
            hangs = following in _LINE_BREAKS and _may_hang(word)
            if used + width > LINE_WIDTH + (HANGING if hangs else 0.0):
                line, used = line + 1, 0.0
            if line >= FOLD_LINES:
                return Fold(text[:cut], text[cut:])
            used += width
            if line < FOLD_LINES - 1 or used + MORE_WIDTH <= LINE_WIDTH:
                cut = at + len(word)
        at += len(word)
    return Fold(text, "")


def clusters(text: str) -> Iterator[str]:
    """The text in grapheme clusters, which a reader takes for one character each; joined they are the text again.

    Unicode Standard Annex 29 as far as captions need it: combining marks, conjoining jamo, emoji sequences, flags.
    """
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _joined(text[at - 1], text[at], first=at - start == 1):
            yield text[start:at]
            start = at


def is_emoji(cluster: str) -> bool:
    """Whether a grapheme cluster is shown as an emoji."""
    return bool(_EMOJI.match(cluster))


def extends(char: str) -> bool:
    """Whether a code point belongs to the character before it."""
    return unicodedata.category(char)[0] == "M" or bool(_EXTENDERS.match(char))


_LINE_BREAKS = frozenset(("\n", "\r", "\r\n"))
_JOINER = "\u200d"
_EMOJI = re.compile(  # Unicode's emoji-data.txt: shown as emoji by themselves, or made one by what follows
    "[\u231a\u231b\u23e9-\u23fa\u2600-\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
    "|[©®\u203c\u2049\u2122\u2139\u2190-\u21ff\u2328\u23cf\u24c2\u25a0-\u25ff\u2934\u2935\u2b05-\u2b07\u3030\u303d\u3297\u3299]\ufe0f"
    "|[0-9]\ufe0f?\u20e3"
)
_EXTENDERS = re.compile(  # beside combining marks: joiners, skin tones, flag tags, conjoining jamo, Thai and kana signs
    "[\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u1160-\u11ff\ud7b0-\ud7fb\u0e33\u0eb3\uff9e\uff9f]"
)


def _joined(before: str, char: str, *, first: bool) -> bool:
    """Whether a code point continues the cluster that ``before`` ends, and ``first`` says also begins."""
    if before in "\r\n":
        return before + char == "\r\n"
    if _is_flag_half(char):
        return first and _is_flag_half(before)
    return extends(char) or (before == _JOINER and is_emoji(char))


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


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
