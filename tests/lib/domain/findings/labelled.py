"""The labelled captions: briefs, captions, and where each planted mistake is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
SETS = sorted(path.name for path in FOLDER.glob("*.txt"))
"""The files of labelled captions; ``bakeries_and_cafes.txt`` explains how they are marked."""


@dataclass
class Labelled:
    """A caption, with the stretches that are wrong and the texts that are missing."""

    brief: dict[str, str]
    text: str
    wrong: list[tuple[int, int]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def read(name: str) -> Iterator[Labelled]:
    """The captions of one file."""
    brief: dict[str, str] = {}
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line.startswith("## "):
            brief = {}
        elif field_of := re.match(r"(product|store|copy|wishes|language): (.*)", line):
            brief[field_of[1]] = field_of[2].replace(" ⏎ ", "\n")
        elif line.startswith("- "):
            text, _, missing = line[2:].partition(" ?? ")
            text = text.replace(" / ", "\n")
            wrong, plain = [], ""
            for piece in re.split("([«»])", text):
                if piece == "«":
                    wrong.append((len(plain), len(plain)))
                elif piece == "»":
                    wrong[-1] = (wrong[-1][0], len(plain))
                else:
                    plain += piece
            yield Labelled(brief, plain, wrong, [missing] if missing else [])
