"""The same random histories through PostgreSQL: as transactions, through the teller, with duplicates, races and kill -9."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cardbank.ledger.client import SyncTellerClient, TellerClient
from cardbank.ledger.types import AccountKind, Answer, EntryKind, Original, PostingRequest
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from kernel.db import make_engine
from tests.cardbank.ledger.histories import histories, histories_of_returns, steps
from tests.cardbank.ledger.postgres import PostgresLedger, TellerProcess, in_transaction, new_city

few = settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """The owner's connection; `verify` must hold at the end of the test."""
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened
        opened.execute("SELECT ledger.roll_up(10000)")
        opened.execute("SELECT ledger.seal_day(max(day)) FROM ledger.business_day")
        assert [check for check in verify(opened) if not check.ok] == []


@pytest.fixture
def teller(connection: psycopg.Connection) -> Iterator[TellerProcess]:
    running = TellerProcess()
    yield running
    running.stop()


class TwoDoors:
    """Two connections to the teller. `post` asks on both at the same moment, and both must be told the same."""

    def __init__(self, path: Path) -> None:
        self.clients = TellerClient(path), TellerClient(path)
        self.runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for client in self.clients:
            self.runner.run(client.close())
        self.runner.close()

    def post(self, request: PostingRequest) -> Answer:
        one, other = self.race([request, request])
        assert replace(one, replayed=False) == replace(other, replayed=False)
        return one if other.replayed else other

    def race(self, requests: Sequence[PostingRequest]) -> list[Answer]:
        """All at once, alternately on the one and on the other connection."""

        async def together() -> list[Answer]:
            return await asyncio.gather(*(self.clients[n % 2].post(request) for n, request in enumerate(requests)))

        return self.runner.run(together())


def test_any_history_in_transactions_agrees_with_the_model(connection, database_url):
    engine = make_engine(database_url)

    @few
    @given(histories)
    def run(history):
        city = new_city(PostgresLedger(connection, in_transaction(engine)), datetime.now(UTC))
        city.run(history)
        city.check()

    run()
    engine.dispose()


def test_any_history_through_the_teller_agrees_with_the_model(connection, teller):
    client = SyncTellerClient(teller.path)

    @few
    @given(histories)
    def run(history):
        city = new_city(PostgresLedger(connection, client.post), datetime.now(UTC))
        city.run(history)
        city.check()

    run()
    client.close()


def test_any_history_of_returns_through_the_teller_agrees_with_the_model(connection, teller):
    client = SyncTellerClient(teller.path)

    @few
    @given(histories_of_returns)
    def run(history):
        city = new_city(PostgresLedger(connection, client.post), datetime.now(UTC))
        city.endow()
        city.run(history)
        city.check()

    run()
    client.close()


@pytest.mark.slow
def test_doubled_histories_agree_with_the_model_while_the_teller_is_killed_again_and_again(connection, teller, database_url):
    """Four cities at once, every request twice at the same moment; after each 40 requests kill -9, others in flight."""
    finished = threading.Event()
    asked = threading.Semaphore(0)

    @settings(few, max_examples=3)
    @given(st.lists(st.lists(steps, min_size=30, max_size=60), min_size=4, max_size=4))
    def run(four_histories):
        with ThreadPoolExecutor(4) as cities:
            list(cities.map(live, four_histories))

    def live(history):
        with psycopg.connect(database_url, autocommit=True) as own, TwoDoors(teller.path) as doors:

            def post(request: PostingRequest) -> Answer:
                asked.release()
                return doors.post(request)

            city = new_city(PostgresLedger(own, post), datetime.now(UTC))
            city.run(history)
            city.check()

    def kill_now_and_then() -> int:
        kills = 0
        while True:
            for _ in range(40):
                while not asked.acquire(timeout=0.05):
                    if finished.is_set():
                        return kills
            teller.kill()
            teller.start()
            kills += 1

    with ThreadPoolExecutor(1) as killer:
        killing = killer.submit(kill_now_and_then)
        try:
            run()
        finally:
            finished.set()
        assert killing.result() > 0


def test_a_tap_and_its_reversal_in_a_race_end_at_nothing(connection, teller):
    with TwoDoors(teller.path) as doors:
        city = new_city(PostgresLedger(connection, doors.post), datetime.now(UTC))
        city.top_up(0, 10_000, False)
        city.earn(0, 0, 500, 3)
        wallet = city.holders[0]
        pairs = []
        for _ in range(60):
            tap = city.tapped(0, 0, [30, 20], 1, 1, False, 3, 0)
            stated = Original(tap.key, None, None, (), tap.content_time)
            pairs.append(
                (
                    tap,
                    city.request(EntryKind.REVERSAL, wallet, tap.amount, shop_id=tap.shop_id, original=stated),
                )
            )
        requests = [request for n, pair in enumerate(pairs) for request in (pair if n % 4 < 2 else pair[::-1])]
        answers = dict(zip((request.key for request in requests), doors.race(requests), strict=True))
        outcomes = {(answers[tap.key].reason, answers[reversal.key].reason) for tap, reversal in pairs}
        assert outcomes == {
            (Reason.APPROVED, Reason.APPROVED),
            (Reason.REVERSED_BEFORE_ARRIVAL, Reason.TOMBSTONE_WRITTEN),
        }
        assert city.bank.balance(wallet, AccountKind.MONEY) == 10_000
        assert city.bank.balance(wallet, AccountKind.CREDIT_LOT) == 500
        assert city.bank.balance(city.shops[0], AccountKind.PAYABLE) == 0
        for request in requests:
            again = doors.post(replace(request, repeat=True))
            assert replace(again, replayed=False) == answers[request.key]
