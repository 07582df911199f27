"""Whether a slow model starves the pages: ``/`` and its files, with nothing going on and while 200 API calls wait.

The real server, ``streamlit run app.py``, in a process of its own on a folder of its own, with a model that takes a
minute to answer. What is measured is what a browser asks for before anything is drawn: the document and its largest
script.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from bench import endpoint
from bench.measure import Result, median, p95
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.store import generations
from lib.store.database import Database

ROOT = Path(__file__).parents[1]
CALLS = 200
LOADS = 150
ANSWERS_AFTER_S = 60.0
PATIENCE_S = 90.0
BRIEF = {"tone_style": "따뜻하게", "product_description": "핸드드립", "gpt_prompt": "짧게"}


def run() -> list[Result]:
    """Measure; takes about a minute and a half."""
    with (
        tempfile.TemporaryDirectory(prefix="feed-studio-bench-") as folder,
        endpoint.serving(ANSWERS_AFTER_S) as model,
        _serving(Path(folder), model) as (address, key, database),
    ):
        idle = _load(address)
        with _waiting(address, key) as statuses:
            _until_all_wait(database)
            busy = _load(address)
            with database.tenant("bench") as db:
                waiting = len(generations.unfinished(db, "bench", before=dt.datetime.now(dt.UTC)))
    told = f"with {waiting} API calls waiting"
    return [
        Result("api", "/ and its script, idle, median", median(idle), "ms"),
        Result("api", "/ and its script, idle, p95", p95(idle), "ms"),
        Result("api", f"/ and its script, {told}, median", median(busy), "ms"),
        Result("api", f"/ and its script, {told}, p95", p95(busy), "ms"),
        Result("api", f"{told}: of the idle median", 100 * median(busy) / median(idle), "%", 125.0),
        Result("api", "calls answered with a stored feed in the end", statuses.count(201), "calls", CALLS, "higher"),
    ]


def _load(address: str) -> list[float]:
    """What it takes to load the document and the script it names, many times over, in ms."""
    took = []
    with httpx2.Client(base_url=address, timeout=PATIENCE_S) as client:
        for _ in range(LOADS):
            begun = time.perf_counter()
            document = client.get("/").text
            found = re.search(r'src="\.?(/static/js/index\.[^"]+)"', document)
            if found is None:
                raise RuntimeError("the page names no script")
            client.get(found[1]).raise_for_status()
            took.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.02)
    return took


@contextlib.contextmanager
def _waiting(address: str, key: str) -> Iterator[list[int]]:
    """While inside, so many calls of the API wait for the model; afterwards, how each was answered."""
    statuses: list[int] = []

    async def ask() -> None:
        limits = httpx2.Limits(max_connections=CALLS)
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=address, timeout=PATIENCE_S, limits=limits, headers=headers) as client:
            answers = await asyncio.gather(*(client.post("/api/v1/feeds", json=BRIEF) for _ in range(CALLS)))
            statuses.extend(answer.status_code for answer in answers)

    asking = threading.Thread(target=lambda: asyncio.run(ask()))
    asking.start()
    yield statuses
    asking.join()


def _until_all_wait(database: Database) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        with database.tenant("bench") as db:
            if len(generations.unfinished(db, "bench", before=dt.datetime.now(dt.UTC))) == CALLS:
                return
        if time.monotonic() > until:
            raise TimeoutError("not all calls are waiting")
        time.sleep(0.2)


@contextlib.contextmanager
def _serving(folder: Path, model: str) -> Iterator[tuple[str, str, Database]]:
    """The app, a key of its API, and its database."""
    folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "FEED_STUDIO_DATA": str(folder / "data"),
        "OPENAI_BASE_URL": model,
        "OPENAI_API_KEY": "none",
        "FEED_STUDIO_TENANT": "bench",
    }
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as app:
        try:
            _until_ready(address)
            make = [sys.executable, "-m", "lib.cli", "key", "make"]
            made = subprocess.run(make, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
            database = Database(EmbeddedPostgres(folder / "data" / "postgres").app_url)
            yield address, made.stdout.strip(), database
            database.close()
        finally:
            app.send_signal(signal.SIGINT)


def _until_ready(address: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{address}/readyz").status_code == 200:
                return
        if time.monotonic() > until:
            raise TimeoutError("the app does not start")
        time.sleep(0.2)
