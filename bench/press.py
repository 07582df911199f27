"""How long a person waits from the press of "Write" until the page says that the server has it, in a real browser.

The app runs as a team starts it, with the demo model, which writes inside the same process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.measure import Result, median, p95
from scripts import browser

PRESSES = 30
WARMING = 3
"""Presses before those that are counted."""
TARGET_MS = 150.0
START_S = 120.0

RECEIVED = """
    () => new Promise((resolve) => {
        const status = document.querySelector(".st-key-brief .status")
        const pressed = performance.now()
        const look = () => {
            if (!["received", "writing", "done"].includes(status.dataset.state)) return
            watch.disconnect()
            resolve(performance.now() - pressed)
        }
        const watch = new MutationObserver(look)
        document.querySelector(".st-key-generate button").click()
        watch.observe(status, { attributes: true })
    })
"""
"""Presses the button and resolves with the milliseconds until the press has arrived."""


def results() -> list[Result]:
    """The median and the 95th percentile over 30 presses; nothing where no Chromium is found."""
    executable = browser.find()
    if executable is None:
        print(browser.MISSING, file=sys.stderr)
        return []
    with (
        _app() as url,
        sync_playwright() as playwright,
        browser.launch(playwright, executable) as chromium,
        chromium.new_context() as context,
    ):
        page = context.new_page()
        page.goto(f"{url}/?tenant_id=bench")
        page.locator(".st-key-generate button").wait_for(timeout=START_S * 1000)
        took_ms = [_press(page, number) for number in range(WARMING + PRESSES)][WARMING:]
    name = "press to received"
    return [
        Result("generation", f"{name}, median", median(took_ms), "ms", TARGET_MS),
        Result("generation", f"{name}, p95", p95(took_ms), "ms"),
    ]


def _press(page: Page, number: int) -> float:
    idle = page.locator('[data-test-script-state="notRunning"]')
    page.locator(".st-key-product_description textarea").fill(f"통밀 식빵 {number}")
    idle.wait_for()
    took_ms = float(page.evaluate(RECEIVED))
    page.locator('.st-key-brief .status[data-state="done"]').first.wait_for(state="attached")
    return took_ms


@contextlib.contextmanager
def _app() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="feed-studio-bench-"))
    folder.chmod(0o755)  # PostgreSQL may run as a user of its own
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    own = ("DATABASE_", "OPENAI_", "FEED_STUDIO_DATA", "STREAMLIT_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"],
        env=environment | {"FEED_STUDIO_DATA": str(folder), "FEED_STUDIO_DEMO_PACE": "0.1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + START_S
        while not _answers(url):
            if server.poll() is not None or time.monotonic() > until:
                raise TimeoutError("The app did not start.")
            time.sleep(0.1)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
