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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib.domain.cursor import Cursor
from lib.domain.errors import StudioError
from lib.domain.feed_filter import FeedFilter
from lib.exports import formats
from lib.metrics import settings
from lib.store import feed_listing, feed_versions
from lib.store.feed_listing import KeptFeed
from lib.studio import Studio

KEPT_S = 3600
"""How long a finished file can be fetched."""
AT_A_TIME = 500
"""Rows that are in memory at once."""

log = logging.getLogger(__name__)


@dataclass
class Export:
    """One file being made: ``written`` rows so far, ``path`` once it is whole, ``error`` where it could not be made.

    ``token`` is 128 random bits: who knows it may fetch the file.
    """

    token: str
    name: str
    tenant_id: str
    wanted: FeedFilter
    file_format: formats.Format
    written: int = 0
    path: Path | None = None
    error: StudioError | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)
    begun: float = field(default_factory=time.time)


_running: dict[str, Export] = {}


def start(
    studio: Studio,
    tenant_id: str,
    wanted: FeedFilter,
    file_format: formats.Format,
    headings: Mapping[str, str],
    *,
    zone: dt.tzinfo,
) -> Export:
    """Begin to write what the filter means; watch the returned export. Files that nobody fetches any more go."""
    _sweep(studio.settings.exports_dir)
    today = dt.datetime.now(zone).strftime("%Y-%m-%d-%H%M")
    name = f"feed-studio-{today}.{file_format}"
    running = Export(secrets.token_hex(16), name, tenant_id, wanted, file_format)
    _running[running.token] = running
    threading.Thread(
        target=_write, args=(studio, tenant_id, wanted, running, headings, zone), name="export", daemon=True
    ).start()
    return running


def find(token: str) -> Export | None:
    """The export of this token, as long as its file is kept."""
    return _running.get(token)


def rows(studio: Studio, tenant_id: str, wanted: FeedFilter) -> Iterator[KeptFeed]:
    """What the filter means, newest first, without holding a transaction open: rows that come meanwhile are newer."""
    after: Cursor | None = None
    own_prices = settings.own_prices_of(studio, tenant_id)
    while True:
        with studio.database.tenant(tenant_id) as db:
            found = feed_listing.feeds(db, tenant_id, wanted, after=after, limit=AT_A_TIME)
            changed = feed_versions.of_feeds(db, tenant_id, [one.instagram_feed_id for one in found])
        for one in found:
            yield dataclasses.replace(one, versions=changed.get(one.instagram_feed_id, ()), own_prices=own_prices)
        if len(found) < AT_A_TIME:
            return
        after = Cursor(found[-1].created_at, found[-1].instagram_feed_id)


def _write(
    studio: Studio,
    tenant_id: str,
    wanted: FeedFilter,
    running: Export,
    headings: Mapping[str, str],
    zone: dt.tzinfo,
) -> None:
    folder = studio.settings.exports_dir / running.token

    def progress(written: int) -> None:
        running.written = written

    try:
        folder.mkdir(parents=True, exist_ok=True)
        formats.write(
            folder / running.name,
            running.file_format,
            rows(studio, tenant_id, wanted),
            headings,
            zone=zone,
            progress=progress,
            stop=running.stopped.is_set,
        )
        running.path = folder / running.name
    except StudioError as error:
        running.error = error
    except Exception:
        running.error = StudioError()
        log.exception("an export failed in a way nobody foresaw")
    finally:
        if running.path is None:
            shutil.rmtree(folder, ignore_errors=True)
        running.finished.set()


def _sweep(folder: Path) -> None:
    """Take away what is too old to be fetched, of this process and of those before it."""
    oldest = time.time() - KEPT_S
    for running in [one for one in _running.values() if one.begun < oldest and one.finished.is_set()]:
        del _running[running.token]
    with contextlib.suppress(FileNotFoundError):  # somebody else sweeps too
        for left in folder.iterdir():
            if left.stat().st_mtime < oldest and left.name not in _running:
                shutil.rmtree(left, ignore_errors=True)
