"""What a door may say of a request that it has handed over: the teller's word, or nothing."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from cardbank.ledger import client, posting
from cardbank.ledger.client import SyncTellerClient, TellerClient
from cardbank.ledger.errors import OutcomeUnknown
from cardbank.ledger.store import run
from cardbank.ledger.types import Answer, PostingRequest
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from kernel import clock
from tests.cardbank.ledger.asked import Town
from tests.cardbank.ledger.postgres import TellerProcess, commits_take

Ask = Callable[[Path, PostingRequest], Answer]


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened
        assert [check for check in verify(opened) if not check.ok] == []


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    town = Town(connection)
    with connection.transaction():
        run(connection, posting.post([town.top_up(10_000)], clock.now))
    return town


@pytest.fixture
def teller(town: Town) -> Iterator[TellerProcess]:
    running = TellerProcess()
    yield running
    running.process.send_signal(signal.SIGCONT)
    running.stop()


def on_a_loop(path: Path, request: PostingRequest) -> Answer:
    async def ask() -> Answer:
        asking = TellerClient(path)
        try:
            return await asking.post(request)
        finally:
            await asking.close()

    return asyncio.run(ask())


def on_a_thread(path: Path, request: PostingRequest) -> Answer:
    with closing(SyncTellerClient(path)) as asking:
        return asking.post(request)


both = pytest.mark.parametrize("ask", [on_a_loop, on_a_thread])


@both
def test_what_is_committed_is_answered_truly_however_late(town: Town, teller: TellerProcess, ask: Ask) -> None:
    commits_take(town.connection, seconds=2)
    assert ask(teller.path, town.purchase(1_000, seconds=1)).reason is Reason.APPROVED
    assert town.balance() == 9_000


@both
def test_a_door_whose_request_was_taken_never_says_itself_that_nothing_was_posted(
    town: Town, teller: TellerProcess, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.setattr(client, "WAIT_ON", 2.0)
    commits_take(town.connection, seconds=1)
    request = town.purchase(1_000, seconds=1)
    stopping = threading.Timer(0.5, teller.process.send_signal, [signal.SIGSTOP])
    stopping.start()
    with pytest.raises(OutcomeUnknown):
        ask(teller.path, request)
    assert town.balance() == 9_000
    teller.process.send_signal(signal.SIGCONT)
    again = town.purchase(1_000, key=request.key, content_hash=request.content_hash)
    assert ask(teller.path, again).replayed


@both
def test_a_teller_that_dies_with_the_request_leaves_its_outcome_unknown(
    teller: TellerProcess, town: Town, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.setattr(client, "WAIT_ON", 1.0)
    teller.process.send_signal(signal.SIGSTOP)
    killing = threading.Timer(0.3, teller.kill)
    killing.start()
    with pytest.raises(OutcomeUnknown):
        ask(teller.path, town.purchase(1_000, seconds=1))


@both
def test_the_next_teller_answers_after_the_deadline_what_the_dead_one_has_committed(
    teller: TellerProcess, town: Town, ask: Ask
) -> None:
    commits_take(town.connection, seconds=1)
    request = town.purchase(1_000, seconds=1)
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask, teller.path, request)
        threading.Event().wait(0.5)
        teller.kill()
        threading.Event().wait(1)
        teller.start()
        answer = asking.result()
    assert (answer.reason, answer.replayed) == (Reason.APPROVED, True)
    assert town.balance() == 9_000


@both
def test_where_no_teller_took_the_request_the_ledger_is_unavailable(town: Town, tmp_path: Path, ask: Ask) -> None:
    answer = ask(tmp_path / "nobody.sock", town.purchase(1_000, seconds=0.3))
    assert (answer.reason, answer.entry_id) == (Reason.LEDGER_UNAVAILABLE, 0)


@both
def test_what_comes_to_the_door_after_its_deadline_is_not_asked(town: Town, teller: TellerProcess, ask: Ask) -> None:
    assert ask(teller.path, town.purchase(1_000, seconds=-1)).reason is Reason.LEDGER_UNAVAILABLE
