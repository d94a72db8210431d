"""How a door asks the teller. A door says LEDGER_UNAVAILABLE itself only where no teller took the request by its deadline.

Once any byte of it may have been written, the teller alone knows, so the door waits on past the deadline for its word, and
without one raises OutcomeUnknown. A connection that breaks meanwhile is made again, and the same key asked with `repeat`.
"""

import asyncio
import itertools
import socket
import threading
import time
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from cardbank.ledger.errors import OutcomeUnknown
from cardbank.ledger.types import Answer, PostingRequest
from cardbank.ledger.wire import Frames, MalformedFrame, answers_of, frame
from cardbank.reasons import Reason
from kernel import clock

TRY_AGAIN_AFTER = 0.05
WAIT_ON = 10.0  # seconds past the deadline, within the 30 that a terminal waits


def seconds_left(request: PostingRequest, *, is_taken: bool) -> float:
    """How long a door still waits: to the deadline, and on where a teller may have taken the request."""
    return (request.deadline - clock.now()).total_seconds() + (WAIT_ON if is_taken else 0.0)


def unanswered(*, is_taken: bool) -> Answer:
    """Nothing was posted, which stands nowhere, so that the same key may be asked again. Raises OutcomeUnknown."""
    if is_taken:
        raise OutcomeUnknown
    now = clock.now()
    return Answer(Reason.LEDGER_UNAVAILABLE, now.date(), 0, now)


def asked_again(request: PostingRequest, *, is_taken: bool) -> tuple[PostingRequest, float]:
    """What is asked over the next connection, and how many seconds from now."""
    if is_taken and not request.repeat:
        request = replace(request, repeat=True)
    return request, min(TRY_AGAIN_AFTER, max(0.0, seconds_left(request, is_taken=is_taken)))


class _Stream(asyncio.Protocol):
    """The client's end: sends in one frame all that one turn of the loop asks."""

    def __init__(self) -> None:
        self.waiting: dict[int, asyncio.Future[Answer]] = {}
        self._asking: list[tuple[int, PostingRequest]] = []
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None
        self._numbers = itertools.count(1)

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        waiting, self.waiting = self.waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the teller is gone"))

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._frames.feed(data):
                for number, answer in answers_of(body):
                    future = self.waiting.pop(number, None)
                    if future is not None and not future.done():
                        future.set_result(answer)
        except MalformedFrame:
            self.close()

    def ask(self, request: PostingRequest) -> asyncio.Future[Answer]:
        loop = asyncio.get_running_loop()
        number = next(self._numbers)
        future: asyncio.Future[Answer] = loop.create_future()
        self.waiting[number] = future
        if not self._asking:
            loop.call_soon(self._flush)
        self._asking.append((number, request))
        return future

    def _flush(self) -> None:
        asking, self._asking = self._asking, []
        if self._transport is not None:
            self._transport.write(frame(asking))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class TellerClient:
    """For an event loop: one connection carries all requests of the process."""

    def __init__(self, socket_path: Path) -> None:
        self._path = str(socket_path)
        self._stream: _Stream | None = None
        self._connecting = asyncio.Lock()

    async def post(self, request: PostingRequest) -> Answer:
        """The teller's answer, or LEDGER_UNAVAILABLE with entry_id 0 where none took it. Raises OutcomeUnknown."""
        is_taken = False
        while (patience := seconds_left(request, is_taken=is_taken)) > 0:
            try:
                stream = self._stream
                if stream is None or not stream.is_open:
                    async with asyncio.timeout(patience):
                        stream = await self._open()
                is_taken = True
                async with asyncio.timeout(seconds_left(request, is_taken=True)):
                    return await stream.ask(request)
            except TimeoutError:
                break
            except OSError:
                request, pause = asked_again(request, is_taken=is_taken)
                await asyncio.sleep(pause)
        return unanswered(is_taken=is_taken)

    async def _open(self) -> _Stream:
        async with self._connecting:
            if self._stream is None or not self._stream.is_open:
                loop = asyncio.get_running_loop()
                _, self._stream = await loop.create_unix_connection(_Stream, self._path)
            return self._stream

    async def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class SyncTellerClient:
    """For threads: each has a connection of its own and asks one thing at a time."""

    def __init__(self, socket_path: Path) -> None:
        self._path = str(socket_path)
        self._local = threading.local()

    def post(self, request: PostingRequest) -> Answer:
        """The teller's answer, or LEDGER_UNAVAILABLE with entry_id 0 where none took it. Raises OutcomeUnknown."""
        is_taken = False
        while (patience := seconds_left(request, is_taken=is_taken)) > 0:
            try:
                connection = self._connection(patience)
                is_taken = True
                return self._ask(connection, request)
            except TimeoutError:
                self.close()
                break
            except (OSError, MalformedFrame):
                self.close()
                request, pause = asked_again(request, is_taken=is_taken)
                time.sleep(pause)
        return unanswered(is_taken=is_taken)

    @staticmethod
    def _ask(connection: socket.socket, request: PostingRequest) -> Answer:
        connection.settimeout(max(0.001, seconds_left(request, is_taken=True)))
        connection.sendall(frame([(1, request)]))
        frames = Frames()
        while True:
            connection.settimeout(max(0.001, seconds_left(request, is_taken=True)))
            data = connection.recv(65536)
            if not data:
                raise ConnectionError("the teller is gone")
            for body in frames.feed(data):
                return answers_of(body)[0][1]

    def _connection(self, patience: float) -> socket.socket:
        connection: socket.socket | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._local.connection = connection
            connection.settimeout(patience)
            connection.connect(self._path)
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection: socket.socket | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
