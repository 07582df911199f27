"""The upstream pipeline in another process against the real server, which is killed in the middle and started again."""

from __future__ import annotations

import itertools
import json
import re
import signal
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from tests.crash.test_server_killed import Server
from tests.support.endpoint import Call, Endpoint, endpoint, rejects
from tests.support.outage import wait_until
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT

JOBS = 50
FAILS_EVERY = 5
HELD_FROM = 20
"""From this call on, the model is writing when the server is killed."""

RICHER = """
CREATE TABLE jobs (
    job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id varchar(255) NOT NULL, store_id uuid,
    status text CHECK (status IN ('queued', 'running', 'done', 'failed')), current_step text, version text,
    retry_count int NOT NULL DEFAULT 0, pk serial,
    created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now()
);
CREATE TABLE jobs_variants (job_variants_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), job_id uuid REFERENCES jobs);
CREATE TABLE overlay_layouts (
    overlay_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), proposal_id uuid, job_variants_id uuid, layout jsonb,
    x_ratio numeric, y_ratio numeric, width_ratio numeric, height_ratio numeric, text_margin varchar(50),
    latency_ms float, pk serial, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now()
);
CREATE FUNCTION announce_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_notify('jobs', NEW.job_id || ' ' || NEW.status || ' ' || NEW.current_step);
    RETURN NEW;
END $$;
CREATE TRIGGER announce AFTER UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION announce_job();
"""


class Log:
    """What the pipeline's trigger announced, in the order of the commits."""

    def __init__(self, url: str) -> None:
        self.heard: list[str] = []
        self._over = threading.Event()
        self._db = psycopg2.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
        self._db.autocommit = True
        with self._db.cursor() as cursor:
            cursor.execute("LISTEN jobs")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def of_jobs(self) -> dict[str, list[str]]:
        """The states of each job, one after the other."""
        states = defaultdict(list)
        for told in self.heard:
            job_id, status, step = told.split()
            assert step == "instagram_feed_gen"
            states[job_id].append(status)
        return states

    def close(self) -> None:
        """Hear what was announced until now, and no more."""
        self._over.set()
        self._thread.join()
        self._db.close()

    def _listen(self) -> None:
        last = False
        while not last:
            last = self._over.wait(0.05)
            with self._db.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.heard += [one.payload for one in self._db.notifies]
            self._db.notifies.clear()


class Model:
    """Fails one call in five, and from some call on holds its answers back until it is let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self._numbers = itertools.count(1)

    def __call__(self, call: Call) -> None:
        number = next(self._numbers)
        body = b"".join(call.answer())
        if number >= HELD_FROM and not self.go_on.is_set():
            if number % 2:  # the others have not said a word by then
                call.begin()
                call.send(body[: len(body) // 2])
            self.go_on.wait(PATIENCE_S)
        elif number % FAILS_EVERY == 0:
            rejects(500, b'{"error": {"message": "overloaded"}}')(call)
        else:
            call.begin()
            call.send(body)
            call.end()


@pytest.fixture
def asked() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, asked: Endpoint) -> Iterator[Server]:
    """The app on a pipeline's database, which lives on when the app is killed."""
    running = Server(tmp_path / "app", asked.url)
    running.postgres.start()
    running.rows(RICHER)
    running.start()
    yield running
    running.close()
    running.postgres.stop()


def test_every_job_ends_with_one_feed_or_none_and_every_call_of_the_model_is_on_record(
    server: Server, asked: Endpoint, tmp_path: Path
) -> None:
    asked.conduct = model = Model()
    made = server.rows(
        "INSERT INTO jobs (tenant_id, status, current_step) SELECT 'acme', 'queued', 'overlay' "
        "FROM generate_series(1, %s) RETURNING job_id::text",
        JOBS,
    )
    job_ids = [job_id for (job_id,) in made]
    (tmp_path / "key").write_text(server.make_key())
    (tmp_path / "address").write_text(server.url)
    log = Log(server.postgres.owner_url)

    pipeline = subprocess.Popen(
        [sys.executable, "-m", "tests.support.pipeline", str(tmp_path), *job_ids],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    begun = "SELECT (SELECT count(*) FROM studio_attempts), count(*) FROM jobs WHERE status IN ('running', 'done')"
    wait_until(lambda: server.rows(begun) == [(len(asked.ledger), JOBS)] and len(asked.ledger) > HELD_FROM)
    server.end(signal.SIGKILL)
    model.go_on.set()
    server.start()
    (tmp_path / "address").write_text(server.url)
    told, _ = pipeline.communicate(timeout=PATIENCE_S)
    assert pipeline.returncode == 0
    log.close()

    ended = [json.loads(line) for line in told.splitlines()]
    assert len(ended) == JOBS
    assert all(one["one"] for one in ended), "a call and its double were answered with the same feed"
    answered = {one["job_id"]: one["feed_id"] for one in ended if one["feed_id"]}

    jobs = dict(server.rows("SELECT job_id::text, status FROM jobs"))
    assert set(jobs.values()) <= {"done", "failed"}
    assert {job_id for job_id, status in jobs.items() if status == "done"} == set(answered)
    stored = server.rows("SELECT job_id::text, instagram_feed_id::text FROM instagram_feeds")
    assert sorted(stored) == sorted(answered.items()), "every done job has exactly one feed"

    attempts = server.rows("SELECT attempt_id::text, outcome FROM studio_attempts")
    assert sorted(attempt_id for attempt_id, _ in attempts) == sorted(bill.reference for bill in asked.ledger)
    outcomes = Counter(outcome for _, outcome in attempts)
    assert outcomes["written"] == len(stored)
    assert {"failed", "unknown", "incomplete"} <= set(outcomes), "the kill and the model's failures were met"

    calls = Counter(dict(server.rows("SELECT options ->> 'job_id', count(*)::int FROM studio_generations GROUP BY 1")))
    for job_id, states in log.of_jobs().items():
        assert re.fullmatch(r"(running failed )*running (done|failed)", " ".join(states)), states
        assert (states[-1], states.count("running")) == (jobs[job_id], calls[job_id])
    assert set(log.of_jobs()) == set(job_ids)
