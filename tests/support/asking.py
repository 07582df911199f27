"""Requests to a model, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.domain.exchange import Exchange

JSON = dict[str, Any]


Ask = Callable[..., Exchange]


REAL = "gpt-6-luna"


def nobody_watches(_content: str) -> None:
    """For who does not want to see the text as it arrives."""
