"""What the demo model writes: a caption and hashtags put together from the brief's own words and set phrases.

All choices follow from a hash of the request and from how often it has been made, so that the same brief gives varied
but reproducible results. Nothing is stated that the brief does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.demo.model import korean
from lib.demo.model.facts import fit
from lib.demo.model.reading import Asked, cut, phrases
from lib.demo.model.tagging import tags
from lib.demo.model.voice import Dice, Voice, angle_of, tone_of

MOST_CHARACTERS = 2_000
"""No rewriting grows a caption beyond this: hashtags must still fit into Instagram's 2,200."""


@dataclass(frozen=True)
class Copy:
    """One answer: the text, and tags that each start with ``#``."""

    caption: str
    hashtags: tuple[str, ...]


def compose(content: str, seed: str, take: int = 0) -> Copy:
    """The answer to the last message of the user; the same content, seed and take give the same answer."""
    asked, dice = Asked.read(content), Dice(seed, take)
    if asked.change and asked.previous_caption:
        return Copy(_rewritten(asked, dice), hashtags(asked, dice))
    return Copy(Voice(asked, dice, tone_of(asked)).caption(), hashtags(asked, dice))


def hashtags(asked: Asked, dice: Dice, count: int | None = None) -> tuple[str, ...]:
    """Four or five tags, or ``count`` of them."""
    found = tags(asked, angle_of(asked, dice), dice.take)
    return tuple(f"#{tag}" for tag in found[: count or dice.pick((4, 5), "tags")])


def refusal(content: str) -> str:
    """The sentence of a model that declines, in the language asked for."""
    return str(phrases()[Asked.read(content).language]["refusal"])


def _rewritten(asked: Asked, dice: Dice) -> str:
    previous = asked.previous_caption
    if asked.change == "other_hashtags":
        return previous
    if asked.change == "shorter":
        return _shorter(asked)
    if asked.change == "longer":
        return _longer(asked, dice)
    tone = "formal" if asked.change == "more_formal" else "warm"
    takes = (Dice(dice.seed, dice.take + more) for more in range(9))
    texts = (Voice(asked, one, tone).caption(opener=tone_of(asked) == tone) for one in takes)
    return next((text for text in texts if text != previous), previous)


def _shorter(asked: Asked) -> str:
    """About half of the previous text: its first line and the lines that say most about the product."""
    previous = asked.previous_caption
    lines = [line for line in previous.splitlines() if line.strip()]
    room = max(len(previous) // 2, 1)
    if len(lines) > 1:
        worth = {line: _worth(asked, line) for line in lines[1:]}
        best = max(worth, key=lambda line: worth[line])
        kept = [lines[0], best] if worth[best] else [lines[0]]
        for line in sorted(worth, key=lambda line: -worth[line]):
            if line not in kept and worth[line] and sum(map(len, kept)) + len(line) + 2 * len(kept) <= room:
                kept.append(line)
        first, *rest = [line for line in dict.fromkeys(lines) if line in kept]
        text = "\n\n".join(filter(None, (first, "\n".join(rest))))
        for shorter in (text, best if worth[best] else first):
            if len(shorter) < len(previous) * 0.8:
                return shorter
    sentences = re.split(r"(?<=[.!?])\s+", lines[0] if lines else previous)
    if len(sentences) > 1:
        return sentences[0]
    return cut(lines[0] if lines else previous, room)


def _worth(asked: Asked, line: str) -> int:
    """How much of the brief's description a line holds: a point for each of its words, more for what it is like."""
    told = {word[:2] if korean.has_hangul(word) else word for word in _words_of(asked.product_description)}
    held = {word[:2] if korean.has_hangul(word) else word for word in _words_of(line)} & told
    return len(held) + (2 * fit("senses", line) if held else 0)


def _words_of(text: str) -> list[str]:
    return [word for word in re.findall(r"\w{2,}", text.lower()) if not word.isdigit()]


def _longer(asked: Asked, dice: Dice) -> str:
    """The previous text with more of the brief, and closing words, before its last line."""
    text = asked.previous_caption
    voice = Voice(asked, dice, tone_of(asked))
    *head, last = text.rstrip().split("\n")
    new = [line for line in voice.everything() if re.sub(r"\W", "", line) not in re.sub(r"\W", "", text)]
    wanted = max(len(text) // 2, 20)
    added: list[str] = []
    for line in new:
        if sum(map(len, added)) >= wanted or len(text) + sum(map(len, added)) + len(line) > MOST_CHARACTERS:
            break
        added.append(line)
    if not added:
        return text
    before = "\n".join(head).rstrip()
    return "\n\n".join(filter(None, (before, "\n".join(added), last) if before else (last, "\n".join(added))))
