"""Which facts of a brief an angle tells, and which of them first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.demo.model.reading import phrases

MOST = {"benefit": 5, "question": 3, "story": 4, "senses": 3, "scene": 2}
"""Facts for each angle: one that argues says more than one that paints."""
_FIGURE = re.compile(
    r"[$£€]?\d[\d,.]*\s?(?:[천만]\s?)?(?:원|달러|g|kg|ml|l|개|개입|인분|매|cm)?(?:\s?부터)?"
    r"|[$£€]?\d[\d,.]*\s?(?:g|kg|ml|oz|cm|dollars?|usd)\b[^가-힣]*",
    re.IGNORECASE,
)
"""A bare price, weight or count: never the first thing to say, and nothing for an angle that paints."""

_LEANS = re.compile(r"(?:그래서|그리고|하지만|또한|그래도|덕분에|때문에|and|but|so|that|then|which)\b", re.IGNORECASE)
"""How a sentence begins that says nothing without the one before it."""


def facts_for(angle: str, units: Sequence[str], most: int, take: int) -> list[str]:
    """At most so many of the units, those that suit the angle first; the others in turn, so that no two angles agree.

    A unit that leans on the one before it stays behind it and is not counted.
    """
    blocks: list[list[str]] = []
    for unit in units:
        if blocks and _LEANS.match(unit):
            blocks[-1].append(unit)
        else:
            blocks.append([unit])
    said = [block for block in blocks if not is_figure(block[0])]
    figures = [block for block in blocks if is_figure(block[0])] if angle == "benefit" or not said else []
    offset = (list(phrases()["angles"]).index(angle) + take) % max(len(said), 1)
    fitting = sorted([*said[offset:], *said[:offset]], key=lambda block: -fit(angle, " ".join(block)))
    return [unit for block in [*fitting, *figures][:most] for unit in block]


def is_figure(unit: str) -> bool:
    """Whether the unit is no more than a figure and what it counts (3,500원, 200g)."""
    return bool(_FIGURE.fullmatch(unit))


def fit(angle: str, text: str) -> int:
    """How well a fact suits an angle: two for what it is about first of all, one for what comes next."""
    lowered, subjects = f"{text.lower()} ", phrases()["angle_facts"][angle]
    return sum(
        len(subjects) - at
        for at, subject in enumerate(subjects)
        if any(word in lowered for word in phrases()["about"][subject])
    )
