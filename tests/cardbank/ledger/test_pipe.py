"""Batches sent one behind the other: each lands or fails by itself, and none is lost without a word."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from cardbank.ledger.batch import POST, Batch, Block
from cardbank.ledger.teller.pipe import Pipe
from kernel import clock
from tests.cardbank.ledger.asked import Town

Body = Callable[[Pipe, psycopg.AsyncConnection[Any]], Coroutine[Any, Any, None]]


@pytest.fixture
def today(database_url: str) -> date:
    with psycopg.connect(database_url, autocommit=True) as connection:
        Town(connection)  # opens the business day
        return connection.execute("SELECT max(day) FROM ledger.business_day").fetchone()[0]


def empty(day: date) -> list[Any]:
    """A batch without requests: it writes nothing, but only into a day that is open."""
    return Batch(day, clock.now(), Block(), Block()).arguments(1, 1)


def with_pipe(address: str, body: Body) -> None:
    async def run() -> None:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as session:
            pipe = Pipe(session, [POST])
            try:
                await body(pipe, session)
            finally:
                pipe.close()

    asyncio.run(run())


def end(address: str, session: psycopg.AsyncConnection[Any]) -> None:
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (session.info.backend_pid,))


def test_a_batch_that_fails_takes_none_behind_it_along(database_url: str, today: date) -> None:
    async def body(pipe: Pipe, session: psycopg.AsyncConnection[Any]) -> None:
        sent = [pipe.send(POST, empty(day)) for day in (today, today + timedelta(days=400), today)]
        first, failed, last = await asyncio.gather(*sent, return_exceptions=True)
        assert (first, last) == (b"", b"")
        assert isinstance(failed, psycopg.Error)
        assert failed.sqlstate == "PL003"

    with_pipe(database_url, body)


def test_who_still_waits_when_the_session_ends_learns_that_the_outcome_is_unknown(database_url: str, today: date) -> None:
    async def body(pipe: Pipe, session: psycopg.AsyncConnection[Any]) -> None:
        with psycopg.connect(database_url) as other:
            other.execute("SELECT pg_advisory_xact_lock(ledger.day_lock_class(), %s - DATE '2000-01-01')", (today,))
            other.execute("LOCK TABLE ledger.business_day")
            waiting = [asyncio.ensure_future(pipe.send(POST, empty(today))) for _ in range(2)]
            await asyncio.sleep(0)
            end(database_url, session)
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(one, psycopg.OperationalError) for one in outcomes), outcomes

    with_pipe(database_url, body)


def test_an_idle_session_that_ends_costs_nothing_until_it_is_used(database_url: str, today: date) -> None:
    async def body(pipe: Pipe, session: psycopg.AsyncConnection[Any]) -> None:
        end(database_url, session)
        await asyncio.sleep(0.1)
        assert pipe.is_broken
        with pytest.raises(psycopg.OperationalError):
            await pipe.send(POST, empty(today))

    with_pipe(database_url, body)


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_its_end_is_seen_though_the_event_loop_has_stopped_watching(database_url: str, today: date, is_looked_at: bool) -> None:
    """As uvloop does with a socket that has an error: by looking there now and then, or at last by giving it up."""

    async def body(pipe: Pipe, session: psycopg.AsyncConnection[Any]) -> None:
        with psycopg.connect(database_url) as other:
            other.execute("SELECT pg_advisory_xact_lock(ledger.day_lock_class(), %s - DATE '2000-01-01')", (today,))
            other.execute("LOCK TABLE ledger.business_day")
            waiting = asyncio.ensure_future(pipe.send(POST, empty(today)))
            await asyncio.sleep(0)
            asyncio.get_running_loop().remove_reader(session.pgconn.socket)
            if is_looked_at:
                end(database_url, session)
            async with asyncio.timeout(10):
                while not waiting.done():
                    pipe.look() if is_looked_at else pipe.give_up()
                    await asyncio.sleep(0.01)
            assert isinstance(waiting.exception(), psycopg.OperationalError)
            await session.close()

    with_pipe(database_url, body)
