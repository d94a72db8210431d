"""The teller's socket: frames of requests in, frames of answers out."""

import asyncio
import logging
import socket
from pathlib import Path
from typing import cast

from msgspec import Raw

from cardbank.ledger.teller.desk import Desk, Pending
from cardbank.ledger.types import Answer
from cardbank.ledger.wire import Frames, MalformedFrame, frame, requests_of

log = logging.getLogger(__name__)

MOST_PENDING = 20_000  # beyond it the teller stops reading: the doors' deadlines tell them why


class Connection(asyncio.Protocol):
    """One door's connection."""

    def __init__(self, desk: Desk, connections: "set[Connection]") -> None:
        self._desk = desk
        self._connections = connections
        self._frames = Frames()
        self._answers: list[tuple[int, Answer | Raw]] = []
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._frames.feed(data):
                for number, request in requests_of(body):
                    self._desk.take_in(Pending(request, number, self, must_look_up=False))
        except MalformedFrame as error:
            log.warning("a door sent what is no frame: closing", extra={"facts": {"reason": str(error)}})
            self._close()
        if len(self._desk.pending) > MOST_PENDING and self._transport is not None:
            self._transport.pause_reading()
            self._loop.call_later(0.01, self._read_again)

    def _read_again(self) -> None:
        if self._transport is None:
            return
        if len(self._desk.pending) > MOST_PENDING:
            self._loop.call_later(0.01, self._read_again)
        else:
            self._transport.resume_reading()

    def answer(self, number: int, answer: Answer | Raw) -> None:
        """Send an answer, in one frame with all others of this turn of the loop."""
        if not self._answers:
            self._loop.call_soon(self._flush)
        self._answers.append((number, answer))

    def _flush(self) -> None:
        answers, self._answers = self._answers, []
        if self._transport is not None:
            self._transport.write(frame(answers))

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def serve(desk: Desk, path: Path) -> asyncio.Server:
    """Listen on the unix socket `path`, for this user alone; what lies there of an earlier life is removed.

    Whoever calls this holds the pen, so no living teller can be behind that socket.
    """
    listening = _listen(path)
    connections: set[Connection] = set()
    return await asyncio.get_running_loop().create_unix_server(lambda: Connection(desk, connections), sock=listening)


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening
