"""Two who move one wallet at once: what goes wrong without the locks and versions, and that it does not go wrong with them."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest

from cardbank.ledger import posting
from cardbank.ledger.batch import POST
from cardbank.ledger.client import SyncTellerClient
from cardbank.ledger.store import register, run
from cardbank.ledger.types import Answer, PostingRequest
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from kernel import clock
from tests.cardbank.ledger.asked import Town
from tests.cardbank.ledger.postgres import TellerProcess

NO_LOCK = """CREATE OR REPLACE FUNCTION ledger.lock_wallets(p_wallets bigint[]) RETURNS void
             LANGUAGE sql AS 'SELECT'"""
CHECK = "AND a.version = moved.before"
PLACE = "a.ctid = moved.place"  # a row that was written stands elsewhere, which alone would stop who saw it before
VERSIONS_CHAIN = 3  # the number of the promise
RETURNS_DO_NOT_EXCEED = 7
KEPT = "ON CONFLICT DO NOTHING"
OVERWRITTEN = "ON CONFLICT (original_date, original_id) DO UPDATE SET version = EXCLUDED.version"

PATIENCE = 60  # seconds to a deadline, where a busy machine must not decide


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    town = Town(connection)
    with connection.transaction():
        run(connection, posting.post([town.top_up(1_000)], clock.now))
    return town


@pytest.fixture
def teller(connection: psycopg.Connection) -> Iterator[TellerProcess]:
    running = TellerProcess()
    yield running
    running.stop()


def without_version_check(connection: psycopg.Connection) -> None:
    (source,) = connection.execute("SELECT pg_get_functiondef('ledger.post_entries'::regproc)").fetchone()
    assert CHECK in source
    assert PLACE in source
    connection.execute(source.replace(CHECK, "").replace(PLACE, "a.id = moved.id").encode())


def broken(connection: psycopg.Connection) -> set[int]:
    connection.execute("SELECT ledger.roll_up(10000)")
    return {check.number for check in verify(connection) if not check.ok}


def tap(teller: TellerProcess, *requests: PostingRequest) -> list[Answer]:
    with closing(SyncTellerClient(teller.path)) as client:
        return [client.post(request) for request in requests]


class Desk:
    """A transaction that has decided and not yet posted."""

    def __init__(self, database_url: str, request: PostingRequest) -> None:
        self.connection = psycopg.connect(database_url)
        self.cursor = psycopg.RawCursor(self.connection)
        register(self.cursor)
        self.cursor.execute(b"SET lock_timeout = '300ms'")
        self.steps = posting.post([request], clock.now)

    def decide(self) -> None:
        self.sql, self.arguments = next(self.steps)
        while self.sql != POST:
            self.sql, self.arguments = self.steps.send(self._rows())

    def post(self) -> list[Answer]:
        while True:
            try:
                self.sql, self.arguments = self.steps.send(self._rows())
            except StopIteration as done:
                self.connection.commit()
                return done.value

    def _rows(self) -> list[Any]:
        return self.cursor.execute(self.sql.encode(), self.arguments).fetchall()

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def desks(town: Town, database_url: str) -> Iterator[tuple[Desk, Desk]]:
    pair = Desk(database_url, town.purchase(300)), Desk(database_url, town.purchase(300))
    yield pair
    for desk in pair:
        desk.close()


def test_without_lock_and_version_two_desks_decide_on_one_balance(town: Town, desks: tuple[Desk, Desk]) -> None:
    town.connection.execute(NO_LOCK)
    without_version_check(town.connection)
    for desk in desks:
        desk.decide()
    answers = [desk.post()[0] for desk in desks]
    assert [answer.money_balance for answer in answers] == [700, 700]
    assert VERSIONS_CHAIN in broken(town.connection)


def test_without_the_lock_the_version_stops_the_second_desk(town: Town, desks: tuple[Desk, Desk]) -> None:
    town.connection.execute(NO_LOCK)
    for desk in desks:
        desk.decide()
    desks[0].post()
    with pytest.raises(psycopg.Error) as caught:
        desks[1].post()
    assert caught.value.sqlstate == "PL001"
    assert caught.value.diag.message_detail == f"{{{town.holder}}}"
    desks[1].connection.rollback()
    assert broken(town.connection) == set()


def test_with_the_lock_the_second_desk_waits_before_it_decides(town: Town, desks: tuple[Desk, Desk]) -> None:
    desks[0].decide()
    with pytest.raises(psycopg.errors.LockNotAvailable):
        desks[1].decide()
    desks[1].connection.rollback()
    assert desks[0].post()[0].money_balance == 700
    assert broken(town.connection) == set()


def test_without_the_version_the_teller_posts_on_what_a_desk_has_changed(town: Town, teller: TellerProcess) -> None:
    tap(teller, town.purchase(100))
    without_version_check(town.connection)
    with town.connection.transaction():
        run(town.connection, posting.post([town.purchase(300)], clock.now))
    assert tap(teller, town.purchase(100))[0].money_balance == 800
    assert VERSIONS_CHAIN in broken(town.connection)


def without_amend_check(connection: psycopg.Connection) -> None:
    (source,) = connection.execute("SELECT pg_get_functiondef('ledger.amend_entries'::regproc)").fetchone()
    assert KEPT in source
    connection.execute(source.replace(KEPT, OVERWRITTEN).encode())


@pytest.fixture
def refunds(town: Town, database_url: str) -> Iterator[tuple[Desk, Desk]]:
    """Two tills that each return 300 of a purchase of 400."""
    sold = town.purchase(400)
    with town.connection.transaction():
        run(town.connection, posting.post([sold], clock.now))
    pair = Desk(database_url, town.refund(sold, 300)), Desk(database_url, town.refund(sold, 300))
    yield pair
    for desk in pair:
        desk.close()


def test_without_lock_and_versions_two_tills_return_more_than_was_paid(town: Town, refunds: tuple[Desk, Desk]) -> None:
    town.connection.execute(NO_LOCK)
    without_version_check(town.connection)
    without_amend_check(town.connection)
    for desk in refunds:
        desk.decide()
    assert [desk.post()[0].amount for desk in refunds] == [300, 300]
    assert RETURNS_DO_NOT_EXCEED in broken(town.connection)


def test_without_the_lock_the_amend_row_stops_the_second_till(town: Town, refunds: tuple[Desk, Desk]) -> None:
    town.connection.execute(NO_LOCK)
    without_version_check(town.connection)
    for desk in refunds:
        desk.decide()
    refunds[0].post()
    with pytest.raises(psycopg.Error) as caught:
        refunds[1].post()
    assert caught.value.sqlstate == "PL002"


def test_with_all_of_them_many_tills_return_exactly_what_was_paid(town: Town, teller: TellerProcess) -> None:
    """Ten refunds of 100 and ten reversals of them at the same moment, of a purchase of 400."""
    sold = town.purchase(400)
    tap(teller, sold)
    refunds = [town.refund(sold, 100) for _ in range(10)]
    calls = [request for refund in refunds for request in (refund, town.reversal(refund))]
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(lambda request: tap(teller, request)[0], calls))
    stands = sum(answer.amount for answer in answers[::2]) - sum(answer.amount for answer in answers[1::2])
    assert 0 <= stands <= 400
    assert town.balance() == 600 + stands
    rest = [tap(teller, town.refund(sold, 100))[0].reason for _ in range(6)]
    assert rest.count(Reason.APPROVED) == (400 - stands) // 100
    assert rest[-1] is Reason.MORE_THAN_IS_LEFT
    assert town.balance() == 1_000
    assert broken(town.connection) == set()


def test_with_the_version_teller_and_desks_move_one_wallet_and_every_rial_is_there(
    town: Town, teller: TellerProcess, database_url: str
) -> None:
    def taps() -> list[Reason]:
        return [answer.reason for answer in tap(teller, *(town.purchase(1, seconds=PATIENCE) for _ in range(40)))]

    def desk() -> list[Reason]:
        reasons = []
        with psycopg.connect(database_url, autocommit=True) as connection:
            for _ in range(20):
                with connection.transaction():
                    reasons.append(run(connection, posting.post([town.purchase(1, seconds=PATIENCE)], clock.now))[0].reason)
        return reasons

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(taps), pool.submit(taps), pool.submit(desk), pool.submit(desk)]
        reasons = [reason for one in running for reason in one.result()]
    assert reasons == [Reason.APPROVED] * 120
    assert town.balance() == 880
    assert broken(town.connection) == set()


def test_a_desk_that_holds_a_wallet_does_not_stop_the_city(town: Town, teller: TellerProcess, database_url: str) -> None:
    """The held wallet's tap waits for the desk and sees what it did; all others go on meanwhile, and are done before it."""
    others = [Town(town.connection) for _ in range(5)]
    first = tap(teller, town.purchase(1), *(other.top_up(1_000) for other in others))

    def held() -> Answer:
        return tap(teller, town.purchase(1, seconds=PATIENCE))[0]

    with psycopg.connect(database_url) as desk, ThreadPoolExecutor() as pool:
        run(desk, posting.post([town.purchase(500)], clock.now))
        waiting = pool.submit(held)
        meanwhile = tap(teller, *(other.purchase(1, seconds=PATIENCE) for other in others * 20))
        assert not waiting.done()
        desk.commit()
        answer = waiting.result()
    assert {answer.reason for answer in first + meanwhile} == {Reason.APPROVED}
    assert (answer.reason, answer.money_balance) == (Reason.APPROVED, 498)
    assert broken(town.connection) == set()


def test_a_wallet_that_stays_held_is_answered_at_its_deadline_and_nothing_is_written(
    town: Town, teller: TellerProcess, database_url: str
) -> None:
    request = town.purchase(1, seconds=1)
    with psycopg.connect(database_url) as desk:
        desk.execute("SELECT ledger.lock_wallets(ARRAY[%s]::bigint[])", (town.holder,))
        assert tap(teller, request)[0].reason is Reason.LEDGER_UNAVAILABLE
        time.sleep(0.2)
    assert town.balance() == 1_000
    again = town.purchase(1, key=request.key, content_hash=request.content_hash)
    assert tap(teller, again)[0].replayed is False
    assert broken(town.connection) == set()
