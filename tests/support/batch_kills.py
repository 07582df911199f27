"""A batch that is written while everything that writes it is killed, stopped and cut off; and the check of its books.

The endpoint's ledger, which has a line for each request that arrived, is the referee.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil

from lib.demo.model import DemoModel
from lib.domain import pricing
from lib.domain.brief import GenerationOptions
from lib.domain.completion import never_billed
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.experiments import design, standings
from lib.experiments.design import Design
from lib.llm.client import Writer
from lib.llm.spool import OPEN, Spool
from lib.settings import Settings
from lib.store import attempts
from lib.store.batches import batches, rows
from lib.store.database import Database
from lib.store.experiments import judging
from lib.store.experiments.definitions import Variant
from lib.studio import Studio
from tests.conftest import run_sql
from tests.support import commands
from tests.support.batching import batch_of, new_rows
from tests.support.endpoint import Bill, Call, Endpoint, answers, endpoint, rejects
from tests.support.outage import stopped
from tests.support.project import ROOT

MODEL = "gpt-6-luna"
RATE_LIMITED = rejects(429, b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}')
BROKEN = rejects(500, b'{"error": {"message": "broken", "type": "server_error"}}')


@dataclass(frozen=True)
class Plan:
    """What happens to a batch of so many rows, in order, spread over its rows."""

    rows: int
    variants: int = 0
    """The rows are those of an experiment with so many variants; 0: of a plain batch."""
    answers_after_s: float = 3.0
    at_once: int = 8
    """Requests of each worker."""
    kills: int = 5
    """How often a worker is killed with -9, and started again."""
    stopped_s: float = 60.0
    """For how long a worker is stopped (SIGSTOP) once."""
    silent_s: float = 40.0
    """For how long the database is silent once, seen from the workers; before, it is stopped at once and restarted."""
    with_app: bool = True
    """Whether an app with a worker of its own takes part, and is killed with -9 once and started again."""
    rate_limited: float = 0.1
    broken: float = 0.05
    within_s: float = 900.0


@dataclass
class Outcome:
    """How the batch ended, and what the ledger says of it."""

    statuses: Counter[str]
    reasons: Counter[str]
    outcomes: Counter[str]
    """Of the attempts on record."""
    spent_usd: Decimal
    bills: list[Bill]
    took_s: float
    wrong: list[str] = field(default_factory=list)
    """What should not be: a row without an end, asked again although its answer arrived, or books that differ."""


def run(plan: Plan, folder: Path, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Write a batch as the plan has it, on a database, workers and an endpoint of its own in the folder."""
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    with (
        contextlib.ExitStack() as stack,
        endpoint() as model,
    ):
        stack.callback(server.stop)
        chance = random.Random(7)
        gate = _Gate()
        stack.callback(gate.open)

        def conduct(call: Call) -> None:
            drawn = chance.random()
            time.sleep(plan.answers_after_s)
            gate.pass_through()
            if drawn < plan.rate_limited:
                RATE_LIMITED(call)
            elif drawn < plan.rate_limited + plan.broken:
                BROKEN(call)
            else:
                answers(call)

        model.conduct = conduct
        network = _Network(Path(run_sql(server.superuser_url, "SHOW unix_socket_directories")[0][0]))
        stack.callback(network.close)
        studio = _studio(server.app_url, server.owner_url, model.url, folder / "data")
        stack.callback(studio.close)
        batch_id = _experiment(studio, plan) if plan.variants else batch_of(studio, plan.rows, model=MODEL)
        world = _World(plan, studio, server, network, model, gate, folder, batch_id, tell)
        stack.callback(world.close)
        began = time.monotonic()
        world.live_through()
        tell("checking")
        return _checked(studio, batch_id, model.billed(), time.monotonic() - began)


def _experiment(studio: Studio, plan: Plan) -> uuid.UUID:
    """The batch of a new experiment, whose variants differ in their temperature."""
    made = Design(
        name="killed",
        briefs=[row.brief for row in new_rows(plan.rows // plan.variants)],
        options=GenerationOptions(MODEL),
        variants=[Variant(number, {"temperature": number / 10}) for number in range(1, plan.variants + 1)],
    )
    experiment_id = design.start(studio, "acme", uuid.uuid4(), made, person=None)
    with studio.database.tenant("acme") as db:
        [batch] = batches.of_experiment(db, "acme", experiment_id)
    return batch.batch_id


def _studio(app_url: str, owner_url: str, model_url: str, data: Path) -> Studio:
    settings = Settings(data_dir=data, openai_api_key="sk-test", openai_base_url=model_url, openai_model=MODEL)
    database = Database(app_url, owner_url)
    database.migrate()
    return Studio(settings, database, Writer(settings, DemoModel(pace=0)), Spool(settings.spool_dir))


class _Network:
    """Between the workers and the database: passes everything on, or nothing while it ``is_silent``."""

    def __init__(self, sockets: Path) -> None:
        self._target = str(next(sockets.glob(".s.PGSQL.*[0-9]")))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.is_silent = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.is_silent = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as far:
            far.connect(self._target)
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                while self.is_silent:
                    time.sleep(0.02)
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Gate:
    """Lets so many of the endpoint's answers out and holds the others back, so that rows are under way at each event.

    Each row takes an answer at least: at the answer N of a batch with more than N rows, some have not ended.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._most = 0.0
        self._passed = 0

    def pass_through(self) -> None:
        """Return when one more answer may go out."""
        with self._changed:
            self._changed.wait_for(lambda: self._passed < self._most)
            self._passed += 1
            self._changed.notify_all()

    def wait_for(self, most: int, seconds: float) -> None:
        """Let answers out until there were ``most``, and return then; or after so many seconds, with an error."""
        with self._changed:
            self._most = most
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._passed >= self._most, seconds), "the batch stands still"

    def open(self) -> None:
        """Hold nothing back any more."""
        with self._changed:
            self._most = math.inf
            self._changed.notify_all()


class _World:
    """Two workers, or one and an app with one, and everything that happens to them."""

    def __init__(
        self,
        plan: Plan,
        studio: Studio,
        server: EmbeddedPostgres,
        network: _Network,
        model: Endpoint,
        gate: _Gate,
        folder: Path,
        batch_id: uuid.UUID,
        tell: Callable[[str], None],
    ) -> None:
        self._plan, self._studio, self._server, self._network = plan, studio, server, network
        self._gate, self._batch_id, self._folder, self._tell = gate, batch_id, folder, tell
        self._log = (folder / "log").open("ab")
        tcp = {
            name: url.replace("/feed_studio?", f"127.0.0.1:{network.port}/feed_studio?").partition("?")[0]
            for name, url in (("DATABASE_URL", server.app_url), ("DATABASE_OWNER_URL", server.owner_url))
        }
        self._environment = tcp | {
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": model.url,
            "FEED_STUDIO_AT_ONCE": str(plan.at_once),
        }
        self._worker = self._start_worker("a")
        self._other = self._start_app() if plan.with_app else self._start_worker("b")

    def close(self) -> None:
        """End every process."""
        for process in (self._worker, self._other):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in (self._worker, self._other):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            process.wait()
        self._log.close()

    def live_through(self) -> None:
        """Everything that the plan has, spread over the rows, and then the end of the batch."""
        happenings = list(self._happenings())
        for number, (name, victims, happening) in enumerate(happenings, 1):
            self._gate.wait_for(self._plan.rows * number // (len(happenings) + 1), self._plan.within_s)
            under_way = self._until_under_way(victims())
            with self._studio.database.tenant("acme") as db:
                progress = batches.progress(db, "acme", [self._batch_id])[self._batch_id]
            self._tell(f"{progress.ended} rows have ended, {under_way} of its requests are under way: {name}")
            happening()
        self._gate.open()
        end = time.monotonic() + self._plan.within_s
        while self._status() != "done":
            if time.monotonic() > end:
                break
            time.sleep(0.2)

    def _happenings(self) -> Iterator[tuple[str, Callable[[], list[subprocess.Popen[bytes]]], Callable[[], None]]]:
        """What happens, to which processes, and how."""

        def worker() -> list[subprocess.Popen[bytes]]:
            return [self._worker]

        def both() -> list[subprocess.Popen[bytes]]:
            return [self._worker, self._other]

        before, after = divmod(self._plan.kills, 2)
        for _ in range(before + after):
            yield "a worker is killed", worker, self._kill_worker
        yield f"a worker is stopped for {self._plan.stopped_s:g} s", worker, self._stop_worker
        yield "the database is stopped at once, and restarted", both, self._restart_database
        yield f"the database is silent for {self._plan.silent_s:g} s", both, self._silence_database
        for _ in range(before):
            yield "a worker is killed", worker, self._kill_worker
        if self._plan.with_app:
            yield "the app is killed", lambda: [self._other], self._kill_app

    def _until_under_way(self, victims: list[subprocess.Popen[bytes]]) -> int:
        """How many requests these processes have under way, as soon as each has some: its open traces in the spool."""
        end = time.monotonic() + self._plan.within_s
        while not all(counts := [_open_traces(process.pid) for process in victims]):
            assert time.monotonic() < end, "a process takes no row"
            time.sleep(0.05)
        return sum(counts)

    def _kill_worker(self) -> None:
        self._worker.kill()
        self._worker.wait()
        self._worker = self._start_worker("a")

    def _stop_worker(self) -> None:
        self._worker.send_signal(signal.SIGSTOP)
        time.sleep(self._plan.stopped_s)
        self._worker.send_signal(signal.SIGCONT)

    def _restart_database(self) -> None:
        with stopped(self._server):
            pass
        while not self._server.answers():
            time.sleep(0.1)

    def _silence_database(self) -> None:
        self._network.is_silent = True
        time.sleep(self._plan.silent_s)
        self._network.is_silent = False

    def _kill_app(self) -> None:
        self._other.kill()
        self._other.wait()
        self._other = self._start_app()

    def _start_worker(self, name: str) -> subprocess.Popen[bytes]:
        return self._start("lib.worker", FEED_STUDIO_DATA=str(self._folder / name))

    def _start_app(self) -> subprocess.Popen[bytes]:
        command = ("streamlit", "run", str(ROOT / "app.py"), "--server.headless=true", f"--server.port={_free_port()}")
        return self._start(*command, FEED_STUDIO_DATA=str(self._folder / "app"), FEED_STUDIO_WORKERS="1")

    def _start(self, *command: str, **settings: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self._folder,
            env=commands.environment(**self._environment, **settings),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=os.setpgrp,
        )

    def _status(self) -> str:
        with self._studio.database.tenant("acme") as db:
            return batches.get(db, "acme", self._batch_id).status


def _open_traces(pid: int) -> int:
    """How many requests the process and its children have under way."""
    process = psutil.Process(pid)
    opened = 0
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it may end meanwhile
            opened += sum(file.path.endswith(OPEN) for file in each.open_files())
    return opened


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# -- the check --------------------------------------------------------------------------------------------------------


def _checked(studio: Studio, batch_id: uuid.UUID, bills: list[Bill], took_s: float) -> Outcome:
    with studio.database.tenant("acme") as db:
        batch = batches.get(db, "acme", batch_id)
        stored = rows.page(db, "acme", batch_id, limit=100_000)
        made = {
            row.generation_id: attempts.of_generation(db, "acme", row.generation_id)
            for row in stored
            if row.generation_id
        }
    outcome = Outcome(
        Counter(row.status for row in stored),
        Counter(row.error_code for row in stored if row.error_code),
        Counter(str(attempt.outcome) for tried in made.values() for attempt in tried),
        batch.spent_usd,
        bills,
        took_s,
    )
    by_attempt = {str(attempt.attempt_id): attempt for tried in made.values() for attempt in tried}
    for row in stored:
        if row.status not in ("written", "failed", "unknown"):
            outcome.wrong.append(f"row {row.number} has no end: {row.status}")
        elif row.status != "written" and not row.error_code:
            outcome.wrong.append(f"row {row.number} ended without a reason")
        elif row.status == "written" and not row.instagram_ad_copy:
            outcome.wrong.append(f"row {row.number} has no caption")
    outcome.wrong += _asked_twice(bills, by_attempt)
    outcome.wrong += _books(batch, stored, by_attempt, bills)
    if batch.source == "experiment":
        outcome.wrong += _pairs(studio, stored)
    return outcome


def _pairs(studio: Studio, stored: list[Any]) -> Iterator[str]:
    """Each two captions of a brief are one pair of an experiment, and nothing else is."""
    experiment_id = uuid.UUID(stored[0].options["experiment"]["id"])
    written: defaultdict[str, dict[int, Any]] = defaultdict(dict)
    for row in stored:
        if row.status == "written":
            written[row.options["experiment"]["brief"]][row.options["experiment"]["variant"]] = row.instagram_feed_id
    expected = {pair for of_brief in written.values() for pair in combinations(sorted(of_brief.items()), 2)}
    standings.read(studio, "acme", experiment_id)
    with studio.database.tenant("acme") as db:
        pairs = judging.pairs(db, "acme", experiment_id)
    made = [((p.first_variant, p.first_feed_id), (p.second_variant, p.second_feed_id)) for p in pairs]
    if len(made) != len(set(made)) or set(made) != expected:
        yield f"the captions make {len(expected)} pairs, and the experiment has {len(made)}"


def _asked_twice(bills: list[Bill], by_attempt: dict[str, Any]) -> Iterator[str]:
    """No row is asked for again after a request that may have been billed, whether its answer arrived or not."""
    of_row: defaultdict[Any, list[Bill]] = defaultdict(list)
    for bill in bills:
        attempt = by_attempt.get(bill.reference)
        if attempt is None:
            yield f"the request {bill.reference} is in the ledger and not on record"
            continue
        of_row[attempt.generation_id].append(bill)
    for generation_id, lines in of_row.items():
        if any(bill.paid for bill in lines[:-1]):
            yield f"generation {generation_id} was asked for again: {[bill.status for bill in lines]}"


def _books(batch: Any, stored: list[Any], by_attempt: dict[str, Any], bills: list[Bill]) -> Iterator[str]:
    """Attempts, tokens and cost are those of the ledger."""
    ledger = {bill.reference: bill for bill in bills}
    spent = Decimal(0)
    for reference, attempt in by_attempt.items():
        bill = ledger.get(reference)
        if attempt.outcome == "written" and (bill is None or attempt.response_body != bill.sent or not bill.whole):
            yield f"attempt {reference} has an answer that the ledger has not"
        if attempt.outcome == "not_sent" and bill is not None:
            yield f"attempt {reference} was sent, and says that it was not"
        if bill and bill.status in (429, 500) and attempt.outcome not in ("failed", "unknown"):
            yield f"attempt {reference} was refused with {bill.status}, and says {attempt.outcome}"
        if attempt.outcome == "written" and not attempt.token_usage:
            yield f"attempt {reference} has no tokens"
        if attempt.outcome is None:
            yield f"attempt {reference} has no end"
        elif not never_billed(attempt.outcome, attempt.error_code):
            cost = pricing.cost_usd(attempt.model_name or MODEL, attempt.token_usage, attempt.created_at)
            cost = attempt.estimated_cost_usd if cost is None else cost
            spent += cost or 0
    in_rows = sum((row.cost_usd or Decimal(0) for row in stored), Decimal(0))
    if abs(batch.spent_usd - in_rows) > Decimal("0.000001"):
        yield f"the batch has spent {batch.spent_usd}, and its rows {in_rows}"
    if abs(in_rows - spent) > Decimal("0.0001"):
        yield f"the rows cost {in_rows}, and their attempts {spent}"
