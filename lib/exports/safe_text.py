"""Texts in files that leave the app: composed (NFC), and never a formula that a spreadsheet executes."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

FORMULA_SIGNS = "=+-@"
"""What a formula begins with, also in its full-width, small or raised form, and behind blanks.

https://owasp.org/www-community/attacks/CSV_Injection
"""
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that look like a blank."""


def composed(text: str) -> str:
    """The text in Unicode's composed form (NFC), in which Hangul is found and counted everywhere."""
    return unicodedata.normalize("NFC", text)


def composed_in(value: Any) -> Any:
    """The value with every text in it composed, names of members included; what is no text stays as it is."""
    if isinstance(value, Mapping):
        return {composed_in(name): composed_in(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [composed_in(element) for element in value]
    return composed(value) if isinstance(value, str) else value


def inert(text: str) -> str:
    """The composed text, behind an apostrophe where a spreadsheet might execute it."""
    text = composed(text)
    return f"'{text}" if _is_executed(text) else text


def _is_executed(text: str) -> bool:
    if text.startswith(("\t", "\r", "\n")):
        return True
    first = next((char for char in text if not _is_blank(char)), "")
    return first != "" and unicodedata.normalize("NFKC", first) in FORMULA_SIGNS


def _is_blank(char: str) -> bool:
    return char.isspace() or char in _FILLERS or unicodedata.category(char) in ("Cc", "Cf")
