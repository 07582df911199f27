"""The dimensions that figures are grouped and filtered by, and the values of a dimension."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Dimension = Literal["model", "tone", "source", "prompt", "job", "experiment", "outcome"]
"""``prompt`` is the prompt version. ``outcome`` is known of requests to a model only. An ``experiment`` is an id, or an
id with a variant, as ``<id>:2``."""


@dataclass(frozen=True, order=True)
class DimensionValue:
    """One value of a dimension. Make one of a row's text with :meth:`of`."""

    kind: Literal["value", "missing", "hashed", "others"]
    """``missing``: the rows name none. ``hashed``: a text too long to be stored whole. ``others``: all beyond the
    largest."""
    text: str = ""
    """The value itself; of a hashed value its beginning."""
    digest: str = ""
    """Of a hashed value: the MD5 of its UTF-8, in hexadecimal."""

    @classmethod
    def of(cls, text: str | None) -> DimensionValue:
        """The value of rows that name this text; None is :data:`MISSING`."""
        return MISSING if text is None else cls("value", text)

    @property
    def plain(self) -> str | None:
        """The text for people and programs: None for a missing value, cut with an ellipsis where it is hashed."""
        return None if self.kind == "missing" else f"{self.text}…" if self.kind == "hashed" else self.text


MISSING = DimensionValue("missing")
OTHERS = DimensionValue("others")


@dataclass(frozen=True)
class Filters:
    """The rows that are counted: those with all the values that are given; None does not narrow."""

    model: DimensionValue | None = None
    tone: DimensionValue | None = None
    source: DimensionValue | None = None
    prompt: DimensionValue | None = None
    job: DimensionValue | None = None
    experiment: DimensionValue | None = None

    def given(self) -> dict[Dimension, DimensionValue]:
        """The values that narrow, by dimension."""
        values = {name: getattr(self, name) for name in FILTERED}
        return {name: value for name, value in values.items() if value is not None}

    def __bool__(self) -> bool:
        return bool(self.given())


FILTERED: tuple[Dimension, ...] = tuple(field.name for field in fields(Filters))  # type: ignore[misc]
"""The dimensions of captions, which can be filtered by."""

GROUPED: tuple[Dimension, ...] = tuple(dimension for dimension in FILTERED if dimension != "experiment")
"""Those of them that figures are grouped by."""
