"""What the list of the history page shows, and captions to be shown in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lib.domain.brief import Brief, GenerationOptions
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.support import generating
from tests.support.opened_page import Opened

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def rows(page: Opened) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = page.component("feeds")["rows"]
    return listed


def captions(page: Opened) -> list[str]:
    return ["".join(text for _, text in row["caption"]) for row in rows(page)]


def wrote(studio: Studio, brief: Brief, **asked: Any) -> Feed:
    return generating.write(studio, brief, GenerationOptions("demo"), source="page", **asked)
