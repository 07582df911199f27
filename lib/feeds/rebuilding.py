"""A team's search index and figures made anew, in a thread, while a person watches or goes elsewhere."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from lib.domain.errors import StudioError
from lib.store import reconciliation
from lib.store.reconciliation import Mended
from lib.studio import Studio

log = logging.getLogger(__name__)


@dataclass
class Rebuild:
    """One rebuild: once ``finished``, ``mended`` says what was wrong, or ``error`` why it failed."""

    mended: Mended | None = None
    error: StudioError | None = None
    finished: threading.Event = field(default_factory=threading.Event)


_latest: dict[str, Rebuild] = {}
_lock = threading.Lock()


def start(studio: Studio, tenant_id: str) -> Rebuild:
    """Start to read every row of the team anew, or return the rebuild that this process is busy with."""
    with _lock:
        running = _latest.get(tenant_id)
        if running is None or running.finished.is_set():
            running = _latest[tenant_id] = Rebuild()
            threading.Thread(target=_run, args=(studio, tenant_id, running), name="rebuild", daemon=True).start()
    return running


def latest(tenant_id: str) -> Rebuild | None:
    """The team's rebuild that this process began last; None where it began none."""
    return _latest.get(tenant_id)


def _run(studio: Studio, tenant_id: str, running: Rebuild) -> None:
    try:
        running.mended = reconciliation.rebuild(studio.database, tenant_id)
    except StudioError as error:
        running.error = error
    except Exception:
        running.error = StudioError()
        log.exception("a rebuild failed with a bug")
    finally:
        running.finished.set()
