"""Hashtags, mentions and links of a text, as Instagram reads them."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lib.domain.brief import clean_text
from lib.domain.graphemes import clusters, extends, is_emoji

MAX_USERNAME = 30
"""Characters of an account's name: Latin letters, digits, dot and underscore (Instagram's sign-up form)."""


LINK = re.compile(
    r"(?<![@\w.-])(?:(?:https?://|www\.)\S+|(?:[a-z0-9-]+\.)+(?:com|net|org|kr|jp|io|me|ly|gl|shop|store|link)\b[\w/?=&-]*)",
    re.ASCII | re.IGNORECASE,
)


# -- hashtags and mentions ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A stretch of a caption and how Instagram shows it: hashtags and mentions keep their sign, and are links."""

    kind: Literal["text", "hashtag", "mention"]
    text: str


def parts(text: str) -> list[Part]:
    """The text in stretches that, joined, are the text again.

    A hashtag is ``#`` or ``＃`` and then letters of any script, digits, underscores or emoji; anything else ends it.
    It may follow another tag directly (``#a#b`` is two) but not a word (``C#7`` is none); Instagram knows no links, so
    a fragment after a slash (``/#menu``) is one. A mention is no mention inside an e-mail address.
    """
    found, plain, before = list[Part](), "", ""
    for piece in _BEFORE_SIGNS.split(text):  # only what stands around a sign is worth a closer look
        after_tag = not plain and bool(found) and found[-1].kind == "hashtag"
        hashtag_end, mention_end = _hashtag_end(piece, before, after_tag=after_tag), _mention_end(piece, before)
        if end := max(hashtag_end, mention_end):
            if plain:
                found.append(Part("text", plain))
            found.append(Part("hashtag" if end == hashtag_end else "mention", piece[:end]))
            plain = ""
        plain, before = plain + piece[end:], piece
    return [*found, Part("text", plain)] if plain else found


def hashtags_in(text: str) -> list[str]:
    """The hashtags that stand in a text, without their sign, in order, repeated ones included."""
    return [part.text[1:] for part in parts(text) if part.kind == "hashtag"]


_BEFORE_SIGNS = re.compile("(?=[#＃@])")  # each begins a grapheme cluster, whatever stands before it
_SIGNS = frozenset("#＃")
_BETWEEN_TAGS = _SIGNS | frozenset(",，、;\n")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._")
_LOCAL_PART = _NAME | frozenset("%+-")  # of an e-mail address, as people really have them
_INVISIBLE = re.compile("[\u200c\u200d\ufe0f]")


def _hashtag_end(piece: str, before: str, *, after_tag: bool) -> int:
    """Where the hashtag ends with which the piece begins; 0 when it does not begin with one."""
    if piece[:1] not in _SIGNS or (not after_tag and _is_word(_last_cluster(before))):
        return 0
    end = _end_of(piece, _in_tag)
    return end if end > 1 else 0


def _mention_end(piece: str, before: str) -> int:
    """Where the mention ends with which the piece begins; 0 when it does not begin with one."""
    if piece[:1] != "@" or _last_cluster(before) in _LOCAL_PART:
        return 0
    name = piece[1 : _end_of(piece, _NAME.__contains__)].rstrip(".")  # the dot is the sentence's
    return 1 + len(name) if 1 <= len(name) <= MAX_USERNAME else 0


def _last_cluster(text: str) -> str:
    """The grapheme cluster with which the text ends, or a blank."""
    if not text or text[-1].isspace():
        return " "
    *_, last = clusters(text)
    return last


def _end_of(piece: str, belongs: Callable[[str], bool]) -> int:
    """Where the sign and the clusters after it that belong to it end; 0 when something is joined to the sign itself."""
    following = clusters(piece)
    if len(next(following)) > 1:
        return 0
    return 1 + sum(map(len, itertools.takewhile(belongs, following)))


def closed_up(items: Iterable[str]) -> Iterator[str]:
    """The tags that a list of loosely written items means, each closed up to what a hashtag may hold."""
    for item in items:
        tag = ""
        for cluster in (*clusters(clean_text(item)), "#"):
            if cluster not in _BETWEEN_TAGS:
                tag += cluster if _in_tag(cluster) else ""
            elif tag:
                yield tag
                tag = ""


def sameness(tag: str) -> str:
    """What two spellings of one hashtag have in common."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", tag).casefold())


def _is_word(cluster: str) -> bool:
    return cluster[0] == "_" or (unicodedata.category(cluster[0])[0] in "LN" and not extends(cluster[0]))


def _in_tag(cluster: str) -> bool:
    return _is_word(cluster) or is_emoji(cluster)
