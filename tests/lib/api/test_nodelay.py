"""A connection that is accepted by the server's socket sends at once."""

from __future__ import annotations

import os
import socket

from lib.api.nodelay import send_at_once


def test_a_connection_takes_the_option_over_from_the_socket_that_accepts_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert send_at_once() >= 1
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_pipe_still_ends_when_its_writer_closes_it() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    send_at_once()
    os.close(writing)
    assert os.read(reading, 1) == b""  # BlockingIOError: somebody else still holds the writing end
    os.close(reading)
