"""The address from which a finished export is downloaded."""

from __future__ import annotations

PATH = "/downloads"


def link(token: str, base_path: str = "") -> str:
    """The path of a finished export below ``base_path``, from the slash on; whoever knows it may fetch the file."""
    return f"/{base_path.strip('/')}{PATH}/{token}" if base_path.strip("/") else f"{PATH}/{token}"
