"""Processes that each write one caption and meet their fate at a step of our choosing, the n-th.

Run as a program it waits for orders, one JSON object a line, and forks a process for each. It is one thread, has
imported everything and has written one caption already, so that a life costs milliseconds.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg2
from sqlalchemy import make_url

from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import StudioError
from lib.generation import generate
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store.database import Database
from lib.studio import Studio
from tests.support import generating
from tests.support.project import ROOT

LIB = ROOT / "lib"

STEPS_IN = ("generation/submit.py", "generation/generate.py", "generation/outcome.py", "llm/client.py")
"""Where every call and every return is a step, as in the store: between two of them nothing outside changes."""
BY_LINE = "llm/spool.py"
"""Where every line is a step, because each may write to the disk."""
PURE = ("_Follower.", "_Lines.", "_json", "_instant")
"""What only follows a stream for the page to show, or reads and makes values: it leaves nothing behind."""

MODEL = "gpt-6-luna"
BRIEF = Brief(
    tenant_id="acme",
    refined_ad_copy_eng="Slow mornings",
    tone_style="따뜻한",
    product_description="제주 말차 라떼. 첫 잎만 씁니다.",
    store_information="성수동 12길 3",
    gpt_prompt="이모지는 한 개만 써 주세요.",
)
OPTIONS = GenerationOptions(model=MODEL)


@dataclass(frozen=True)
class Order:
    """What one process is to do, and which of its steps (from 1) it does not get beyond."""

    key: str
    stream: bool
    step: int
    fate: str = "killed"
    """``killed``: by SIGKILL; ``database_gone``: the database ends every connection and takes none from then on."""


@dataclass(frozen=True)
class Life:
    """How it went."""

    signal: int
    """That ended the process, 0 where it ended by itself."""
    step: str
    """File, line and kind of the step at which it met its fate; empty where it did not have as many."""
    ended: str
    """The code of the error that was raised, or the id of the feed; empty where it was killed."""


class Mortals:
    """The program, seen from the test."""

    def __init__(self, database_url: str, superuser_url: str, endpoint_url: str, spool: Path) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mortal", database_url, superuser_url, endpoint_url, str(spool)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._hear() == "ready"

    def live(self, order: Order) -> Life:
        """Let one process live, and return when it is over."""
        assert self._program.stdin
        print(json.dumps(asdict(order)), file=self._program.stdin, flush=True)
        return Life(**json.loads(self._hear()))

    def close(self) -> None:
        """No more."""
        assert self._program.stdin
        assert self._program.stdout
        self._program.stdin.close()
        self._program.wait()
        self._program.stdout.close()

    def _hear(self) -> str:
        assert self._program.stdout
        told = self._program.stdout.readline()
        assert told, "the mortals' program ended"
        return told.strip()


@contextlib.contextmanager
def mortals(database_url: str, superuser_url: str, endpoint_url: str, spool: Path) -> Iterator[Mortals]:
    """The program, ready."""
    running = Mortals(database_url, superuser_url, endpoint_url, spool)
    try:
        yield running
    finally:
        running.close()


# -- the program ------------------------------------------------------------------------------------------------------


def studio_on(database_url: str, endpoint_url: str, spool: Path, *, timeout_s: float = 30) -> Studio:
    """A Studio as a process has one; nothing of it is connected yet."""
    settings = Settings(openai_api_key="sk-test", openai_base_url=endpoint_url, openai_model=MODEL, timeout_s=timeout_s)
    return Studio(settings, Database(database_url), Writer(settings, DemoModel(pace=0)), Spool(spool))


def _main(database_url: str, superuser_url: str, endpoint_url: str, spool: str) -> None:
    generate.RETRY_DELAYS_S = (0.0, 0.0)  # the waiting between two requests is no step
    studio = studio_on(database_url, endpoint_url, Path(spool))
    fates = {
        "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "database_gone": lambda: let_connect(superuser_url, database_url, allowed=False),
    }
    for stream in (True, False):
        generating.write(studio, BRIEF, OPTIONS, source="warming up", stream=stream)
    studio.database.close()
    assert threading.active_count() == 1, "only one thread can be forked"
    print("ready", flush=True)
    for line in sys.stdin:
        order = Order(**json.loads(line))
        print(json.dumps(asdict(_life(studio, order, fates[order.fate]))), flush=True)


def _life(studio: Studio, order: Order, strike: Callable[[], None]) -> Life:
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _live(studio, order, tell, strike)
    os.close(tell)
    with open(hear, encoding="utf-8") as told:  # noqa: PTH123 - a descriptor
        words = dict(line.split(" ", 1) for line in told.read().splitlines())
    _, status = os.waitpid(child, 0)
    return Life(os.waitstatus_to_exitcode(status) * -1, words.get("step", ""), words.get("ended", ""))


def _live(studio: Studio, order: Order, tell: int, strike: Callable[[], None]) -> None:
    fate = _Fate(order.step, strike, tell)
    threading.settrace(fate)
    sys.settrace(fate)
    try:
        ended = str(
            generating.write(
                studio, BRIEF, OPTIONS, source="test", idempotency_key=order.key, stream=order.stream
            ).instagram_feed_id
        )
    except StudioError as error:
        ended = error.code
    except BaseException as error:  # told to the test, which expects none
        ended = repr(error)
    finally:
        sys.settrace(None)
    os.write(tell, f"ended {ended}\n".encode())
    os._exit(0)


class _Fate:
    """Counts the steps of all threads, and strikes before one of them is taken."""

    def __init__(self, step: int, strike: Callable[[], None], tell: int) -> None:
        self._left, self._strike, self._tell = step, strike, tell
        self._lock = threading.Lock()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        file, name = frame.f_code.co_filename, frame.f_code.co_qualname
        if name.startswith(PURE) or not _has_steps(file):
            return None
        frame.f_trace_lines = Path(file) == LIB / BY_LINE
        return self._step(frame, event, arg)

    def _step(self, frame: FrameType, event: str, _arg: Any) -> Any:
        if event == "line" or not frame.f_trace_lines:
            with self._lock:
                self._left -= 1
                if self._left == 0:
                    where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
                    os.write(self._tell, f"step {where} {event}\n".encode())
                    self._strike()
        return self._step


@functools.cache
def _has_steps(file: str) -> bool:
    return Path(file).parent == LIB / "store" or Path(file) in {LIB / name for name in (*STEPS_IN, BY_LINE)}


def let_connect(superuser_url: str, database_url: str, *, allowed: bool) -> None:
    """Let the database take connections, or end all that it has and take no more."""
    database = make_url(database_url).database
    with contextlib.closing(psycopg2.connect(superuser_url.replace("+psycopg2", ""))) as db:
        db.autocommit = True
        with db.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {allowed}")
            while not allowed:
                cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))
                if not cursor.rowcount:
                    break
                time.sleep(0.002)


if __name__ == "__main__":
    _main(*sys.argv[1:])
