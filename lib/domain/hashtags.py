r"""Hashtags and mentions of a text, as Instagram reads them.

Instagram's engineers published the rule for hashtags, ``(?<!&)#(\w+)``, and the addition of emoji in April 2015
("Emojineering Part II"). A ``#`` within a word starts a tag too, ``#a#b`` are two, and the full-width ``＃`` is no
sign.
The database reads tags by the same characters: ``studio_hashtag_ends.sql`` holds them as ranges.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import regex

from lib.domain.brief import clean_text

MAX_USERNAME = 30
"""Characters of an account's name: Latin letters, digits, dot and underscore (Instagram's sign-up form)."""


# -- what a tag may hold ---------------------------------------------------------------------------------------------

_ENDS = r"[[\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}\p{Co}\p{Cs}]--[_\u200C\u200D\U000E0020-\U000E007F\p{Emoji_Presentation}]]"
"""What ends a tag: punctuation, symbols, blanks, controls. Not the underscore, what joins emoji, and emoji."""
_TEXT_EMOJI = rf"[{_ENDS}&&[\p{{Emoji}}--[#*]]]"
"""Signs that a variation selector after them makes emoji, such as ❤ and ▶."""
_JOINED = r"[\u0300-\u036F\u200C\u200D\u20D0-\u20F0\uFE00-\uFE0F\U0001F3FB-\U0001F3FF]"
"""What belongs to the sign before it: ``#`` with one of these is another character, such as the key #️⃣."""
_TAG = rf"(?:[^{_ENDS}]|{_TEXT_EMOJI}\uFE0F)+"
_NO_TAG = rf"(?!{_TEXT_EMOJI}\uFE0F){_ENDS}"

_FLAGS = regex.VERSION1
_PARTS = regex.compile(
    rf"(?<hashtag>(?<!&)\#(?!{_JOINED}){_TAG})"
    rf"|(?<mention>(?<![A-Za-z0-9._%+-])@(?!{_JOINED})[A-Za-z0-9._]*[A-Za-z0-9_](?![A-Za-z0-9_]))",
    _FLAGS,
)
_BETWEEN_TAGS = regex.compile(r"(?:[\n\#＃、;]|(?<!\d)[,，]|[,，](?!\d))+")
"""What parts two tags; not the comma of a number."""
_ENDING = regex.compile(_NO_TAG, _FLAGS)
_SPOKEN_SIGNS = r"[\p{Sc}%％‰+＋&＆@°℃℉№㈜]"
"""Signs that say something: a tag that begins or ends with one is another without it (C++, 50%, 20℃, ㈜온기)."""
_AROUND = regex.compile(rf"^(?:(?!{_SPOKEN_SIGNS}){_NO_TAG})+|(?:(?!{_SPOKEN_SIGNS}){_NO_TAG})+$", _FLAGS)
_LEADING = regex.compile(rf"^{_JOINED}+", _FLAGS)
FULL_WIDTH = regex.compile(rf"＃(?!{_JOINED}){_TAG}", _FLAGS)
"""What looks like a hashtag and is no link."""
_INVISIBLE = regex.compile("[\u200c\u200d\ufe0f]")


def ending_ranges(*, text_emoji: bool) -> str:
    """The characters that end a tag as the ranges of a bracket expression of PostgreSQL, such as ``\\u0000-\\u0022``.

    ``text_emoji``: only those that a variation selector makes emoji.
    """
    characters = regex.compile(_TEXT_EMOJI if text_emoji else _ENDS, _FLAGS)
    ranges: list[list[int]] = []
    for point in range(1, 0x110000):
        if 0xD800 <= point < 0xE000 or not characters.match(chr(point)):
            continue
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(_escaped(first) + (f"-{_escaped(last)}" if last > first else "") for first, last in ranges)


def _escaped(point: int) -> str:
    return f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"


# -- hashtags and mentions -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A stretch of a caption and how Instagram shows it: hashtags and mentions keep their sign, and are links."""

    kind: Literal["text", "hashtag", "mention"]
    text: str


def parts(text: str) -> list[Part]:
    """The text in stretches that, joined, are the text again.

    A mention is no mention inside an e-mail address; it ends before Hangul and without the sentence's dot.
    """
    stretches, end = list[Part](), 0
    for match in _PARTS.finditer(text):
        if match["mention"] and len(match[0]) > MAX_USERNAME + 1:
            continue
        if match.start() > end:
            stretches.append(Part("text", text[end : match.start()]))
        stretches.append(Part("hashtag" if match["hashtag"] else "mention", match[0]))
        end = match.end()
    return [*stretches, Part("text", text[end:])] if end < len(text) else stretches


def hashtags_in(text: str) -> list[str]:
    """The hashtags in a text, without their sign, in order, repeated ones included."""
    return [part.text[1:] for part in parts(text) if part.kind == "hashtag"]


def closed_up(items: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The tags that loosely written items mean: each as it was written, and closed up to a hashtag.

    The two differ where more than quotes, brackets, dots and ornaments around it had to go, which makes it another tag.
    """
    for item in items:
        for written in _BETWEEN_TAGS.split(clean_text(item)):
            tag = unicodedata.normalize("NFC", _LEADING.sub("", _ENDING.sub("", written)))
            if tag:
                bare = _LEADING.sub("", _AROUND.sub("", written))
                yield (bare if bare.count("(") == bare.count(")") else written), tag  # (주)온기


_SPOKEN = (
    ("%", "퍼센트", "percent"),
    ("％", "퍼센트", "percent"),
    ("+", "플러스", "plus"),
    ("&", "앤", "and"),
    ("℃", "도", "degrees"),
)
"""Signs that no tag holds, as they are said in Korean and English."""
_JOINED_FIGURES = regex.compile(rf"\d(?!,){_ENDS}+\d", _FLAGS)
"""Figures that say another number without what stands between them: 2+1, 3.5, 24/7."""
_PARTED_FIGURES = regex.compile(rf"\d{_ENDS}+\d", _FLAGS)
"""Figures of which the words alone would leave a part: 3,900원."""


def proposals(written: str) -> list[str]:
    """What a tag may become that holds signs which no tag holds, each without its sign ``#``.

    Said in words, with underscores, as its words one by one (parted by blanks and ``#``), and closed up; the last two
    not where that would join or lose figures.
    """
    korean = not regex.search(r"[A-Za-z]", written)
    spoken = written
    for sign, in_korean, in_english in _SPOKEN:
        spoken = spoken.replace(sign, in_korean if korean else in_english)
    joins_figures = bool(_JOINED_FIGURES.search(written))
    parted = _ENDING.sub(" ", written).split()
    words = [word for word in parted if any(map(str.isalpha, word))]
    choices = ["" if joins_figures and spoken == written else _ENDING.sub("", spoken), "_".join(parted)]
    if not joins_figures:
        choices += ["" if _PARTED_FIGURES.search(written) else " #".join(words), _ENDING.sub("", written)]
    return list(dict.fromkeys(filter(None, choices)))


def with_its_figures(written: str, tag: str) -> str:
    """The tag, or the first proposal where closing it up would join figures to another number (2+1)."""
    return proposals(written)[0] if _JOINED_FIGURES.search(written) else tag


_DISCLOSING = regex.compile(
    r"(?:유료)?광고(?:입니다|포함)?|협찬(?:광고)?|제품(?:제공|협찬)|할인제공|수수료지급|paid_?ad(?:vertisement)?|advertisement",
    regex.IGNORECASE,
)


def discloses(tag: str) -> bool:
    """Whether a tag, without its sign, says clearly that the post is sponsored."""
    return bool(_DISCLOSING.fullmatch(tag))


def visible(tag: str) -> str:
    """The tag without the characters that join and vary its emoji."""
    return str(_INVISIBLE.sub("", tag))


def sameness(tag: str) -> str:
    """What two spellings of one hashtag have in common."""
    return unicodedata.normalize("NFC", visible(tag).casefold())
