"""Frames from the gateway, and whether it has hung up."""

import socket
import ssl
import time

from reader_agent.config import TPDU_LENGTH
from reader_agent.wire import MAX_FRAME, WireError


def receive_frame(connection: socket.socket, deadline: float) -> bytes:
    """The next message without its TPDU. Raises OSError, WireError."""
    length = int.from_bytes(_receive(connection, 2, deadline))
    if not TPDU_LENGTH < length <= MAX_FRAME:
        raise WireError("a frame of an impossible length")
    return _receive(connection, length, deadline)[TPDU_LENGTH:]


def _receive(connection: socket.socket, count: int, deadline: float) -> bytes:
    received = b""
    while len(received) < count:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer did not come in time")
        connection.settimeout(left)
        part = connection.recv(count - len(received))
        if not part:
            raise ConnectionError("the gateway closed the connection")
        received += part
    return received


def is_closed_by_peer(connection: socket.socket) -> bool:
    """Whether the gateway has hung up since the last answer; asked before anything is at stake."""
    connection.setblocking(False)
    try:
        if isinstance(connection, ssl.SSLSocket):  # it cannot be peeked into
            connection.recv(1)
            return True  # its end, or what nobody asked for
        return connection.recv(1, socket.MSG_PEEK) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
