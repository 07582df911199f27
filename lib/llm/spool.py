"""Where a generation leaves its trace on disk while it runs, so that no answer that arrived is only in memory.

One file a generation, JSON lines, appended with plain writes (they survive the death of the process) and fsync'ed
before anything parses the answer (it survives the death of the machine). The file is locked while its writer lives;
the kernel drops the lock with the process, so whoever gets it has found an abandoned trace.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import itertools
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lib.domain.errors import NoRoom, StillWriting
from lib.domain.exchange import Ending, Exchange

log = logging.getLogger(__name__)

OPEN, ASIDE, STORED = ".jsonl", ".aside", ".stored"
"""The endings of a trace: not stored yet; of a database that does not know it; stored, and kept for a while."""

_BOOT = psutil.boot_time()
"""When this machine was started, in seconds since 1970: lines written since then are still what was written."""
_CLOCK_CHANGES_S = 5.0
"""By how much setting the clock may move that moment; no machine starts twice in so short a time."""


@dataclass(frozen=True)
class Trace:
    """Everything a file tells: whose generation it is, and what travelled for its last attempt."""

    tenant_id: str
    generation_id: uuid.UUID
    attempt_id: uuid.UUID | None
    exchange: Exchange


@dataclass(frozen=True)
class StoredTrace:
    """A trace whose answer the database had when it was stored."""

    path: Path
    tenant_id: str
    generation_id: uuid.UUID
    age_s: float
    """Seconds since it was stored, by the wall clock."""


class _Lines:
    """The lines of a trace added up; the same sum whether they are being written or read back."""

    def __init__(self) -> None:
        self._whose: dict[str, Any] | None = None
        self._attempt_id: uuid.UUID | None = None
        self._travelled: dict[str, Any] = {}
        self._body: list[bytes] = []

    @property
    def sent(self) -> bool:
        return bool(self._travelled.get("sent"))

    def add(self, line: dict[str, Any]) -> None:
        if "tenant_id" in line:
            self._whose = line
        if "attempt" in line:  # a new request: the database knows already what the one before it brought
            self._attempt_id, self._travelled, self._body = uuid.UUID(line["attempt"]), {}, []
        elif "sending" in line:
            self._travelled["sent"] = True
        elif "status" in line:
            self._travelled |= {"status": line["status"], "headers": line["headers"]}
        elif "body" in line:
            self._body.append(base64.b64decode(line["body"]))
            self._travelled.setdefault("first_byte_ms", line["t_ms"])
            self._travelled["latency_ms"] = line["t_ms"]
        elif "ending" in line:
            self._travelled |= {name: line.get(name) for name in ("ending", "error_class", "error_detail")}
            self._travelled["latency_ms"] = line["t_ms"]

    def trace(self) -> Trace | None:
        if self._whose is None:
            return None
        generation_id = uuid.UUID(self._whose["generation_id"])
        return Trace(self._whose["tenant_id"], generation_id, self._attempt_id, self.exchange())

    def exchange(self) -> Exchange:
        # Until the end, lines are only with the operating system: after a power cut, that no line says *sending* is no
        # proof that nothing was sent.
        cut_off = self._whose is not None and abs(self._whose.get("boot", 0) - _BOOT) > _CLOCK_CHANGES_S
        return Exchange(**self._travelled | {"sent": self.sent or cut_off}, body=b"".join(self._body))


class Entry:
    """The open trace of one generation, held by the one who writes or repairs it."""

    def __init__(self, path: Path, descriptor: int, lines: _Lines, names: _Names) -> None:
        self.path = path
        self._names = names
        self._descriptor = descriptor
        self._lines = lines
        self._started = time.perf_counter()

    def attempt(self, attempt_id: uuid.UUID) -> None:
        """The next request gets ready; nothing of it has been sent."""
        self._append(attempt=str(attempt_id))

    def sending(self) -> None:
        """From here on the request may have reached the server, and may be billed."""
        self._started = time.perf_counter()
        self._append(sending=True)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """The response began."""
        self._append(status=status, headers=dict(headers))

    def body(self, chunk: bytes) -> None:
        """More bytes of the answer."""
        self._append(body=base64.b64encode(chunk).decode())

    def end(self, ending: Ending, error_class: str | None = None, error_detail: str | None = None) -> None:
        """No more will come for this attempt. On return everything is on the disk itself."""
        self._append(ending=ending, error_class=error_class, error_detail=error_detail)
        try:
            os.fsync(self._descriptor)
            self._names.keep()
        except OSError:
            log.exception("the answer could not be forced to the disk: %s", self.path)

    @property
    def exchange(self) -> Exchange:
        """What travelled so far for the last attempt."""
        return self._lines.exchange()

    @property
    def silent_s(self) -> float:
        """For how many seconds nothing has been written to it, by the wall clock."""
        return time.time() - os.fstat(self._descriptor).st_mtime

    def trace(self) -> Trace | None:
        """All that was told so far; None where the writer died before its first line was whole."""
        return self._lines.trace()

    def discard(self) -> None:
        """Delete the trace: nothing that was paid for is in it."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        self.release()

    def retire(self) -> None:
        """The database has the answer: keep its trace for a while, because the database may be set back."""
        if not self._lines.exchange().body:
            self.discard()
            return
        with contextlib.suppress(OSError):  # then it stays as it is, and recovery finds that it is stored
            os.utime(self.path)
            self.path.rename(self.path.with_suffix(STORED))
        self.release()

    def set_aside(self) -> None:
        """Keep it, but out of the way until the next start: this database does not know it."""
        self.path.rename(self.path.with_suffix(ASIDE))
        self.release()

    def release(self) -> None:
        """Leave the trace for whoever can store it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _append(self, **line: Any) -> None:
        line["t_ms"] = (time.perf_counter() - self._started) * 1000
        try:
            rest = json.dumps(line).encode() + b"\n"
            while rest:  # a disk that is nearly full takes a part, and only says at the next write that it is full
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            if not self._lines.sent:  # nowhere to be safe in: better not to spend money
                raise NoRoom(folder=str(self.path.parent), detail=error.strerror) from error
            log.exception("the answer is only in memory: %s", self.path)
        self._lines.add(line)


class _Names:
    """Makes the names of new files survive a power cut: a name lives in its folder, not in its file.

    One forcing serves everybody who was in line for it when it began.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._asked = itertools.count(1)
        self._last_asked = self._kept = 0

    def keep(self) -> None:
        """On return every file that existed before the call is in its folder for good."""
        mine = self._last_asked = next(self._asked)
        with self._lock:
            if self._kept >= mine:
                return
            upto = self._last_asked
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._kept = upto


class Spool:
    """The folder of traces; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._names = _Names(folder)

    def open(self, tenant_id: str, generation_id: uuid.UUID, attempt_id: uuid.UUID | None = None) -> Entry:
        """Begin the trace of a generation, with its first attempt where that is known already.

        Raises ``NoRoom`` where the disk takes none, and ``StillWriting`` where an earlier request of
        the same generation has left a trace that is not stored yet.
        """
        path = self.folder / f"{generation_id}{OPEN}"
        while True:
            try:
                descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            except FileExistsError as error:
                raise StillWriting from error
            except OSError as error:
                raise NoRoom(folder=str(self.folder), detail=error.strerror) from error
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if path.exists():
                break
            os.close(descriptor)  # between the two somebody took it for one whose writer died at once, and cleared it
        entry = Entry(path, descriptor, _Lines(), self._names)
        try:
            first = {"attempt": str(attempt_id)} if attempt_id else {}
            entry._append(tenant_id=tenant_id, generation_id=str(generation_id), boot=_BOOT, **first)
        except NoRoom:
            entry.discard()
            raise
        return entry

    def take_back(self) -> None:
        """Look again at what was set aside: the database may be another one now."""
        for path in self.folder.glob(f"*{ASIDE}"):
            path.rename(path.with_suffix(OPEN))

    def pending(self) -> list[Path]:
        """The traces whose answers are not stored, those set aside included."""
        return [path for path in self.folder.iterdir() if path.suffix != STORED]

    def stored(self) -> Iterator[StoredTrace]:
        """The traces that are kept although the database has their answers."""
        for path in self.folder.glob(f"*{STORED}"):
            try:
                with path.open("rb") as file:
                    first = json.loads(file.readline())
                age_s = time.time() - path.stat().st_mtime
                yield StoredTrace(path, first["tenant_id"], uuid.UUID(first["generation_id"]), age_s)
            except FileNotFoundError:  # another process was faster
                continue
            except (OSError, ValueError, LookupError):
                log.exception("the stored trace %s cannot be read; it stays where it is", path)

    def offer_again(self, trace: StoredTrace) -> bool:
        """Make a stored trace one that waits to be stored; False where its generation has such a trace already."""
        try:
            os.link(trace.path, trace.path.with_suffix(OPEN))
        except OSError:  # another process was faster, or another attempt of the generation is under way
            return False
        trace.path.unlink(missing_ok=True)
        return True

    def delete_stored(self, generation_id: uuid.UUID) -> None:
        """Delete the stored trace of a generation that was deleted on purpose."""
        (self.folder / f"{generation_id}{STORED}").unlink(missing_ok=True)

    def abandoned(self) -> Iterator[Entry]:
        """The traces whose writer is gone or gave up, each locked for the caller, oldest first."""
        paths = sorted(self.folder.glob(f"*{OPEN}"), key=_age)
        for path in paths:
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
            except FileNotFoundError:
                continue
            except OSError:
                log.exception("the trace %s cannot be opened; it stays where it is", path)
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            if not path.exists():  # stored by somebody else between the look and the lock
                os.close(descriptor)
                continue
            yield Entry(path, descriptor, _read(path), self._names)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _read(path: Path) -> _Lines:
    lines = _Lines()
    for line in path.read_bytes().splitlines():
        try:
            lines.add(json.loads(line))
        except (ValueError, LookupError, TypeError, AttributeError):  # of a writer killed in the middle of the line
            break
    return lines
