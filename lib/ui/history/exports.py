"""Taking what the filters show home as a file."""

from __future__ import annotations

from lib.domain.feed_filter import FeedFilter
from lib.exports import background, formats
from lib.exports.background import Export
from lib.studio import Studio
from lib.ui.core import cache, exporting, format_dates, words
from lib.ui.core.words import say


def show(studio: Studio, tenant_id: str, filters: FeedFilter) -> None:
    """The button with its formats, and the last export with how far it is."""

    def start(file_format: formats.Format) -> Export:
        statuses = {f"value_{name}": text for name, text in words.listed("status").items()}
        return background.start(
            studio,
            tenant_id,
            filters,
            file_format,
            words.listed("export") | statuses,
            zone=format_dates.zone(),
            total=cache.count(tenant_id, filters),
        )

    exporting.show("history", tenant_id, say("exporting.title"), say("exporting.help"), formats.FORMATS, start)
