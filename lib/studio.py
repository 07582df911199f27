"""The composition root: settings, database, writer and spool put together, once a process; tests put in their own."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from lib.demo.model import DemoModel
from lib.domain.progress import Count, Progress
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store.database import Database

PAGE_THREADS = 64
"""How many generations one process executes at a time for people; a thread that waits for a model costs little."""
PIPELINE_THREADS = 256
"""How many more it executes for programs, so that a person never waits behind them."""


COUNTING_THREADS = 2
"""How many chunks of changed rows one process counts at a time. Who waits for figures holds none of these threads."""


@dataclass
class Studio:
    """Everything a use case needs; pass it as the first argument."""

    settings: Settings
    database: Database
    writer: Writer
    spool: Spool
    embedded: EmbeddedPostgres | None = None
    running: dict[uuid.UUID, Progress] = field(default_factory=dict)
    """The generations that this process is writing now."""
    presence: Any = None
    """The :class:`lib.generation.presence.Presence` of this process, where it says in the database that it lives."""
    tenants: set[str] = field(default_factory=set)
    """Those that stand in the directory for certain, and need not be written there again."""
    page_threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="generation")
    )
    pipeline_threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(PIPELINE_THREADS, thread_name_prefix="pipeline")
    )
    pipeline_slots: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(PIPELINE_THREADS)
    )
    """As many as ``pipeline_threads``: a call that gets none is rejected instead of queued."""

    counting_threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(COUNTING_THREADS, thread_name_prefix="counting")
    )
    counts: dict[tuple[str, ...], Count] = field(default_factory=dict)
    """What is being counted now, by tenants."""
    figures: OrderedDict[tuple[Any, ...], Any] = field(default_factory=OrderedDict)
    """The figures that were read last, by tenants and view; :mod:`lib.metrics.service` keeps them."""
    knows_every_team: bool = False
    """Whether it has looked for teams that were never counted. Who writes a row from then on, triggers note."""

    @property
    def process_id(self) -> uuid.UUID | None:
        """The name that the requests of this process bear; None where it does not say that it lives."""
        return self.presence.process_id if self.presence else None

    def close(self) -> None:
        """Stop what is being written, let it be stored, and take leave of the database."""
        for progress in list(self.running.values()):
            progress.stop()
        self.page_threads.shutdown(wait=True)
        self.pipeline_threads.shutdown(wait=True)
        self.counting_threads.shutdown(wait=True, cancel_futures=True)
        self.writer.close()
        self.database.close()
        if self.embedded:
            self.embedded.stop()


def build(settings: Settings) -> Studio:
    """A Studio on the embedded database, or on the one that the settings name, migrated.

    Raises ``DatabaseNotStarted``, ``DatabaseAway`` or ``DatabaseRefused``.
    """
    embedded = None
    app_url, owner_url = settings.database_url, settings.database_owner_url
    if app_url is None:
        embedded = EmbeddedPostgres(settings.data_dir / "postgres")
        embedded.start()
        app_url, owner_url = embedded.app_url, embedded.owner_url
    database = Database(app_url, owner_url)
    database.migrate()
    return Studio(
        settings, database, Writer(settings, DemoModel(pace=settings.demo_pace)), Spool(settings.spool_dir), embedded
    )


_lock = threading.Lock()
_current: Studio | None = None


def current() -> Studio:
    """The process's Studio, built from the environment when first asked for."""
    global _current  # noqa: PLW0603 - the one thing of which a process has one
    with _lock:
        if _current is None:
            _current = build(Settings.from_environment())
        return _current


def use(studio: Studio | None) -> None:
    """Put another Studio in its place (tests), or None to build anew."""
    global _current  # noqa: PLW0603 - the one thing of which a process has one
    with _lock:
        _current = studio
