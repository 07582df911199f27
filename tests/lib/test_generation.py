"""The one path from a brief to a stored caption, on a real database and the real client."""

from __future__ import annotations

from lib.brief import Brief, GenerationOptions
from lib.generation import generate
from lib.studio import Studio


def test_a_brief_becomes_a_row(studio: Studio, brief: Brief) -> None:
    feed = generate(studio, brief, GenerationOptions("demo"), source="test")
    assert feed.tenant_id == "acme"
