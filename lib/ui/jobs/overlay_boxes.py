"""Where the pipeline placed text: an overlay's ratios as boxes over the picture area."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from lib.store.pipeline_jobs import Overlay

WIDTH, HEIGHT = 320, 400
"""Pixels of the picture area: Instagram's portrait format, 4 to 5."""
COLOURS = ("#3347a8", "#00a178", "#c2570c", "#ce6cc9", "#8e6b00", "#467988")
"""The theme's, in which neighbours differ for every kind of sight."""
MOST = 24
"""Boxes of one layout that are drawn."""

_NAMES = ("x_ratio", "y_ratio", "width_ratio", "height_ratio")
_SHORT = ("x", "y", "width", "height")


class Box(NamedTuple):
    """Ratios of the picture's width and height; x and y are of the box's top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def percent(self) -> list[int]:
        """The four ratios in whole percent."""
        return [round(value * 100) for value in self]


def of(overlay: Overlay) -> list[Box]:
    """The boxes of an overlay: that of its columns, else those that its layout document tells."""
    own = _box([getattr(overlay, name) for name in _NAMES])
    return [own] if own else list(_in(overlay.layout))[:MOST]


def svg(overlays: Iterable[list[Box]]) -> str:
    """The picture area with the boxes of each overlay in its own colour, numbered; no text of others."""
    drawn = []
    for number, boxes in enumerate(overlays):
        colour = COLOURS[number % len(COLOURS)]
        for box in boxes:
            x, y, width, height = box.x * WIDTH, box.y * HEIGHT, box.width * WIDTH, box.height * HEIGHT
            drawn.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" '
                f'fill="{colour}" fill-opacity="0.22" stroke="{colour}" stroke-width="2"/>'
                f'<circle cx="{x + 16:.1f}" cy="{y + 16:.1f}" r="10" fill="{colour}"/>'
                f'<text x="{x + 16:.1f}" y="{y + 20.5:.1f}" font-size="13" font-weight="700" fill="#ffffff" '
                f'text-anchor="middle" font-family="sans-serif">{number + 1}</text>'
            )
    grid = "".join(
        f'<path d="M{WIDTH * third / 3:.1f} 0V{HEIGHT}M0 {HEIGHT * third / 3:.1f}H{WIDTH}" stroke="#c9c3b6"/>'
        for third in (1, 2)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10" fill="#efece5" stroke="#b9b2a3"/>'
        f"{grid}{''.join(drawn)}</svg>"
    )


def _in(layout: Any) -> Iterable[Box]:
    """Every box that a layout document tells, however deep: other programs decide what it looks like."""
    waiting, seen = [layout], 0
    while waiting and seen < 1000:
        part, seen = waiting.pop(0), seen + 1
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            for names in (_NAMES, _SHORT):
                box = _box([part.get(name) for name in names])
                if box:
                    yield box
                    break
            waiting += [value for value in part.values() if isinstance(value, dict | list)]


def _box(ratios: list[Any]) -> Box | None:
    """The box of four ratios, as much of it as lies in the picture; None for what is none."""
    if not all(
        isinstance(ratio, int | float) and not isinstance(ratio, bool) and math.isfinite(ratio) for ratio in ratios
    ):
        return None
    x, y, width, height = (min(max(float(ratio), 0.0), 1.0) for ratio in ratios)
    if max(ratios) > 1.5 or min(ratios) < 0:  # pixels, or nonsense
        return None
    width, height = min(width, 1 - x), min(height, 1 - y)
    return Box(x, y, width, height) if width > 0 and height > 0 else None
