"""The whole app as a team starts it, ``streamlit run app.py``, with its embedded database in a folder of its own."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.embedded_postgres.server import EmbeddedPostgres
from tests.support import commands
from tests.support.clusters import prepared, scratch_folder
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT


class App:
    """The running server, the folder it works in, and what it has said so far."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self._folder, self._log, self._settings = folder, folder / "log", settings
        postgres = prepared(folder / "data" / "postgres")
        self.start()
        self.owner_url = EmbeddedPostgres(postgres).owner_url
        """The database by the role that owns the tables; it lives as long as the app."""

    def start(self) -> None:
        """Start the server, on the same port and folder as before, and wait until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, f"--server.port={self.port}", "--server.headless=true"],
                cwd=ROOT,
                env=commands.environment(FEED_STUDIO_DATA=str(self._folder / "data"), **self._settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < until, self.log
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    @property
    def log(self) -> str:
        """All that the server has printed."""
        return self._log.read_text("utf-8", "replace")

    @property
    def has_database(self) -> bool:
        """Whether PostgreSQL still runs in the app's folder."""
        return (self._folder / "data" / "postgres" / "data" / "postmaster.pid").exists()

    def interrupt(self) -> int:
        """What Ctrl+C does, once; the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(PATIENCE_S)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def serving_app(**settings: str) -> Iterator[App]:
    """A running app with these settings in its environment; its folder is gone afterwards."""
    folder = scratch_folder()
    app = None
    try:
        app = App(folder, **settings)
        yield app
    finally:
        if app is not None:
            app.interrupt()
        shutil.rmtree(folder, ignore_errors=True)
