"""A Streamlit script on a port of its own, which a test may kill and start again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT


class Server:
    """``streamlit run`` of one script, always on the same port."""

    def __init__(self, script: Path) -> None:
        self._script = script
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns when the server answers."""
        options = {
            "server.port": self._port,
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(self._script)]
            + [f"--{name}={value}" for name, value in options.items()],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self._process.poll() is None, f"{self._script.name} ended with {self._process.returncode}"
            assert time.monotonic() < until, f"{self._script.name} does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it without a word, as a crash does."""
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def serving(script: str) -> Iterator[Server]:
    """A running server for a script of this folder."""
    server = Server(Path(__file__).with_name(script))
    server.start()
    try:
        yield server
    finally:
        server.kill()
