"""A connection that is accepted by the server's socket sends at once."""

from __future__ import annotations

import socket

from lib.api.nodelay import send_at_once


def test_a_connection_takes_the_option_over_from_the_socket_that_accepts_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert send_at_once() >= 1
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
