"""Whole characters as a reader counts them, emoji and flags included."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator


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


LINE_BREAKS = frozenset(("\n", "\r", "\r\n"))
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
