"""On a cluster with fsync on: whatever is killed, nothing acknowledged is lost, and every key is posted once."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from msgspec.structs import replace

from cardbank.ledger.client import SyncTellerClient, TellerClient
from cardbank.ledger.types import Answer, PostingRequest
from cardbank.ledger.verify import verify
from cardbank.ledger.wire import Frames, answers_of, frame
from cardbank.reasons import Reason
from deploy.bench.cluster import Server, durable_server, migrated_database
from tests.cardbank.ledger.asked import Town
from tests.cardbank.ledger.postgres import TellerProcess

pytestmark = pytest.mark.durable

TAPS = 1_200
IN_FLIGHT = 64


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with durable_server() as running:
        yield running


@pytest.fixture(scope="module")
def address(server: Server, environment: None) -> str:
    return migrated_database(server.cluster, "durable")


@pytest.fixture
def teller(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TellerProcess]:
    monkeypatch.setenv("DATABASE_URL", address)
    running = TellerProcess()
    yield running
    running.stop()


@pytest.fixture
def towns(address: str, teller: TellerProcess) -> list[Town]:
    """Each with money, and with a connection of its own making whenever it is asked."""
    with psycopg.connect(address, autocommit=True) as connection:
        towns = [Town(connection) for _ in range(8)]
    with closing(SyncTellerClient(teller.path)) as client:
        answers = [client.post(town.top_up(10**9, seconds=60)) for town in towns]
    assert {answer.reason for answer in answers} == {Reason.APPROVED}
    return towns


async def tap_while(teller: TellerProcess, requests: list[PostingRequest], harm: Callable[[], Awaitable[None]]) -> list[Answer]:
    """Keep IN_FLIGHT requests under way; `harm` begins after a quarter of them has been answered."""
    client, slots, begun = TellerClient(teller.path), asyncio.Semaphore(IN_FLIGHT), asyncio.Event()
    answered = 0

    async def ask(request: PostingRequest) -> Answer:
        nonlocal answered
        async with slots:
            answer = await client.post(request)
        answered += 1
        if answered == len(requests) // 4:
            begun.set()
        return answer

    async def harm_later() -> None:
        await begun.wait()
        await harm()

    harming = asyncio.create_task(harm_later())
    answers = await asyncio.gather(*(ask(request) for request in requests))
    await harming
    await client.close()
    return answers


def taps(towns: list[Town]) -> list[PostingRequest]:
    return [towns[n % len(towns)].purchase(1_000, seconds=60, earn=towns[0].earn()) for n in range(TAPS)]


def check_all_stands(address: str, teller: TellerProcess, requests: list[PostingRequest], answers: list[Answer]) -> None:
    assert {answer.reason for answer in answers} == {Reason.APPROVED}
    with closing(SyncTellerClient(teller.path)) as client:
        again = [client.post(replace(request, repeat=True)) for request in requests]
    assert [replace(answer, replayed=True) for answer in answers] == again
    with psycopg.connect(address, autocommit=True) as connection:
        wallets = sorted({request.wallet_id for request in requests})
        posted = connection.execute(
            "SELECT id FROM ledger.entry WHERE wallet_id = ANY(%s) AND kind = 1 ORDER BY id", (wallets,)
        ).fetchall()
        assert [entry for (entry,) in posted] == sorted(answer.entry_id for answer in answers)
        connection.execute("SELECT ledger.roll_up(100000)")
        assert [check for check in verify(connection) if not check.ok] == []


def test_kill_of_the_teller_under_load(address: str, teller: TellerProcess, towns: list[Town]) -> None:
    async def harm() -> None:
        for _ in range(3):
            teller.kill()
            await asyncio.to_thread(teller.start)
            await asyncio.sleep(0.2)

    requests = taps(towns)
    answers = asyncio.run(tap_while(teller, requests, harm))
    check_all_stands(address, teller, requests, answers)


def test_kill_of_the_postmaster_under_load(address: str, server: Server, teller: TellerProcess, towns: list[Town]) -> None:
    async def harm() -> None:
        for _ in range(2):
            server.kill()
            await asyncio.to_thread(server.start)
            await asyncio.sleep(0.5)

    requests = taps(towns)
    answers = asyncio.run(tap_while(teller, requests, harm))
    assert teller.process.poll() is None
    check_all_stands(address, teller, requests, answers)


def test_kill_of_a_backend_of_the_teller_under_load(address: str, teller: TellerProcess, towns: list[Town]) -> None:
    async def harm() -> None:
        for _ in range(5):
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'teller'")
            await asyncio.sleep(0.1)

    requests = taps(towns)
    answers = asyncio.run(tap_while(teller, requests, harm))
    check_all_stands(address, teller, requests, answers)


def told_by_the_teller(teller: TellerProcess, request: PostingRequest) -> Answer:
    """The teller's own answer, not the one that a client gives itself."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(str(teller.path))
        door.sendall(frame([(1, request)]))
        door.settimeout(60)
        frames = Frames()
        while True:
            for body in frames.feed(door.recv(65536)):
                return answers_of(body)[0][1]


def test_without_a_database_the_teller_says_so_at_the_deadline_and_posts_the_same_key_once_it_is_back(
    address: str, server: Server, teller: TellerProcess, towns: list[Town]
) -> None:
    request = towns[0].purchase(1_000, seconds=1)
    server.stop()
    assert told_by_the_teller(teller, request).reason is Reason.LEDGER_UNAVAILABLE
    server.start()
    later = towns[0].purchase(1_000, seconds=60, key=request.key, content_hash=request.content_hash)
    answer = told_by_the_teller(teller, later)
    assert (answer.reason, answer.replayed) == (Reason.APPROVED, False)
    assert told_by_the_teller(teller, later) == replace(answer, replayed=True)


@pytest.mark.slow
def test_a_database_that_hangs_is_left_and_found_again(
    address: str, server: Server, teller: TellerProcess, towns: list[Town]
) -> None:
    """Stopped processes keep their sockets open: no error ever comes from them."""
    with psycopg.connect(address, autocommit=True) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'teller'").fetchall()
    request = towns[0].purchase(1_000, seconds=8)
    pids = [pid for (pid,) in rows]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    waiting = asyncio.run(asyncio.wait_for(asyncio.to_thread(told_by_the_teller, teller, request), 60))
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    later = towns[0].purchase(1_000, seconds=60, key=request.key, content_hash=request.content_hash)
    assert waiting.reason in (Reason.LEDGER_UNAVAILABLE, Reason.APPROVED)
    assert told_by_the_teller(teller, later).reason is Reason.APPROVED
    with psycopg.connect(address) as connection:
        query = "SELECT count(*) FROM ledger.entry WHERE source = 1 AND key_date = %s AND source_key = %s AND terminal_id = %s"
        facts = (request.key.day, request.key.key, request.terminal_id)
        assert connection.execute(query, facts).fetchone() == (1,)
