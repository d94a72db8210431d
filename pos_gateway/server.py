"""Connections of terminals and shop concentrators: frames in, frames out, with limits that stop no other connection."""

import asyncio
import logging
import ssl
from collections import deque
from contextlib import suppress
from typing import cast

from pos_gateway.dispatch import Dispatcher, Peer
from pos_gateway.wire.framing import Deframer, Frame, FrameError, frame

log = logging.getLogger(__name__)

MOST_IN_FLIGHT = 64
PARTIAL_SECONDS = 10.0
IDLE_SECONDS = 600.0
SWEEP_SECONDS = 1.0
DRAIN_SECONDS = 15.0


class Connection(asyncio.Protocol):
    """One peer. At most MOST_IN_FLIGHT messages are at work; then reading pauses, and nothing is dropped."""

    def __init__(self, door: "Door") -> None:
        self._door = door
        self._deframer = Deframer()
        self._waiting: deque[Frame] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsent: list[bytes] = []
        self._is_ending = False
        self._peer_reads = True
        self._is_paused = False
        self._heard_at = self._partial_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._peer = Peer(certified_terminals(transport.get_extra_info("peercert")))
        self._heard_at = self._door.time()
        self._door.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._door.forget(self)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        if self._is_ending:
            return
        self._heard_at = self._door.time()
        was_partial = self._deframer.is_partial
        try:
            frames = self._deframer.feed(data)
        except FrameError as error:
            frames = error.frames
            self._is_ending = True
        if frames or not was_partial:
            self._partial_since = self._heard_at
        self._waiting.extend(frames)
        self._pump()

    def eof_received(self) -> bool:
        """The peer has said all: what it asked is answered before the connection closes."""
        self._is_ending = True
        self._pump()
        return True

    def pause_writing(self) -> None:
        self._peer_reads = False
        self._pump()

    def resume_writing(self) -> None:
        self._peer_reads = True
        self._pump()

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks or self._waiting)

    def end(self) -> None:
        """Take nothing new, answer what is at work, close."""
        self._is_ending = True
        self._waiting.clear()
        self._pump()

    def sweep(self, now: float) -> None:
        """Close a peer that leaves a frame unfinished or says nothing for long."""
        is_stuck = self._deframer.is_partial and now - self._partial_since > PARTIAL_SECONDS
        is_idle = not self.is_busy and now - self._heard_at > IDLE_SECONDS
        if is_stuck or is_idle:
            self._transport.abort()

    def _pump(self) -> None:
        while self._waiting and self._peer_reads and len(self._tasks) < MOST_IN_FLIGHT:
            task = self._door.loop.create_task(self._serve(self._waiting.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._served)
        should_pause = bool(self._waiting) or not self._peer_reads
        if not self._transport.is_closing() and should_pause != self._is_paused:
            self._is_paused = should_pause
            (self._transport.pause_reading if should_pause else self._transport.resume_reading)()
        if self._is_ending and not self.is_busy:
            self._send()
            self._transport.close()

    async def _serve(self, received: Frame) -> None:
        body = await self._door.dispatcher.answer(received.body, self._peer)
        if body is not None:
            if not self._unsent:
                self._door.loop.call_soon(self._send)
            self._unsent.append(frame(received.tpdu, body))

    def _send(self) -> None:
        """All answers of one turn of the loop in one write."""
        frames, self._unsent = self._unsent, []
        if frames and not self._transport.is_closing():
            self._transport.write(b"".join(frames))

    def _served(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("message was not served: %s", type(error).__name__)
        if self._peer.must_close:
            self._is_ending = True
            self._waiting.clear()
        self._pump()


class Door:
    """The listeners of one process and their connections."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.loop = asyncio.get_running_loop()
        self.time = self.loop.time
        self.connections: set[Connection] = set()
        self._empty = asyncio.Event()
        self._servers: list[asyncio.Server] = []

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Accept terminals; returns the address in fact, which matters for port 0."""
        server = await self.loop.create_server(lambda: Connection(self), host, port, ssl=tls, backlog=1024)
        self._servers.append(server)
        return cast("tuple[str, int]", server.sockets[0].getsockname()[:2])

    def forget(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if not self.connections:
            self._empty.set()

    async def sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = self.time()
            for connection in list(self.connections):
                connection.sweep(now)

    async def close(self) -> None:
        """Stop listening, let what is at work be answered, close."""
        for server in self._servers:
            server.close()
        self._empty.clear()
        for connection in list(self.connections):
            connection.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), DRAIN_SECONDS if self.connections else 0)


def certified_terminals(certificate: dict[str, object] | None) -> frozenset[str] | None:
    """The terminal codes in a client certificate's alternative names; None on a connection without certificates."""
    if certificate is None:
        return None
    names = cast("tuple[tuple[str, str], ...]", certificate.get("subjectAltName", ()))
    return frozenset(value for kind, value in names if kind == "DNS")


def tls_context(certificate: str, key: str, client_authority: str) -> ssl.SSLContext:
    """TLS 1.2 or later, and a client certificate from `client_authority` or no connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(client_authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
