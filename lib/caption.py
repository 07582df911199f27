"""The noun that comes out: a Caption, and Instagram's rules about it, known here once for every page and door.

Where Instagram's rule is not published the stricter reading is taken.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from lib.brief import clean
from lib.errors import InvalidCaption, Problem
from lib.fold import FOLD_LINES, RECOMMENDED_CHARACTERS, Fold, clusters, extends, fold, is_emoji

__all__ = [
    "FOLD_LINES",
    "MAX_CHARACTERS",
    "MAX_HASHTAGS",
    "MAX_MENTIONS",
    "RECOMMENDED_CHARACTERS",
    "SEPARATOR",
    "Caption",
    "Counts",
    "Fold",
    "Part",
    "clean_text",
    "fold",
    "hashtags_in",
    "parts",
]

MAX_CHARACTERS = 2_200
"""Characters of a caption, hashtags and line breaks included (Instagram Platform, IG User Media, ``caption``). Meta
does not say how it counts: a text that fits in UTF-16 units fits under every plausible rule, so those are checked."""
MAX_HASHTAGS = 5
"""Hashtags of a post since December 2025 (Instagram's announcement; the API's reference still says 30). A caption
over the limit has been seen to go out empty, so this blocks."""
MAX_MENTIONS = 20
"""``@`` mentions of a post (Instagram Platform, IG User Media, ``caption``)."""
MAX_USERNAME = 30
"""Characters of an account's name: Latin letters, digits, dot and underscore (Instagram's sign-up form)."""
SEPARATOR = "\n\n"
"""Between the text and its hashtags when both are posted as one caption."""


# -- the caption ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """How much of each thing Instagram limits a caption holds, text and hashtags together."""

    characters: int
    """What people are shown: code points after NFC."""
    utf16_units: int
    """What is checked against :data:`MAX_CHARACTERS`."""
    hashtags: int
    """Distinct ones: ``#Cafe`` and ``#cafe`` are one."""
    mentions: int
    """Every one, repeated or not."""


@dataclass(frozen=True)
class Caption:
    """A text and its hashtags, normalised; it may break Instagram's rules, and then :meth:`problems` says how.

    ``hashtags`` carry no ``#``, are distinct, and none of them stands in the text as well. ``parked`` are those of a
    model's answer that went beyond the limit: kept in their order for a person to choose from, never posted.
    """

    text: str
    hashtags: tuple[str, ...]
    parked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))
        kept: dict[str, str] = {}
        for tag in _tags(self.hashtags):
            kept.setdefault(_sameness(tag), tag)
        for tag in hashtags_in(self.text):
            kept.pop(_sameness(tag), None)
        object.__setattr__(self, "hashtags", tuple(kept.values()))

    @classmethod
    def compose(cls, text: str, hashtags: Iterable[str]) -> Caption:
        """The caption of a model's answer; hashtags beyond the room that the text's own leave are parked.

        An item may be ``#tag``, ``tag``, ``＃tag``, ``#a #b`` or ``a, b``. Blanks and punctuation inside a tag are
        closed up, because a model that writes ``서울 카페`` means one tag.
        """
        whole = cls(text, tuple(hashtags))
        in_text = whole.counts.hashtags - len(whole.hashtags)
        room = max(0, MAX_HASHTAGS - in_text)
        if len(whole.hashtags) <= room:
            return whole
        return replace(whole, hashtags=whole.hashtags[:room], parked=whole.hashtags[room:])

    @classmethod
    def from_fields(cls, text: str, hashtags: str) -> Caption:
        """The caption of a stored row, or of two edited text fields: tags parted by blanks, commas or ``#``.

        Nothing is parked: a person sees every tag they typed, and too many of them as a problem.
        """
        return cls(text, tuple(hashtags.split()))

    @property
    def hashtag_field(self) -> str:
        """The hashtags as their column stores them: ``#a #b #c``."""
        return " ".join(f"#{tag}" for tag in self.hashtags)

    @property
    def assembled(self) -> str:
        """What is posted: the text, :data:`SEPARATOR` and the hashtags."""
        return SEPARATOR.join(filter(None, (self.text, self.hashtag_field)))

    @cached_property
    def counts(self) -> Counts:
        """What :attr:`assembled` holds."""
        found = parts(self.assembled)
        return Counts(
            characters=len(self.assembled),
            utf16_units=len(self.assembled.encode("utf-16-le")) // 2,
            hashtags=len({_sameness(part.text[1:]) for part in found if part.kind == "hashtag"}),
            mentions=sum(part.kind == "mention" for part in found),
        )

    def problems(self) -> list[Problem]:
        """Why Instagram would not take it, each beside the field where it can be put right; empty when it would."""
        counts, found = self.counts, []
        if not self.text:
            found.append(Problem("instagram_ad_copy", "missing"))
        if counts.utf16_units > MAX_CHARACTERS:
            length = {"characters": counts.characters, "utf16_units": counts.utf16_units}
            found.append(_over("instagram_ad_copy", "caption_too_long", counts.utf16_units, MAX_CHARACTERS, **length))
        if counts.hashtags > MAX_HASHTAGS:
            in_text = counts.hashtags - len(self.hashtags)
            field = "instagram_ad_copy" if in_text > MAX_HASHTAGS else "hashtags"
            tags = {"count": counts.hashtags, "in_text": in_text}
            found.append(_over(field, "too_many_hashtags", counts.hashtags, MAX_HASHTAGS, **tags))
        if counts.mentions > MAX_MENTIONS:
            field, code = "instagram_ad_copy", "too_many_mentions"
            found.append(_over(field, code, counts.mentions, MAX_MENTIONS, count=counts.mentions))
        return found

    def warnings(self) -> list[Problem]:
        """What Instagram takes but a reader or the writer may regret."""
        found = []
        for field, tags in (("instagram_ad_copy", dict.fromkeys(hashtags_in(self.text))), ("hashtags", self.hashtags)):
            for tag in tags:
                if tag.isdecimal():
                    found.append(Problem(field, "hashtag_digits_only", {"tag": tag}))
                elif any(is_emoji(cluster) for cluster in clusters(tag)):
                    found.append(Problem(field, "hashtag_emoji", {"tag": tag}))
        if link := _LINK.search(self.text):
            found.append(Problem("instagram_ad_copy", "link_not_clickable", {"link": link[0]}))
        opening, visible = self.text.partition("\n")[0], fold(self.text).visible
        if len(opening) > len(visible):
            shown = {"characters": len(opening), "visible": len(visible)}
            found.append(Problem("instagram_ad_copy", "opening_folded", shown))
        return found

    def checked(self) -> Caption:
        """This caption, where Instagram would take it.

        Raises :class:`lib.errors.InvalidCaption` with every problem at once.
        """
        if problems := self.problems():
            raise InvalidCaption(problems)
        return self


def clean_text(text: str) -> str:
    """The text of a caption as it is stored, counted and posted; cleaning it again changes nothing.

    Line breaks stay; blanks at the end of a line go, and so does every empty line after the first in a row, those
    filled with invisible characters included. Characters that show nothing and join nothing are taken out.
    """
    lines = [line.rstrip() for line in clean(text.translate(_PLAIN)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _over(field: str, code: str, have: int, most: int, **told: int) -> Problem:
    return Problem(field, code, {**told, "most": most, "over": have - most})


_PLAIN: dict[int, str | None] = (
    dict.fromkeys(map(ord, "\x85\u2028\u2029"), "\n")
    | dict.fromkeys(map(ord, "\u2800\u3164\uffa0"), " ")  # Braille blank and Hangul fillers: blank lines are forged so
    | dict.fromkeys(map(ord, "\u200b\u2060\ufeff"), None)  # pasted along from web pages; a tag would end there
)
_LINK = re.compile(
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


def _tags(items: Iterable[str]) -> Iterator[str]:
    """The tags that a list of loosely written items means, each closed up to what a hashtag may hold."""
    for item in items:
        tag = ""
        for cluster in (*clusters(clean_text(item)), "#"):
            if cluster not in _BETWEEN_TAGS:
                tag += cluster if _in_tag(cluster) else ""
            elif tag:
                yield tag
                tag = ""


def _sameness(tag: str) -> str:
    """What two spellings of one hashtag have in common."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", tag).casefold())


def _is_word(cluster: str) -> bool:
    return cluster[0] == "_" or (unicodedata.category(cluster[0])[0] in "LN" and not extends(cluster[0]))


def _in_tag(cluster: str) -> bool:
    return _is_word(cluster) or is_emoji(cluster)
