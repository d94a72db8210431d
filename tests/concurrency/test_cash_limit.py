"""Two tills of one shop that take cash for two cards at once: no wallet is shared, so no lock and no version is."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from cardbank.ledger import posting
from cardbank.ledger.client import SyncTellerClient
from cardbank.ledger.store import Steps, Views, run
from cardbank.ledger.teller.cash import read_cash
from cardbank.ledger.types import AccountKind, Answer, EntryKind, PostingRequest, WalletKind
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from kernel import clock
from tests.cardbank.ledger.asked import Town
from tests.cardbank.ledger.postgres import TellerProcess
from tests.concurrency.test_ledger_races import Desk, tap

LIMIT = 1_000


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    return Town(connection)


def cash(town: Town, amount: int) -> PostingRequest:
    """For a card of its own."""
    wallet = town.open(WalletKind.HOLDER)
    return town.request(EntryKind.TOP_UP, amount, wallet_id=wallet, shop_id=town.shop, cash_limit=LIMIT)


def taken(town: Town) -> int:
    town.connection.execute("SELECT ledger.roll_up(10000)")
    assert [check for check in verify(town.connection) if not check.ok] == []
    return -town.balance(town.shop, AccountKind.PAYABLE)


def test_two_who_each_read_the_figure_take_more_than_the_shop_may(
    town: Town, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside the teller nothing holds the figure between reading it and posting on it."""
    read = Views.read

    def read_with_figure(views: Views, missing: set[int]) -> Steps[None]:
        yield from read(views, missing)
        yield from read_cash(views.shared, [town.shop])

    monkeypatch.setattr(Views, "read", read_with_figure)
    desks = [Desk(database_url, cash(town, 600)) for _ in range(2)]
    for desk in desks:
        desk.decide()
    assert [desk.post()[0].reason for desk in desks] == [Reason.APPROVED] * 2
    for desk in desks:
        desk.close()
    assert taken(town) == 1_200 > LIMIT


def test_outside_the_teller_what_it_limits_is_declined(town: Town) -> None:
    with town.connection.transaction():
        [answer] = run(town.connection, posting.post([cash(town, 1)], clock.now))
    assert answer.reason is Reason.CASH_LIMIT_OF_DAY


def test_cash_for_a_card_that_a_desk_holds_waits_and_is_counted_all_the_same(town: Town, database_url: str) -> None:
    """It never takes the slow lane, where the figure is not known, and nothing but its own card waits for it."""
    teller = TellerProcess()
    try:
        held = cash(town, 600)
        with psycopg.connect(database_url) as desk, closing(SyncTellerClient(teller.path)) as client:
            desk.execute("SELECT ledger.lock_wallets(ARRAY[%s]::bigint[])", (held.wallet_id,))
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(tap, teller, held)
                time.sleep(0.3)  # more than three times aside, after which others would go slow
                assert client.post(cash(town, 300)).reason is Reason.APPROVED
                assert not waiting.done()
                desk.commit()
                assert waiting.result()[0].reason is Reason.APPROVED
            assert client.post(cash(town, 101)).reason is Reason.CASH_LIMIT_OF_DAY
            assert client.post(cash(town, 100)).reason is Reason.APPROVED
        assert taken(town) == LIMIT
    finally:
        teller.stop()


def test_by_the_teller_many_tills_take_exactly_what_the_shop_may(town: Town) -> None:
    """Forty top-ups of 50 and the reversal of every third at once; then the rest of the day's room."""
    teller = TellerProcess()
    try:
        wanted = [cash(town, 50) for _ in range(40)]
        calls = [call for n, one in enumerate(wanted) for call in ((one, town.reversal(one)) if n % 3 == 0 else (one,))]

        def ask(request: PostingRequest) -> Answer:
            with closing(SyncTellerClient(teller.path)) as client:
                return client.post(request)

        with ThreadPoolExecutor(20) as pool:
            list(pool.map(ask, calls))
        assert taken(town) <= LIMIT
        while ask(cash(town, 50)).reason is Reason.APPROVED:
            assert taken(town) <= LIMIT
        assert taken(town) == LIMIT
    finally:
        teller.stop()
