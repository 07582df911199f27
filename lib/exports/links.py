"""The address from which a finished export is downloaded."""

from __future__ import annotations

PATH = "/downloads"


def link(token: str) -> str:
    """The address of a finished export, from the slash on; who knows it may fetch the file."""
    return f"{PATH}/{token}"
