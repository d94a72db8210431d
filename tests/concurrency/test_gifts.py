"""Two who sell one gift card at once, and two who take the printer's file at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.orm import Session

from cardbank.gifts import services
from cardbank.gifts.errors import GiftBatchExported
from cardbank.gifts.models import GiftBatch
from cardbank.gifts.services import export_batch, make_batch
from cardbank.ledger import posting
from cardbank.ledger.store import run
from cardbank.ledger.types import AccountKind, PostingRequest
from cardbank.reasons import Reason
from kernel import clock
from kernel.db import unit_of_work
from tests import factories
from tests.cardbank.ledger.asked import Town
from tests.concurrency.test_ledger_races import NO_LOCK, Desk, broken, without_version_check

GIFT = AccountKind.GIFT


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield Town(opened)


def activation(town: Town) -> PostingRequest:
    return town.top_up(600, shop_id=town.shop, into=GIFT, most_held=1_000, must_be_empty=True)


@pytest.fixture
def sellers(town: Town, database_url: str) -> Iterator[tuple[Desk, Desk]]:
    pair = Desk(database_url, activation(town)), Desk(database_url, activation(town))
    yield pair
    for seller in pair:
        seller.close()


def test_without_lock_and_version_one_gift_is_sold_twice(town: Town, sellers: tuple[Desk, Desk]) -> None:
    town.connection.execute(NO_LOCK)
    without_version_check(town.connection)
    for seller in sellers:
        seller.decide()
    assert [seller.post()[0].reason for seller in sellers] == [Reason.APPROVED] * 2
    assert town.balance(kind=GIFT) == 1_200


def test_with_them_the_second_seller_hears_that_it_is_sold(town: Town, sellers: tuple[Desk, Desk]) -> None:
    first, second = sellers
    first.decide()
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.decide()
    second.connection.rollback()
    assert first.post()[0].reason is Reason.APPROVED
    with town.connection.transaction():
        [late] = run(town.connection, posting.post([activation(town)], clock.now))
        [more] = run(town.connection, posting.post([town.top_up(401, shop_id=town.shop, into=GIFT, most_held=1_000)], clock.now))
    assert (late.reason, more.reason) == (Reason.GIFT_ACTIVE_ALREADY, Reason.AMOUNT_LIMIT)
    assert (town.balance(kind=GIFT), broken(town.connection)) == (600, set())


def take_twice(batch_id: int) -> list[object]:
    """Two operators press the button at once: each waits until the other has looked, if it is let."""
    both = threading.Barrier(2)

    def take() -> object:
        with unit_of_work() as session:
            session.info["both"] = both
            try:
                return len(export_batch(session, factories.keystore(), factories.ACTOR, batch_id))
            except GiftBatchExported:
                return "taken already"

    with ThreadPoolExecutor(2) as pool:
        return sorted((call.result() for call in [pool.submit(take) for _ in range(2)]), key=str)


@pytest.fixture
def batch(session: Session) -> GiftBatch:
    made = make_batch(session, factories.keystore(), factories.ACTOR, str(uuid4()), 2, "Nowruz")
    session.commit()
    return made


def test_without_the_lock_the_numbers_leave_twice(batch: GiftBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    def seen_only(session: Session, batch_id: int) -> GiftBatch:
        found = session.get_one(GiftBatch, batch_id)
        session.info["both"].wait(10)
        return found

    monkeypatch.setattr(services, "lock_batch", seen_only)
    assert take_twice(batch.id) == [2, 2]


def test_with_the_lock_they_leave_once(batch: GiftBatch) -> None:
    assert take_twice(batch.id) == [2, "taken already"]
