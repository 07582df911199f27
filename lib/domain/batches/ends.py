"""What becomes of a batch's row, and of its batch, when the generation of the row has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.domain.batches.rows import RowStatus
from lib.domain.completion import Outcome, never_billed
from lib.domain.errors import (
    Busy,
    CancelledThere,
    Interrupted,
    ModelFailed,
    ModelUnreachable,
    NoBatchApi,
    NoKey,
    NotInTime,
    QueueFull,
    QuotaExceeded,
    RateLimited,
    WrongAddress,
    WrongKey,
)
from lib.domain.errors import Stopped as StoppedError
from lib.domain.errors.base import family

MAX_ATTEMPTS = 60
"""Requests of one row that cost nothing, after which it fails with its reason."""
LONGEST_DELAY_S = 300.0
DOWN_S = 30.0
"""Seconds until a batch tries again whose model could not be reached."""
FAILURES_IN_A_ROW = 10
"""So many rows, one after the other, whose requests failed and may have been billed: the model is down."""

PAUSES = {error.code for error in (QuotaExceeded, WrongKey, NoKey, WrongAddress, NoBatchApi, CancelledThere)}
"""Errors that every row would end with until a person has done something."""
_PASSING = {error.code for error in (RateLimited, Busy, QueueFull, ModelUnreachable, Interrupted, StoppedError)}
"""Errors of requests that cost nothing, and may go well later."""


@dataclass(frozen=True)
class RowEnd:
    """The row's status, and what follows."""

    status: RowStatus
    retry_in_s: float = 0.0
    """Of a row that is waiting again."""
    pauses: bool = False
    """Whether its batch pauses, with the error as its reason."""
    resumes_in_s: float | None = None
    """After how many seconds a batch that pauses goes on by itself; None: when a person says so."""


def row_end(outcome: str, error_code: str | None, params: dict[str, Any] | None, attempts: int) -> RowEnd:
    """What becomes of a row whose last attempt ended like this without a caption; ``attempts`` were made so far.

    A row waits for another try by itself only if its last request certainly cost nothing.
    """
    if outcome == Outcome.UNKNOWN:
        return RowEnd("unknown")
    if not never_billed(outcome, error_code):
        return RowEnd("failed")
    if error_code in PAUSES:
        return RowEnd("waiting", pauses=True)
    if error_code not in _PASSING or attempts >= MAX_ATTEMPTS:
        return RowEnd("failed")
    if error_code in (Interrupted.code, StoppedError.code):
        return RowEnd("waiting")
    delay_s = min(LONGEST_DELAY_S, 2.0 ** min(10, attempts // 3))
    seconds = (params or {}).get("seconds")
    if isinstance(seconds, int | float):
        return RowEnd("waiting", max(delay_s, float(seconds)))
    if error_code == ModelUnreachable.code:
        return RowEnd("waiting", pauses=True, resumes_in_s=max(DOWN_S, delay_s))
    return RowEnd("waiting", delay_s)


def may_be_down(error_code: str | None) -> bool:
    """Whether the error of a row that failed may mean that the model is down."""
    if error_code == NotInTime.code:  # it was not asked
        return False
    return error_code in family(ModelFailed) or error_code in ("unknown", "incomplete")


def is_down(newest: list[str | None]) -> float | None:
    """Seconds until the batch tries again, where its last rows failed one after the other; else None.

    ``newest`` are the error codes of its rows that ended last, the last one first; None: a caption. Each time that the
    model is still down, the pause is twice as long, up to an hour.
    """
    streak = 0
    for code in newest:
        if not may_be_down(code):
            break
        streak += 1
    if streak < FAILURES_IN_A_ROW or streak % FAILURES_IN_A_ROW:
        return None
    return float(min(3600.0, 2 * DOWN_S * 2.0 ** (streak // FAILURES_IN_A_ROW - 1)))
