"""The noun that comes out: a Caption, and Instagram's rules about it, known here once for every page and door.

Where Instagram's rule is not published the stricter reading is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from lib.domain.brief import clean_text
from lib.domain.errors import InvalidCaption, Problem
from lib.domain.feed_fold import fold
from lib.domain.findings.language import mended
from lib.domain.findings.links import links_in
from lib.domain.graphemes import clusters
from lib.domain.hashtags import (
    FULL_WIDTH,
    closed_up,
    discloses,
    hashtags_in,
    parts,
    proposals,
    sameness,
    with_its_figures,
)

MAX_CHARACTERS = 2_200
"""Characters of a caption, hashtags and line breaks included (Instagram Platform, IG User Media, ``caption``). Meta
does not say how it counts: a text that fits in UTF-16 units fits under every plausible rule, so those are checked."""
MAX_HASHTAGS = 5
"""Hashtags of a post since December 2025 (Instagram's announcement; the API's reference still says 30). A caption
over the limit has been seen to go out empty, so this blocks."""
MAX_MENTIONS = 20
"""``@`` mentions of a post (Instagram Platform, IG User Media, ``caption``)."""
SEPARATOR = "\n\n"
"""Between the text and its hashtags when both are posted as one caption."""


_MENDED = {"markdown": "mended_markdown", "code_break": "mended_code_break", "html": "mended_html"}

# -- the caption ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """How much of each thing Instagram limits a caption holds, text and hashtags together."""

    characters: int
    """What people are shown: code points after NFC."""
    utf16_units: int
    """What is checked against :data:`MAX_CHARACTERS`."""
    hashtags: int
    """Every one, repeated or not: Instagram does not say, and the stricter reading never surprises."""
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
    changed: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """The tags that had to be closed up, each as it was written and as it is now."""
    typed: bool = field(default=False, compare=False)
    """Whether a person or another program wrote the tags: then none is changed into another without being asked."""
    mended: tuple[str, ...] = field(default=(), compare=False)
    """The kinds of traces of code that were taken out of a model's text."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))
        distinct: dict[str, str] = {}
        changed = dict(self.changed)
        for written, closed in closed_up(self.hashtags):
            tag = closed if self.typed else with_its_figures(written, closed)
            distinct.setdefault(sameness(tag), tag)
            if written != tag:
                changed.setdefault(written, tag)
        for tag in hashtags_in(self.text):
            distinct.pop(sameness(tag), None)
        object.__setattr__(self, "hashtags", tuple(distinct.values()))
        object.__setattr__(self, "changed", tuple(changed.items()))

    @classmethod
    def compose(cls, text: str, hashtags: Iterable[str]) -> Caption:
        """The caption of a model's answer; hashtags beyond the room that the text's own leave are parked.

        An item may be ``#tag``, ``tag``, ``＃tag``, ``#a #b`` or ``a, b``. Blanks and punctuation inside a tag are
        closed up, because a model that writes ``서울 카페`` means one tag, but ``2+1`` becomes ``2플러스1``;
        :attr:`changed` says so.
        """
        plain, traces = mended(text)
        whole = cls(plain, tuple(hashtags), mended=traces)
        in_text = whole.counts.hashtags - len(whole.hashtags)
        room = max(0, MAX_HASHTAGS - in_text)
        if len(whole.hashtags) <= room:
            return whole
        tags = sorted(whole.hashtags, key=lambda tag: not discloses(tag))  # what must be said is never parked
        return replace(whole, hashtags=tuple(tags[:room]), parked=tuple(tags[room:]))

    @classmethod
    def from_fields(cls, text: str, hashtags: str) -> Caption:
        """The caption of a stored row, or of two edited text fields: tags parted by blanks, commas or ``#``.

        Nothing is parked: a person sees every tag they typed, and too many of them as a problem. So is a tag that
        Instagram would read as another one; :func:`lib.domain.hashtags.proposals` says what it may become.
        """
        return cls(text, tuple(clean_text(hashtags).split()), typed=True)

    @property
    def hashtag_field(self) -> str:
        """The hashtags as their column stores them: ``#a #b #c``; as they were written where not by a model."""
        written = {tag: before for before, tag in self.changed} if self.typed else {}
        return " ".join(f"#{written.get(tag, tag)}" for tag in self.hashtags)

    @property
    def assembled(self) -> str:
        """What is posted: the text, :data:`SEPARATOR` and the hashtags."""
        return SEPARATOR.join(filter(None, (self.text, self.hashtag_field)))

    @cached_property
    def counts(self) -> Counts:
        """The characters, hashtags and mentions of the caption as it is posted."""
        signs = [part.kind for part in parts(self.assembled)]
        return Counts(
            characters=len(self.assembled),
            utf16_units=len(self.assembled.encode("utf-16-le")) // 2,
            hashtags=signs.count("hashtag"),
            mentions=signs.count("mention"),
        )

    def problems(self) -> list[Problem]:
        """Why Instagram would not take it, each beside the field where it can be put right; empty when it would."""
        counts, problems = self.counts, []
        if not self.text:
            problems.append(Problem("instagram_ad_copy", "missing"))
        if self.typed:
            problems += [
                Problem("hashtags", "hashtag_unusable", {"written": written, "proposals": ", ".join(_tags(written))})
                for written, _ in self.changed
            ]
        if counts.utf16_units > MAX_CHARACTERS:
            visible = len(clusters(self.assembled))
            length = {
                "characters": counts.characters,
                "utf16_units": counts.utf16_units,
                "visible": visible,
                "extra": counts.utf16_units - visible,
            }
            problems.append(
                _over("instagram_ad_copy", "caption_too_long", counts.utf16_units, MAX_CHARACTERS, **length)
            )
        if counts.hashtags > MAX_HASHTAGS:
            in_text = counts.hashtags - len(self.hashtags)
            field = "instagram_ad_copy" if in_text > MAX_HASHTAGS else "hashtags"
            tags = {"count": counts.hashtags, "in_text": in_text}
            problems.append(_over(field, "too_many_hashtags", counts.hashtags, MAX_HASHTAGS, **tags))
        if counts.mentions > MAX_MENTIONS:
            field, code = "instagram_ad_copy", "too_many_mentions"
            problems.append(_over(field, code, counts.mentions, MAX_MENTIONS, count=counts.mentions))
        return problems

    def changes(self) -> list[Problem]:
        """What was changed in a model's answer, each to be told; nothing in what a person typed."""
        tags = () if self.typed else self.changed
        return [
            *(Problem("hashtags", "hashtag_changed", {"written": written, "tag": tag}) for written, tag in tags),
            *(Problem("instagram_ad_copy", _MENDED[kind]) for kind in self.mended),
        ]

    def warnings(self) -> list[Problem]:
        """What Instagram takes but a reader or the writer may regret."""
        problems = self.changes()
        if full_width := FULL_WIDTH.search(self.text):
            problems.append(Problem("instagram_ad_copy", "hashtag_full_width", {"tag": full_width[0]}))
        if link := next(links_in(self.text), None):
            problems.append(Problem("instagram_ad_copy", "link_not_clickable", {"link": link}))
        opening, visible = self.text.partition("\n")[0], fold(self.text).visible
        if len(opening) > len(visible):
            shown = {"characters": len(opening), "visible": len(visible)}
            problems.append(Problem("instagram_ad_copy", "opening_folded", shown))
        return problems

    def checked(self) -> Caption:
        """The caption itself, if Instagram would take it.

        Raises ``InvalidCaption`` with every problem at once.
        """
        if problems := self.problems():
            raise InvalidCaption(problems)
        return self


def _tags(written: str) -> list[str]:
    return [f"#{proposal}" for proposal in proposals(written)]


def _over(field: str, code: str, have: int, most: int, **params: int) -> Problem:
    return Problem(field, code, {**params, "most": most, "over": have - most})
