"""``streamlit run`` of one script: the app, or a page of its own for a test of what a browser makes of it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.support.outage import wait_until
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT


class StreamlitServer:
    """A server that may be ended in any way and started again, always on the same port; its words are in a log."""

    def __init__(self, script: Path, log: Path, environment: Mapping[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._script, self._log, self._environment = script, log, environment

    def start(self) -> None:
        """Returns when it answers."""
        command = [sys.executable, "-m", "streamlit", "run", str(self._script)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, f"--server.port={self.port}", "--server.headless=true"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._answers)

    def end(self, number: signal.Signals) -> int:
        """By a signal, unless it has ended already; the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Returns its exit status once it has ended."""
        return self._process.wait(PATIENCE_S)

    @property
    def log(self) -> str:
        """All that it has printed."""
        return self._log.read_text("utf-8", "replace")

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
