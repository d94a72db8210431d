"""The teller's connections. The pen, an advisory lock, is taken on the writing session itself: who loses the session has
lost the pen, and what it was writing is committed or gone before another one can write.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from struct import error as StructError  # noqa: N812 - the standard library's own name is in lower case
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from cardbank.ledger.arrays import pack
from cardbank.ledger.batch import POST, POST_AND_CLOSE
from cardbank.ledger.posting import RESERVE_ACCOUNTS, RESERVE_ENTRIES, TELLER, post
from cardbank.ledger.store import OPEN_DAYS, Steps, T, run_async
from cardbank.ledger.teller.pipe import Pipe
from cardbank.ledger.types import Answer, PostingRequest

log = logging.getLogger(__name__)

R = TypeVar("R")
Session = psycopg.AsyncConnection[Any]

PEN = "SELECT pg_try_advisory_lock(ledger.day_lock_class() + 3, 0)"
HELD = "SELECT ledger.held_wallets($1::bigint[])"
CONNECT_WITHIN = 5
ANSWER_WITHIN = 5.0  # a call of milliseconds that takes this long will not return
PARTITIONS_BEHIND, PARTITIONS_AHEAD = timedelta(days=12), timedelta(days=35)
MOST_SLOW = 4  # sessions for wallets that others hold

KEY_TAKEN = "23505"
HELD_ELSEWHERE = "55P03"
STALE = frozenset({"PL001", "PL002", "40001", "40P01"})
DAY_NOT_OPEN = "PL003"
# What one request can be the cause of: values that PostgreSQL or its binary form cannot hold.
REFUSED = (psycopg.Error, StructError, OverflowError, ValueError)
# Not one request's fault: connection, resources, operator, system, a standby.
_LOST_CLASSES = ("08", "53", "57", "58", "25006")


def is_lost(error: BaseException) -> bool:
    """Whether the outcome is unknown, or no call can succeed now: connect again and look up what was in progress."""
    if isinstance(error, psycopg.Error):
        state = error.sqlstate
        return isinstance(error, psycopg.OperationalError) if state is None else state.startswith(_LOST_CLASSES)
    return isinstance(error, (OSError, TimeoutError))


def sqlstate_of(error: BaseException) -> str | None:
    return error.sqlstate if isinstance(error, psycopg.Error) else None


class Database:
    """One session that writes, one that reads ahead, and a few for wallets that others hold."""

    def __init__(self, url: str, partitions: str) -> None:
        self.url = url
        self.partitions = partitions  # of entries and postings: month or day
        self.epoch = 0
        self._writer: Session | None = None
        self._pipe: Pipe | None = None
        self._reader: Session | None = None
        self._slow = asyncio.Semaphore(MOST_SLOW)

    async def connect(self) -> None:
        """Connect and wait for the pen. Raises what `is_lost` tells."""
        self._writer = await self._session()
        waited = False
        while not await self._one(self._writer, PEN):
            if not waited:
                log.warning("another teller holds the pen: waiting for it")
                waited = True
            await asyncio.sleep(0.2)
        self.epoch = await self._one(self._writer, "SELECT ledger.next_epoch()")
        self._pipe = Pipe(self._writer, (POST, POST_AND_CLOSE))
        self._reader = await self._session()

    async def _session(self) -> Session:
        session = await psycopg.AsyncConnection.connect(
            self.url, autocommit=True, connect_timeout=CONNECT_WITHIN, application_name="teller"
        )
        # Plans must not depend on how full a young table happens to be when they are made.
        for choice in ("jit", "enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"):
            await session.execute(sql.SQL("SET {} = off").format(sql.Identifier(choice)))
        return session

    async def drop(self) -> None:
        """Let go of both sessions at once, whatever they are doing."""
        sessions = [session for session in (self._writer, self._reader) if session is not None]
        if self._pipe is not None:
            self._pipe.close()
        self._writer = self._reader = self._pipe = None
        for session in sessions:
            cut(session)
            await session.close()

    async def open_day(self, today: date) -> date:
        """Make sure of today's business day and of partitions ahead. Returns the current day."""
        behind, ahead = today - PARTITIONS_BEHIND, today + PARTITIONS_AHEAD
        await self._one(self._reader, "SELECT ledger.make_partitions($1::date, $2::date, $3)", behind, ahead, self.partitions)
        await self._one(self._reader, "SELECT ledger.open_day($1::date)", today)
        return await self.current_day()

    async def current_day(self) -> date:
        day: date = await self._one(self._reader, OPEN_DAYS)
        return day

    async def reserve_entries(self) -> int:
        first: int = await self._one(self._reader, RESERVE_ENTRIES)
        return first

    async def reserve_accounts(self) -> int:
        first: int = await self._one(self._reader, RESERVE_ACCOUNTS)
        return first

    async def read(self, steps: Steps[T]) -> T:
        return await within(self._reader, lambda session: run_async(session, steps))

    async def post(self, arguments: Sequence[Any], closes: Sequence[tuple[int, int]] = ()) -> bytes:
        """Write one batch, behind those that are on their way already, and close what it closes of terminals; commit both.

        Returns what `Batch.take_places` reads. Raises the database's error.
        """
        pipe, statement = self._pipe, POST
        if pipe is None:
            raise ConnectionError("not connected")
        if closes:
            terminals, numbers = zip(*closes, strict=True)
            statement, arguments = POST_AND_CLOSE, (*arguments, pack("bigint", terminals), pack("int", numbers))
        too_long = asyncio.get_running_loop().call_later(ANSWER_WITHIN, pipe.give_up)
        try:
            return await pipe.send(statement, arguments)
        finally:
            too_long.cancel()

    def look(self) -> None:
        """See what the writing session says; often enough, whoever waits for it is told of its end."""
        if self._pipe is not None:
            self._pipe.look()

    async def held_wallets(self, accounts: Iterable[int]) -> set[int]:
        """Which wallets of these accounts another transaction holds."""
        return set(await self._one(self._reader, HELD, pack("bigint", sorted(accounts))))

    async def post_slowly(self, request: PostingRequest, now: Callable[[], datetime], patience: timedelta) -> Answer:
        """Lock, decide and post one request on a session of its own, waiting `patience` for who holds its wallet.

        Raises the database's error, or TimeoutError when no session is free within the patience.
        """
        async with asyncio.timeout(patience.total_seconds()):
            await self._slow.acquire()
        try:
            async with await self._session() as session:
                await session.set_autocommit(False)
                await session.execute(f"SET LOCAL lock_timeout = {max(1, patience // timedelta(milliseconds=1))}")
                answers = await run_async(session, post([request], now, TELLER, self.epoch))
        finally:
            self._slow.release()
        return answers[0]

    async def _one(self, session: Session | None, statement: str, *arguments: Any) -> Any:
        """The first value of the answer, within the time that an answer takes."""

        def ask() -> Steps[Any]:
            rows = yield statement, arguments
            return rows[0][0]

        return await within(session, lambda opened: run_async(opened, ask()))


async def within(session: Session | None, call: Callable[[Session], Awaitable[R]]) -> R:
    """Await a call on the session. Raises ConnectionError without a session, OperationalError when it does not answer."""
    if session is None:
        raise ConnectionError("not connected")
    too_long = asyncio.get_running_loop().call_later(ANSWER_WITHIN, cut, session)
    try:
        return await call(session)
    finally:
        too_long.cancel()


def cut(session: Session) -> None:
    """Shut the session's socket, so that whoever waits for an answer of the server sees its end."""
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(session.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)
