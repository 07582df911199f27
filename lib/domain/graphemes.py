"""Whole characters as a reader counts them, emoji and flags included: Unicode Standard Annexes 29 and 51."""

from __future__ import annotations

import regex

LINE_BREAKS = frozenset(("\n", "\r", "\r\n"))

_CLUSTER = regex.compile(r"\X")
_EMOJI = regex.compile(r"(?!\p{Emoji_Modifier})\p{Emoji_Presentation}|\p{Emoji}\uFE0F|[0-9#*]\u20E3")


def clusters(text: str) -> list[str]:
    """The text in grapheme clusters, which a reader takes for one character each; joined they are the text again."""
    return [match[0] for match in _CLUSTER.finditer(text)]


def is_emoji(cluster: str) -> bool:
    """Whether a grapheme cluster is shown as an emoji: by itself, or because a variation selector asks for it."""
    return bool(_EMOJI.match(cluster))
