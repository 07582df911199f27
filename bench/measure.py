"""What a bench tells: figures with their unit and, where there is one, the target they are held against."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Result:
    """One figure; a ``target`` is the most it may be (``lower`` is better) or the least (``higher``)."""

    bench: str
    measure: str
    value: float
    unit: str
    target: float | None = None
    better: Literal["lower", "higher"] = "lower"

    @property
    def holds(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value <= self.target if self.better == "lower" else self.value >= self.target

    def as_json(self) -> dict[str, Any]:
        """As it stands in ``bench/results.json``."""
        return {
            "bench": self.bench,
            "measure": self.measure,
            "value": round(self.value, 3),
            "unit": self.unit,
            "target": self.target,
            "holds": self.holds,
        }


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 stay below."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def table(results: Iterable[Result]) -> str:
    """The results in columns, for a terminal."""
    rows = [("bench", "measure", "value", "unit", "target", "holds")]
    for one in results:
        sign = "≤" if one.better == "lower" else "≥"
        target = "" if one.target is None else f"{sign} {one.target:g}"
        holds = {None: "", True: "yes", False: "NO"}[one.holds]
        rows.append((one.bench, one.measure, f"{one.value:,.2f}", one.unit, target, holds))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        cells[2] = row[2].rjust(widths[2])
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
