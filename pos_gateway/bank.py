"""The gateway's way to the database: short units of work off the event loop, and news of what has changed."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from cardbank.ledger.errors import OutcomeUnknown
from kernel.db import unit_of_work
from kernel.snapshots import CHANNEL, SnapshotCache

log = logging.getLogger(__name__)

T = TypeVar("T")

THREADS = 4
WORK_SECONDS = 10
PULSE_SECONDS = 2
RETRY_SECONDS = 0.5


class BankUnavailable(Exception):
    """The database does not answer; the terminal is told to try again."""


class UnitOfWorkRunner:
    """Runs work in a transaction of its own on a thread. Raises BankUnavailable where the database is lost or silent."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="bank")

    async def __call__(self, work: Callable[[Session], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._threads, _in_transaction, work), WORK_SECONDS)
        except (OperationalError, InterfaceError, PoolTimeout, TimeoutError, OSError) as error:
            raise BankUnavailable(type(error).__name__) from None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class DeskRunner:
    """Runs work that posts. A database that is lost meanwhile may have committed it, so nothing may be said of the outcome."""

    def __init__(self, run: UnitOfWorkRunner) -> None:
        self._run = run

    async def __call__(self, work: Callable[[Session], T]) -> T:
        try:
            return await self._run(work)
        except BankUnavailable:
            raise OutcomeUnknown from None


def _in_transaction(work: Callable[[Session], T]) -> T:
    with unit_of_work() as session:
        return work(session)


async def follow_changes(database_url: str, snapshots: SnapshotCache) -> None:
    """Evict what other processes announce, for ever. While nothing can be heard, nothing is kept for long either.

    A connection that does not answer its pulse counts as lost: a stale snapshot may not outlive a silent network.
    """
    while True:
        connection: asyncpg.Connection | None = None
        try:
            connection = await asyncpg.connect(database_url, timeout=PULSE_SECONDS)
            await connection.add_listener(CHANNEL, lambda *notice: snapshots.evict(notice[3]))
            snapshots.clear()
            while True:
                await asyncio.sleep(PULSE_SECONDS)
                await connection.fetchval("SELECT 1", timeout=PULSE_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("changes are not heard: %s", type(error).__name__)
        finally:
            if connection is not None:
                connection.terminate()
        snapshots.clear()
        await asyncio.sleep(RETRY_SECONDS)
