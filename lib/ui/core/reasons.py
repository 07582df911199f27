"""Why a row has no caption, and why a batch waits, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lib.domain.brief import Language
from lib.domain.errors import from_code
from lib.i18n import words
from lib.store.batches.rows import Failure, Row
from lib.ui.core.words import language, say


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """What an error's code means to the reader; the code itself where this release has no sentence for it."""
    return _sentence(language(), code, params or {})


def counted(failure: Failure) -> str:
    """How many rows have no caption for a reason, and what it is."""
    key = "batches.reason_such_as" if failure.varies else "batches.reason"
    return say(key, count=failure.count, reason=sentence(failure.code, failure.params))


def of(row: Row) -> str:
    """Why the row has no caption; empty where it has one, or is not over."""
    return _of(language(), row)


def in_language() -> Callable[[Row], str]:
    """:func:`of` in the reader's present language, for a thread that has no reader."""
    return partial(_of, language())


def _of(in_language: Language, row: Row) -> str:
    return _sentence(in_language, row.error_code, row.error_params or {}) if row.error_code else ""


def _sentence(in_language: Language, code: str, params: Mapping[str, Any]) -> str:
    try:
        return words.error(in_language, from_code(code, params))
    except (KeyError, TypeError, ValueError):
        return code
