"""The real server, ``streamlit run``, is killed while it generates and started again on the same folder."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from lib.embedded_postgres.server import EmbeddedPostgres
from tests.conftest import run_sql
from tests.support import commands
from tests.support.clusters import prepared
from tests.support.endpoint import Endpoint, answers, answers_and, endpoint
from tests.support.outage import stopped, wait_until
from tests.support.page_client import opened_page
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT
from tests.support.streamlit_server import StreamlitServer

TYPED = {
    "product_description": "제주 말차 라떼. 첫 잎만 씁니다.",
    "refined_ad_copy_eng": "Slow mornings",
    "tone_style": "따뜻한",
    "store_information": "성수동 12길 3",
    "gpt_prompt": "이모지는 한 개만 써 주세요.",
}


class Server(StreamlitServer):
    """The app on one folder, with what it leaves there."""

    def __init__(self, folder: Path, endpoint_url: str) -> None:
        self.spool, self.postgres = folder / "spool", EmbeddedPostgres(folder / "postgres")
        self.pid_file = folder / "postgres" / "data" / "postmaster.pid"
        self._folder = folder
        environment = commands.environment(
            FEED_STUDIO_DATA=str(folder),
            OPENAI_BASE_URL=endpoint_url,
            OPENAI_API_KEY="sk-test",
            FEED_STUDIO_TENANT="acme",
        )
        super().__init__(ROOT / "app.py", folder.with_suffix(".log"), environment)

    def make_key(self) -> str:
        """A key of the app's tenant, made in a terminal beside the running app."""
        command = [sys.executable, "-m", "lib.cli", "key", "make"]
        made = subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=True
        )
        return made.stdout.strip()

    def generate(self) -> threading.Thread:
        """Have a caption written, streamed, by a program; the thread ends when the answer, or the server, is done."""
        headers = {"Authorization": f"Bearer {self.make_key()}", "Accept": "text/event-stream"}
        request = urllib.request.Request(
            f"{self.url}/api/v1/feeds",
            json.dumps(TYPED).encode(),
            headers | {"Content-Type": "application/json"},
        )

        def call() -> None:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                    answer.read()
            except (OSError, HTTPException):
                assert self.wait() == -signal.SIGKILL

        calling = threading.Thread(target=call)
        calling.start()
        return calling

    def close(self) -> None:
        """Whatever has become of it: nothing of it runs any more."""
        self.end(signal.SIGTERM)
        if self.pid_file.exists():  # the test failed while the app was dead
            self.postgres.start()
            self.postgres.stop()

    def traces(self) -> str:
        """All that waits in the spool to be stored."""
        found = []
        for path in self.spool.glob("*.jsonl"):
            with suppress(FileNotFoundError):  # stored and cleared since it was listed
                found.append(path.read_text())
        return "".join(found)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Plain SQL on the app's database."""
        return run_sql(self.postgres.owner_url, statement, *values)


@pytest.fixture
def asked() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, asked: Endpoint) -> Iterator[Server]:
    running = Server(tmp_path / "app", asked.url)
    prepared(tmp_path / "app" / "postgres")
    running.start()
    yield running
    running.close()


def test_a_server_killed_while_it_hears_an_answer_has_the_request_and_the_brief_when_it_is_back(
    server: Server, asked: Endpoint
) -> None:
    half_way, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        half_way.set()
        go_on.wait(PATIENCE_S)

    asked.conduct = answers_and(pause)
    call = server.generate()
    assert half_way.wait(PATIENCE_S)
    wait_until(lambda: '"body"' in server.traces())
    postmaster = server.pid_file.read_text().split()[0]
    server.end(signal.SIGKILL)
    call.join()
    go_on.set()
    assert server.pid_file.read_text().split()[0] == postmaster

    server.start()
    wait_until(lambda: not server.traces())
    assert server.pid_file.read_text().split()[0] == postmaster, "the server that survived is used again"
    (bill,) = asked.billed()
    ((attempt_id, outcome, cost, brief, feed_id),) = server.rows(ATTEMPTS)
    assert (attempt_id, outcome, brief, feed_id) == (bill.reference, "incomplete", TYPED, None)
    assert cost > 0
    _leaves_nothing_behind(server)


def test_a_server_killed_with_an_answer_that_its_stopped_database_did_not_take_stores_it_when_it_is_back(
    server: Server, asked: Endpoint
) -> None:
    with ExitStack() as away:
        asked.conduct = answers_and(lambda: away.enter_context(stopped(server.postgres)))
        call = server.generate()
        wait_until(lambda: '"ending": "complete"' in server.traces())
        server.end(signal.SIGKILL)
        call.join()
    assert server.traces()

    server.start()
    wait_until(lambda: not server.traces())
    (bill,) = asked.billed()
    ((attempt_id, outcome, cost, brief, feed_id),) = server.rows(ATTEMPTS)
    assert (attempt_id, outcome, cost, brief) == (bill.reference, "written", None, TYPED)
    stored = server.rows("SELECT instagram_feed_id::text, tenant_id, instagram_ad_copy FROM instagram_feeds")
    assert stored == [(feed_id, "acme", bill.text)]
    _leaves_nothing_behind(server)


@pytest.mark.parametrize("moment", ["as it arrives", "half way through its answer"])
def test_a_press_on_the_page_whose_server_is_killed_is_neither_lost_nor_asked_twice(
    server: Server, asked: Endpoint, moment: str
) -> None:
    half_way, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        half_way.set()
        go_on.wait(PATIENCE_S)

    with suppress(ConnectionClosed), opened_page(server.url, "acme") as page:
        if moment == "half way through its answer":
            asked.conduct = answers_and(pause)
        press = page.press_of(**TYPED)
        page.send(press)
        if moment == "half way through its answer":
            assert half_way.wait(PATIENCE_S)
        server.end(signal.SIGKILL)
    go_on.set()
    asked.conduct = answers

    server.start()
    with opened_page(server.url, "acme") as page:
        page.deliver(press)  # as the browser does, until it hears that the press arrived
        wait_until(lambda: page.state_of(press) not in (None, "writing"))
        assert page.state_of(press) == "done"
    [(run_id, finished)] = server.rows("SELECT run_id::text, finished_at IS NOT NULL FROM studio_generations")
    assert (run_id, finished) == (press["id"], True)
    assert len(asked.billed()) <= 1
    assert len(server.rows("SELECT attempt_id FROM studio_attempts")) == 1
    _leaves_nothing_behind(server)


ATTEMPTS = """
    SELECT attempt_id::text, attempt.outcome, estimated_cost_usd, brief, instagram_feed_id::text
    FROM studio_attempts AS attempt JOIN studio_generations USING (tenant_id, generation_id)
"""


def _leaves_nothing_behind(server: Server) -> None:
    server.end(signal.SIGTERM)
    assert not server.pid_file.exists(), "PostgreSQL stops with the app"
