"""An export that runs in a thread, page by page of the list, into a file that is served from the disk."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lib.domain.cursor import Cursor
from lib.domain.errors import StudioError
from lib.domain.feed_filter import FeedFilter
from lib.exports import formats
from lib.feeds import checking
from lib.metrics import settings
from lib.store import feed_listing, feed_versions
from lib.store.feed_listing import KeptFeed
from lib.studio import Studio

KEPT_S = 3600
"""Seconds for which a finished file can be downloaded."""
AT_A_TIME, BYTES_AT_A_TIME = 500, 32_000_000
"""Rows in memory at a time, and the bytes of their texts; a single row may be longer."""

log = logging.getLogger(__name__)


@dataclass
class Export:
    """A file that is written: ``written`` rows so far, ``path`` once it is complete, ``error`` where it failed.

    ``token`` is 128 random bits: whoever knows it may download the file. ``total`` rows are expected; None: unknown.
    """

    token: str
    name: str
    tenant_id: str
    file_format: formats.Format
    total: int | None = None
    written: int = 0
    path: Path | None = None
    error: StudioError | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.time)


_running: dict[str, Export] = {}


class Write(Protocol):
    """Writes a file at a path, says how many rows it has, and raises ``ExportStopped`` when it is to stop."""

    def __call__(self, path: Path, /, *, progress: Callable[[int], None], stop: Callable[[], bool]) -> object: ...


def start(
    studio: Studio,
    tenant_id: str,
    filters: FeedFilter,
    file_format: formats.Format,
    headings: Mapping[str, str],
    *,
    zone: dt.tzinfo,
    total: int | None = None,
) -> Export:
    """Start to write the feeds that the filter selects; returns the export to watch."""

    def write(path: Path, **watch: Any) -> None:
        feeds = rows(studio, tenant_id, filters, with_answers=file_format == "jsonl")
        formats.write(path, file_format, feeds, headings, zone=zone, **watch)

    return start_file(studio, tenant_id, "feed-studio", file_format, write, zone=zone, total=total)


def start_file(
    studio: Studio,
    tenant_id: str,
    stem: str,
    file_format: formats.Format,
    write: Write,
    *,
    zone: dt.tzinfo,
    total: int | None = None,
) -> Export:
    """Start to write a file whose name begins with ``stem``; returns the export to watch. Deletes files too old."""
    _sweep(studio.settings.exports_dir)
    today = dt.datetime.now(zone).strftime("%Y-%m-%d-%H%M")
    running = Export(secrets.token_hex(16), f"{stem}-{today}.{file_format}", tenant_id, file_format, total)
    _running[running.token] = running
    threading.Thread(target=_write, args=(studio, running, write), name="export", daemon=True).start()
    return running


def find(token: str) -> Export | None:
    """The export with this token; None when it is unknown or was deleted."""
    return _running.get(token)


def rows(studio: Studio, tenant_id: str, filters: FeedFilter, *, with_answers: bool = True) -> Iterator[KeptFeed]:
    """The feeds that the filter selects, newest first, a page a transaction: rows that arrive meanwhile are newer.

    Tables hold no raw answers, which are left out then (:func:`lib.store.feed_listing.feeds`).
    """
    after: Cursor | None = None
    own_prices = settings.own_prices_of(studio, tenant_id)
    while True:
        with studio.database.tenant(tenant_id) as db:
            page, after = feed_listing.feeds(
                db,
                tenant_id,
                filters,
                after=after,
                limit=AT_A_TIME,
                most_bytes=BYTES_AT_A_TIME,
                with_answers=with_answers,
            )
            changed = feed_versions.of_feeds(db, tenant_id, [feed.instagram_feed_id for feed in page])
        findings = checking.of_rows(studio, tenant_id, page)
        for feed in page:
            yield dataclasses.replace(
                feed,
                versions=changed.get(feed.instagram_feed_id, ()),
                own_prices=own_prices,
                findings=findings[feed.instagram_feed_id],
            )
        if after is None:
            return


def _write(studio: Studio, running: Export, write: Write) -> None:
    folder = studio.settings.exports_dir / running.token

    def progress(written: int) -> None:
        running.written = written

    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / running.name, progress=progress, stop=running.stopped.is_set)
        running.path = folder / running.name
    except StudioError as error:
        running.error = error
    except Exception:
        running.error = StudioError()
        log.exception("an export failed with a bug")
    finally:
        if running.path is None:
            shutil.rmtree(folder, ignore_errors=True)
        running.finished.set()


def _sweep(folder: Path) -> None:
    """Delete the files that are too old to be downloaded, of this process and of earlier ones."""
    oldest = time.time() - KEPT_S
    for running in [export for export in _running.values() if export.started < oldest and export.finished.is_set()]:
        del _running[running.token]
    with contextlib.suppress(FileNotFoundError):  # another export sweeps at the same time
        for left in folder.iterdir():
            if left.stat().st_mtime < oldest and left.name not in _running:
                shutil.rmtree(left, ignore_errors=True)
