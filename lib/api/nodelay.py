"""Answers without a delay on a connection that is kept: TCP_NODELAY on the sockets that the server listens on."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

OPEN_FILES = Path("/dev/fd")


def send_at_once() -> int:
    """Set TCP_NODELAY on every listening TCP socket of the process; returns how many there are.

    Streamlit opens its socket without naming the protocol, and asyncio sets the option only where it is named. Then the
    kernel holds the body of an answer back until the client has confirmed its head, up to 40 ms later. Connections take
    the option over from the socket that accepts them (Linux's tcp(7), and macOS).
    """
    count = 0
    for path in list(OPEN_FILES.iterdir()):
        try:
            descriptor = os.dup(int(path.name))
        except OSError:  # closed since it was listed
            continue
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            os.close(descriptor)  # the copy of a pipe would keep its reader waiting for the end
            continue
        with socket.socket(fileno=descriptor) as copy:
            is_tcp = copy.family in (socket.AF_INET, socket.AF_INET6) and copy.type == socket.SOCK_STREAM
            if is_tcp and copy.getsockname()[1] and not _has_peer(copy):
                copy.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                count += 1
    return count


def _has_peer(connection: socket.socket) -> bool:
    try:
        connection.getpeername()
    except OSError:
        return False
    return True
