"""A close and a purchase whose wallet a desk holds: what goes wrong when the close does not wait, and that it waits."""

import asyncio
from collections.abc import Callable, Iterator

import psycopg
import pytest
from msgspec import Raw
from msgspec.msgpack import Decoder

from cardbank.ledger import posting
from cardbank.ledger.store import run
from cardbank.ledger.teller.database import Database
from cardbank.ledger.teller.desk import Desk, Pending, Place
from cardbank.ledger.teller.work import Work
from cardbank.ledger.types import Answer, EntryKind, PostingRequest
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from kernel import clock
from kernel.calendar import TEHRAN
from merchants.batches.verify import TERMINAL_BATCHES
from tests.cardbank.ledger.asked import Town

CLOSES_FASTER_THAN = 0.5
answer_of = Decoder(Answer).decode


class Door:
    """Answers by number, in the order they came."""

    def __init__(self) -> None:
        self.answers: dict[int, Answer] = {}

    def answer(self, number: int, answer: Answer | Raw) -> None:
        self.answers[number] = answer if isinstance(answer, Answer) else answer_of(answer)


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        town = Town(connection)
        with connection.transaction():
            run(connection, posting.post([town.top_up(1_000)], clock.now))
        yield town


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)


async def close_beside_a_held_purchase(town: Town, database_url: str) -> dict[int, Answer]:
    """The purchase arrives first and waits for a desk; the close arrives; the desk lets go a moment later."""
    work, door = Work(Database(database_url, "month"), TEHRAN), Door()
    working = asyncio.create_task(work.run())
    await work.is_ready.wait()
    purchase = town.purchase(100, terminal_batch=None)
    close = town.request(EntryKind.BATCH_CLOSE, 0, wallet_id=town.shop, terminal_batch=1)
    with psycopg.connect(database_url) as desk:
        desk.execute("SELECT ledger.lock_wallets(ARRAY[%s]::bigint[])", (town.holder,))
        held = take_in(work, door, purchase, 1)
        await until(lambda: held.place is Place.SLOW)
        take_in(work, door, close, 2)
        await asyncio.wait([asyncio.create_task(until(lambda: 2 in door.answers))], timeout=CLOSES_FASTER_THAN)
        desk.rollback()
    await until(lambda: len(door.answers) == 2)
    take_in(work, door, town.purchase(50), 3)
    await until(lambda: len(door.answers) == 3)
    working.cancel()
    await asyncio.wait([working])
    return door.answers


def take_in(work: Work, door: Door, request: PostingRequest, number: int) -> Pending:
    item = Pending(request, number, door, must_look_up=False)
    work.desk.take_in(item)
    return item


def batches_of(town: Town) -> list[tuple[int, int]]:
    return town.connection.execute(
        "SELECT amount, terminal_batch FROM ledger.entry WHERE kind = 1 ORDER BY decided_at, id"
    ).fetchall()


def faults(town: Town) -> list[str]:
    town.connection.execute("SELECT ledger.roll_up(10000)")
    return [check.detail for check in verify(town.connection, (TERMINAL_BATCHES,)) if not check.ok]


def test_a_close_that_does_not_wait_leaves_an_entry_in_a_closed_batch(
    town: Town, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "is_behind", lambda *_: False)
    answers = asyncio.run(close_beside_a_held_purchase(town, database_url))
    assert list(answers)[:2] == [2, 1], "the close was answered first"
    assert batches_of(town) == [(100, 1), (50, 2)]
    [fault] = faults(town)
    assert "was posted after its terminal's batch was closed" in fault


def test_a_close_waits_for_a_purchase_that_waits_for_a_desk(town: Town, database_url: str) -> None:
    answers = asyncio.run(close_beside_a_held_purchase(town, database_url))
    assert list(answers) == [1, 2, 3]
    assert (answers[2].reason, answers[2].terminal_batch) == (Reason.TERMINAL_BATCH_CLOSED, 1)
    assert batches_of(town) == [(100, 1), (50, 2)]
    assert faults(town) == []
