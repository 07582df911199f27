"""What a batch is made of: rows that have been checked, and the states of a batch and of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.domain.brief import MAX_VARIANTS, Brief, GenerationOptions, clean
from lib.domain.errors import InvalidBatch, Problem

Status = Literal["queued", "running", "paused", "done", "cancelled"]
"""Of a batch: no row taken yet; rows are taken; nothing is taken until somebody or something resumes it; all rows have
ended; a person ended it."""
ENDED: tuple[Status, ...] = ("done", "cancelled")

RowStatus = Literal["waiting", "running", "written", "failed", "unknown", "cancelled"]
"""Of a row: not sent; recorded and perhaps sent; has its caption; has a reason instead; was sent and nobody knows what
became of it; not sent, and never will be."""
ROW_STATUSES: tuple[RowStatus, ...] = ("waiting", "running", "written", "failed", "unknown", "cancelled")

MAX_ROWS = 10_000
"""The most rows of one batch."""
MAX_REFERENCE = 500
"""Characters of a row's reference."""


@dataclass(frozen=True)
class NewRow:
    """A row of a batch that has been checked: one brief, and how many captions are wanted of it.

    Raises ``InvalidBatch`` with every problem at once; ``Brief`` and ``GenerationOptions`` have checked themselves.
    """

    brief: Brief
    options: GenerationOptions
    """``job_id``: the pipeline's job that the captions are for; None: the batch's own."""
    variants: int = 1
    """How many captions, each from another angle; 1 to ``MAX_VARIANTS``."""
    reference: str | None = None
    """The customer's own name for the row, which comes back with its caption."""
    uploaded: tuple[str | None, ...] = ()
    """The cells of the row as uploaded, in the order of the batch's columns."""

    def __post_init__(self) -> None:
        problems = []
        if self.reference is not None:
            object.__setattr__(self, "reference", clean(self.reference) or None)
        if not 1 <= self.variants <= MAX_VARIANTS:
            problems.append(Problem("variants", "out_of_range", {"least": 1, "most": MAX_VARIANTS}))
        if len(self.reference or "") > MAX_REFERENCE:
            length = len(self.reference or "")
            problems.append(Problem("reference", "too_long", {"length": length, "most": MAX_REFERENCE}))
        if problems:
            raise InvalidBatch(problems)
