"""The caption of one sample row and its hashtags, joined from the vocabulary's sentences.

``drawn`` are thirty random bits, of which different ones decide different things.
"""

from __future__ import annotations

import re

from lib.demo.model.korean import Noun
from lib.demo.samples.texts import Kind, Store, Texts, Vocabulary

_FIGURE = re.compile(r"\d").search
_PRICE = re.compile(r"(\d)(,?\d00원)")

LEAST, MOST = 150, 400
"""Characters of a caption."""

_STEPS_OF_9, _STEPS_OF_18 = (1, 2, 4, 5, 7, 8), (1, 5, 7, 11, 13, 17)
"""Steps through the 9 sentences of a kind and the 18 common ones that visit each before one comes again."""


def caption(
    words: Vocabulary, kind: Kind, store: Store, name: Noun, opener: str, sentences: list[str], drawn: int, more: int
) -> str:
    """A first line, sentences until it is long enough, where and how much, and a last line."""
    first, emoji = opener.format(n=name, p=store.place), kind.emoji
    lines = [first + (f" {emoji[drawn % len(emoji)]}" if drawn & 8 else ""), ""]
    close = words.closes[more % len(words.closes)]
    end = [store.line] if drawn & 48 else []
    end += [kind.specs[more % len(kind.specs)]] if drawn & 192 else []
    used = sum(map(len, (first, close, *end))) + 12
    target = LEAST + 10 + (drawn >> 8) % 190
    body, step = drawn >> 3, more >> 2
    of_kind, of_common = _STEPS_OF_9[step % 6], _STEPS_OF_18[step // 6 % 6]
    at = 0
    while used < target or at < 2:
        variants = words.common[(body + at * of_common) % 18] if at % 2 else kind.body[(body + at * of_kind) % 9]
        new = [variants[(step + at) % len(variants)], *(sentences if at == 0 else ())]
        used += sum(map(len, new)) + len(new)
        lines += new
        at += 1
        if at == 3:
            lines.append("")
    if lines[-1]:
        lines.append("")
    lines += [*end, ""] if end else []
    return "\n".join([*lines, close + (f" {emoji[more % len(emoji)]}" if more & 4 else "")])


def facts(text: str, store: Store, *, other_prices: bool) -> str:
    """What the brief of a caption says of figures: the caption's own lines, if need be with other prices.

    The line of the shop is left out: the brief says elsewhere where it is.
    """
    lines = " ".join(line for line in text.split("\n")[1:] if line != store.line and _FIGURE(line))
    return _PRICE.sub(lambda price: f"{(int(price[1]) + 1) % 10}{price[2]}", lines) if other_prices else lines


def hashtags(words: Vocabulary, kind: Kind, store: Store, more: Texts, drawn: int) -> str:
    """Three to five, none twice."""
    own, at = kind.tags, drawn >> 2
    tags = [store.tags[drawn % len(store.tags)], own[at % len(own)]]
    tags.append(own[(at + 1 + (drawn >> 6) % (len(own) - 1)) % len(own)])
    tags += [words.tags[(drawn >> 9) % len(words.tags)]] if drawn & 1 else []
    return " ".join([*tags, *more])
