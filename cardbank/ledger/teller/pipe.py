"""Batches on their way into one session. The next one is sent while the server still writes the last, so that it never waits
for us: libpq's pipeline mode, one synchronisation and so one commit a batch.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

TEXT, BINARY = 0, 1
FAILED = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED})


class Pipe:
    """Takes over a session in autocommit; whoever closes the session closes the pipe before."""

    def __init__(self, session: psycopg.AsyncConnection[Any], statements: Iterable[str]) -> None:
        self._line = session.pgconn
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._value = b""  # of the batch whose results are being read
        self._error: psycopg.Error | None = None  # of the batch whose results are being read
        self._names = {statement: f"sent_{n}".encode() for n, statement in enumerate(statements)}
        for statement, name in self._names.items():
            prepared = self._line.prepare(name, statement.encode())
            if prepared.status != ExecStatus.COMMAND_OK:
                raise error_from_result(prepared)
        self._line.enter_pipeline_mode()
        self._socket: int | None = self._line.socket  # None once it is broken: its number may be another's by then
        self._loop.add_reader(self._socket, self._read)

    @property
    def is_broken(self) -> bool:
        return self._socket is None

    async def send(self, statement: str, arguments: Sequence[Any]) -> bytes:
        """Send one of the statements at once, behind what was sent before, and wait for its commit.

        Returns the first value of its answer in binary form, empty for NULL. Raises the database's error.
        """
        values = [value if isinstance(value, bytes) else str(value).encode() for value in arguments]
        formats = [BINARY if isinstance(value, bytes) else TEXT for value in arguments]
        self._line.send_query_prepared(self._names[statement], values, formats, BINARY)
        self._line.pipeline_sync()
        committed = self._loop.create_future()
        self._waiting.append(committed)
        self._write()
        value: bytes = await committed
        return value

    def look(self) -> None:
        """Read what is there, unasked: of a socket with an error the event loop may tell nothing more."""
        if self._waiting and self._socket is not None:
            self._read()

    def give_up(self) -> None:
        """The server does not answer; what is waiting learns that its outcome is unknown."""
        self._break(psycopg.OperationalError("the server does not answer"))

    def close(self) -> None:
        """Let go of the socket; what is still waiting learns that its outcome is unknown."""
        self._break(psycopg.OperationalError("the session was closed"))

    def _write(self) -> None:
        """Send what the socket takes, and the rest when it takes more."""
        try:
            is_left = self._line.flush()
        except psycopg.OperationalError as error:
            self._break(error)
            return
        if self._socket is not None and is_left:
            self._loop.add_writer(self._socket, self._write)
        elif self._socket is not None:
            self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        try:
            self._line.consume_input()
            while self._waiting and not self._line.is_busy():
                result = self._line.get_result()
                if result is None:
                    continue  # the end of one statement's results
                if result.status == ExecStatus.PIPELINE_SYNC:
                    self._land()
                elif result.status in FAILED:
                    self._error = error_from_result(result)
                else:
                    self._value = result.get_value(0, 0) or b""
        except psycopg.OperationalError as error:
            self._break(error)

    def _land(self) -> None:
        committed, error, self._error = self._waiting.popleft(), self._error, None
        if committed.done():
            return
        if error is None:
            committed.set_result(self._value)
        else:
            committed.set_exception(error)

    def _break(self, error: psycopg.Error) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = None
        while self._waiting:
            self._error = error
            self._land()
