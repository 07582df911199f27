"""What the demo model writes: a caption and hashtags put together from the brief's own words and set phrases.

All choices follow from a hash of the request and from how often it has been made, so that the same brief gives varied
but reproducible results. Nothing is stated that the brief does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.demo.model import korean
from lib.demo.model.facts import fit
from lib.demo.model.reading import Request, phrases, shortened
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
    request, dice = Request.read(content), Dice(seed, take)
    if request.change and request.previous_caption:
        return Copy(_rewritten(request, dice), hashtags(request, dice))
    return Copy(Voice(request, dice, tone_of(request)).caption(), hashtags(request, dice))


def hashtags(request: Request, dice: Dice, count: int | None = None) -> tuple[str, ...]:
    """Four or five tags, or ``count`` of them."""
    chosen = tags(request, angle_of(request, dice), dice.take)
    return tuple(f"#{tag}" for tag in chosen[: count or dice.pick((4, 5), "tags")])


def refusal(content: str) -> str:
    """The sentence of a model that declines, in the language asked for."""
    return str(phrases()[Request.read(content).language]["refusal"])


def _rewritten(request: Request, dice: Dice) -> str:
    previous = request.previous_caption
    if request.change == "passage":
        return request.brief_says or "…"
    if request.change == "other_hashtags":
        return previous
    if request.change == "shorter":
        return _shorter(request)
    if request.change == "longer":
        return _longer(request, dice)
    tone = "formal" if request.change == "more_formal" else "warm"
    takes = (Dice(dice.seed, dice.take + more) for more in range(9))
    texts = (Voice(request, dice_of_take, tone).caption(opener=tone_of(request) == tone) for dice_of_take in takes)
    return next((text for text in texts if text != previous), previous)


def _shorter(request: Request) -> str:
    """About half of the previous text: its first line and the lines that say most about the product."""
    previous = request.previous_caption
    lines = [line for line in previous.splitlines() if line.strip()]
    room = max(len(previous) // 2, 1)
    if len(lines) > 1:
        worth = {line: _worth(request, line) for line in lines[1:]}
        best = max(worth, key=lambda line: worth[line])
        chosen = [lines[0], best] if worth[best] else [lines[0]]
        for line in sorted(worth, key=lambda line: -worth[line]):
            if line not in chosen and worth[line] and sum(map(len, chosen)) + len(line) + 2 * len(chosen) <= room:
                chosen.append(line)
        first, *rest = [line for line in dict.fromkeys(lines) if line in chosen]
        text = "\n\n".join(filter(None, (first, "\n".join(rest))))
        for shorter in (text, best if worth[best] else first):
            if len(shorter) < len(previous) * 0.8:
                return shorter
    sentences = re.split(r"(?<=[.!?])\s+", lines[0] if lines else previous)
    if len(sentences) > 1:
        return sentences[0]
    return shortened(lines[0] if lines else previous, room)


def _worth(request: Request, line: str) -> int:
    """How much of the brief's description a line holds: a point for each of its words, more for what it is like."""
    of_product = {word[:2] if korean.has_hangul(word) else word for word in _words_of(request.product_description)}
    held = {word[:2] if korean.has_hangul(word) else word for word in _words_of(line)} & of_product
    return len(held) + (2 * fit("senses", line) if held else 0)


def _words_of(text: str) -> list[str]:
    return [word for word in re.findall(r"\w{2,}", text.lower()) if not word.isdigit()]


def _longer(request: Request, dice: Dice) -> str:
    """The previous text with more of the brief, and closing words, before its last line."""
    text = request.previous_caption
    voice = Voice(request, dice, tone_of(request))
    *head, last = text.rstrip().split("\n")
    new = [line for line in voice.everything() if re.sub(r"\W", "", line) not in re.sub(r"\W", "", text)]
    length = max(len(text) // 2, 20)
    added: list[str] = []
    for line in new:
        if sum(map(len, added)) >= length or len(text) + sum(map(len, added)) + len(line) > MOST_CHARACTERS:
            break
        added.append(line)
    if not added:
        return text
    before = "\n".join(head).rstrip()
    return "\n\n".join(filter(None, (before, "\n".join(added), last) if before else (last, "\n".join(added))))
