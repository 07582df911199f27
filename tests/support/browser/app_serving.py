"""The whole app as a team starts it, ``streamlit run app.py``, with its embedded database in a folder of its own."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.embedded_postgres.server import EmbeddedPostgres
from tests.support import commands
from tests.support.clusters import prepared, scratch_folder
from tests.support.project import ROOT
from tests.support.streamlit_server import StreamlitServer


class App(StreamlitServer):
    """The running server, and the folder it works in."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._data = folder / "data"
        environment = commands.environment(FEED_STUDIO_DATA=str(self._data), **settings)
        super().__init__(ROOT / "app.py", folder / "log", environment)
        postgres = prepared(self._data / "postgres")
        self.start()
        self.owner_url = EmbeddedPostgres(postgres).owner_url
        """The database by the role that owns the tables; it lives as long as the app."""

    def kill(self) -> None:
        """End the server as a power cut would."""
        self.end(signal.SIGKILL)

    @property
    def has_database(self) -> bool:
        """Whether PostgreSQL still runs in the app's folder."""
        return (self._data / "postgres" / "data" / "postmaster.pid").exists()

    def interrupt(self) -> int:
        """What Ctrl+C does, once; the exit status."""
        return self.end(signal.SIGINT)


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
