"""A proxy between a browser and the app that cuts connections, holds back what the server says, or lets nobody in."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

PIECE = 65_536
LOOK_S = 0.005
PATIENCE_S = 10.0


class BrokenNetwork:
    """Listens on a port of its own and passes everything on, as long as it is told nothing else."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.holds_back = False
        """What the server says waits: a slow network, or a busy server."""
        self.is_shut = False
        """New connections are refused."""
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def cut(self) -> None:
        """Lose every connection that is open now."""
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Refuse and lose everything, for good."""
        self.is_shut, self.holds_back = True, False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                self._start(self._connect, browser)

    def _connect(self, browser: socket.socket) -> None:
        with browser, suppress(OSError):
            if self.is_shut:
                return
            with socket.create_connection(("127.0.0.1", self._server_port)) as server:
                with self._lock:
                    self._open |= {browser, server}
                to_server = self._start(self._pump, browser, server, False)
                self._pump(server, browser, True)
                to_server.join(PATIENCE_S)
                with self._lock:
                    self._open -= {browser, server}

    def _pump(self, source: socket.socket, target: socket.socket, from_server: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                while from_server and self.holds_back:
                    time.sleep(LOOK_S)
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread
