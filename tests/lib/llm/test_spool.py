"""A trace on the disk survives its writer, is found by one other only, and tells what the writer knew."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.domain.errors import NoRoom
from lib.domain.exchange import Exchange
from lib.llm.spool import Entry, Spool
from tests.support.project import ROOT

BODY = "답은 여기에".encode()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def full(spool: Spool) -> Entry:
    """A trace from the first line to the last."""
    entry = spool.open("acme", uuid.uuid4())
    entry.attempt(uuid.uuid4())
    entry.sending()
    entry.head(200, {"content-type": "application/json", "x-request-id": "req_1"})
    entry.body(BODY[:5])  # inside a letter
    entry.body(BODY[5:])
    entry.end("cut", "ConnectionResetError", "끊김")
    return entry


def found(spool: Spool) -> Entry:
    entries = list(spool.abandoned())
    assert len(entries) == 1
    return entries[0]


OPENING = """
import os, sys, uuid
from pathlib import Path
from lib.llm.spool import Spool
spool = Spool(Path(sys.argv[1]))
"""


@contextlib.contextmanager
def program(source: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process with a Spool called ``spool`` on the folder; killed at the end."""
    started = subprocess.Popen(
        [sys.executable, "-c", OPENING + source, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def lines(writer: subprocess.Popen[str]) -> Iterator[str]:
    assert writer.stdout is not None
    while told := writer.stdout.readline():
        yield told.strip()
    raise AssertionError("the program ended")


STEPS: list[Callable[[Entry], None]] = [
    lambda entry: entry.attempt(uuid.uuid4()),
    lambda entry: entry.sending(),
    lambda entry: entry.head(200, {"content-type": "text/event-stream"}),
    lambda entry: entry.body(b"data: {}\n\n"),
    lambda entry: entry.body(b"\x00\xff"),
    lambda entry: entry.end("complete"),
    lambda entry: entry.attempt(uuid.uuid4()),
    lambda entry: entry.sending(),
    lambda entry: entry.end("cut", "TimeoutError", "stille"),
]


@pytest.mark.parametrize("steps", range(len(STEPS) + 1))
def test_what_is_read_back_is_what_the_writer_knew(spool: Spool, steps: int) -> None:
    entry = spool.open("빵집", uuid.uuid4())
    for step in STEPS[:steps]:
        step(entry)
    entry.release()
    assert found(spool).trace() == entry.trace()
    assert entry.trace() is not None


def test_a_trace_tells_everything_that_travelled(spool: Spool) -> None:
    entry = full(spool)
    exchange = entry.exchange
    assert (exchange.sent, exchange.status, exchange.body, exchange.ending) == (True, 200, BODY, "cut")
    assert exchange.headers["x-request-id"] == "req_1"
    assert (exchange.error_class, exchange.error_detail) == ("ConnectionResetError", "끊김")
    assert exchange.first_byte_ms is not None
    assert exchange.latency_ms is not None
    assert 0 <= exchange.first_byte_ms <= exchange.latency_ms
    trace = entry.trace()
    assert trace is not None
    assert trace.tenant_id == "acme"
    assert entry.path.stem == str(trace.generation_id)


def test_a_second_request_begins_with_a_clean_sheet(spool: Spool) -> None:
    entry = full(spool)
    again = uuid.uuid4()
    entry.attempt(again)
    trace = entry.trace()
    assert trace is not None
    assert trace.attempt_id == again
    assert trace.exchange == Exchange()


def test_a_last_line_that_is_cut_anywhere_costs_only_itself(spool: Spool) -> None:
    entry = full(spool)
    entry.release()
    written = entry.path.read_bytes()
    last = written.rstrip(b"\n").rfind(b"\n") + 1
    for end in range(last, len(written) - 1):
        entry.path.write_bytes(written[:end])
        again = found(spool)
        assert again.exchange.ending is None
        assert again.exchange.body == BODY
        again.release()


def test_a_trace_of_half_a_first_line_belongs_to_nobody(spool: Spool) -> None:
    entry = spool.open("acme", uuid.uuid4())
    entry.release()
    entry.path.write_bytes(entry.path.read_bytes()[:20])
    assert found(spool).trace() is None


@pytest.mark.parametrize(
    "poison", [b"7\n", b'"ending"\n', b"{}\n", b'{"status": 200}\n', b"\xff\x00\n", b'{"body": "x"}\n']
)
def test_a_line_of_another_shape_ends_the_reading_and_raises_nothing(spool: Spool, poison: bytes) -> None:
    entry = full(spool)
    entry.release()
    entry.path.write_bytes(entry.path.read_bytes() + poison)
    assert found(spool).exchange == entry.exchange


def test_a_trace_is_abandoned_only_once_its_writer_was_killed(spool: Spool) -> None:
    source = """
entry = spool.open("acme", uuid.uuid4())
entry.attempt(uuid.uuid4())
entry.sending()
entry.head(200, {})
entry.body(b"half")
print("written", flush=True)
sys.stdin.read()
"""
    with program(source, spool.folder) as writer:
        assert next(lines(writer)) == "written"
        assert list(spool.abandoned()) == []
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        exchange = found(spool).exchange
    assert (exchange.sent, exchange.body, exchange.ending) == (True, b"half", None)


def test_a_trace_that_was_given_up_or_is_held_is_found_by_no_second_one(spool: Spool) -> None:
    entry = full(spool)
    assert list(spool.abandoned()) == []
    entry.release()
    held = found(spool)
    assert list(spool.abandoned()) == []
    held.release()
    found(spool).discard()
    assert list(spool.abandoned()) == []
    assert list(spool.folder.iterdir()) == []


def test_two_processes_never_get_the_same_trace(spool: Spool) -> None:
    entries = [full(spool) for _ in range(20)]
    for entry in entries:
        entry.release()
    source = """
held = []
for entry in spool.abandoned():
    held.append(entry)
    print(entry.path.name, flush=True)
print("all", flush=True)
sys.stdin.read()
"""
    with program(source, spool.folder) as one, program(source, spool.folder) as other:
        taken = [list(itertools.takewhile(lambda name: name != "all", lines(reader))) for reader in (one, other)]
    assert sorted(taken[0] + taken[1]) == sorted(entry.path.name for entry in entries)


def test_a_trace_just_created_is_not_cleared_from_under_its_writer(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the creation of the file and its lock a storekeeper may come by and find it empty."""
    real, came_by = fcntl.flock, list[bool]()

    def lock(descriptor: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX and not came_by:
            came_by.append(True)
            for entry in spool.abandoned():
                assert entry.trace() is None
                entry.discard()
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", lock)
    entry = full(spool)
    assert came_by
    entry.release()
    assert found(spool).exchange.body == BODY


def test_the_oldest_trace_comes_first(spool: Spool) -> None:
    entries = [full(spool) for _ in range(3)]
    for age, entry in enumerate(entries):
        entry.release()
        os.utime(entry.path, (1_000_000 - age, 1_000_000 - age))
    assert [entry.path for entry in spool.abandoned()] == [entry.path for entry in reversed(entries)]


FULL_DISK = """
import json, logging, resource
from lib.domain.errors import NoRoom
logging.disable()
entry = spool.open("acme", uuid.uuid4())
entry.attempt(uuid.uuid4())
if sys.argv[2:] == []:
    entry.sending()
    entry.head(200, {})
resource.setrlimit(resource.RLIMIT_FSIZE, (entry.path.stat().st_size + 10,) * 2)  # no room for one line more
try:
    entry.sending()
    entry.body(b"paid for")
    entry.end("complete")
    print(json.dumps([entry.exchange.body.decode(), entry.exchange.ending]), flush=True)
except NoRoom as error:
    print(json.dumps(error.code), flush=True)
"""


def test_an_answer_stays_in_memory_where_the_disk_has_no_room_for_it(spool: Spool) -> None:
    with program(FULL_DISK, spool.folder) as writer:
        assert json.loads(next(lines(writer))) == ["paid for", "complete"]
        writer.wait()
    exchange = found(spool).exchange
    assert (exchange.sent, exchange.status) == (True, 200)


def test_nothing_is_sent_where_the_disk_has_no_room_to_be_safe_in(spool: Spool) -> None:
    with program(FULL_DISK.replace("sys.argv[2:] == []", "False"), spool.folder) as writer:
        assert json.loads(next(lines(writer))) == "no_room"
        writer.wait()
    assert not found(spool).exchange.sent


def test_after_a_power_cut_nothing_is_sure_to_have_been_unsent(spool: Spool) -> None:
    entry = spool.open("acme", uuid.uuid4())
    entry.attempt(uuid.uuid4())
    entry.release()
    before = found(spool)
    assert not before.exchange.sent
    before.release()
    first, *rest = entry.path.read_text().splitlines()
    told = json.loads(first)
    entry.path.write_text("\n".join([json.dumps(told | {"boot": told["boot"] - 3600}), *rest]) + "\n")
    assert found(spool).exchange.sent


def test_a_folder_that_takes_no_file_is_named(spool: Spool) -> None:
    spool.folder.rmdir()
    with pytest.raises(NoRoom, match=re.escape(str(spool.folder))):
        spool.open("acme", uuid.uuid4())


def test_a_trace_that_may_not_be_read_does_not_hide_the_others(spool: Spool) -> None:
    entry = full(spool)
    entry.release()
    (spool.folder / f"{uuid.uuid4()}.jsonl").mkdir()
    assert found(spool).path == entry.path


def test_the_spool_is_nobody_elses(spool: Spool) -> None:
    entry = full(spool)
    assert spool.folder.stat().st_mode & 0o077 == 0
    assert entry.path.stat().st_mode & 0o077 == 0


def test_discarding_twice_and_releasing_after_it_is_harmless(spool: Spool) -> None:
    entry: Any = full(spool)
    entry.discard()
    entry.discard()
    entry.release()
    assert list(spool.folder.iterdir()) == []
