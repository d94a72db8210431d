"""Two members of one family at the last of its money, and a limit that is set while a member taps."""

from collections.abc import Iterator

import psycopg
import pytest

from cardbank.ledger import posting
from cardbank.ledger.store import run
from cardbank.ledger.types import PostingRequest, WalletKind
from cardbank.reasons import Reason
from kernel import clock
from tests.cardbank.ledger.asked import Town
from tests.cardbank.ledger.postgres import TellerProcess
from tests.concurrency.test_ledger_races import NO_LOCK, Desk, broken, tap, without_version_check

MOTHER, SON = 4, 5


class Family(Town):
    """A wallet of 500 Rial that two members share."""

    def __init__(self, connection: psycopg.Connection) -> None:
        super().__init__(connection)
        self.holder = self.open(WalletKind.FAMILY)
        with connection.transaction():
            run(connection, posting.post([self.top_up(500)], clock.now))

    def buys(self, member: int, amount: int) -> PostingRequest:
        return self.purchase(amount, member_id=member, seconds=60)

    def limit(self, member: int, day: int | None) -> None:
        self.connection.execute("SELECT ledger.limit_member(%s, %s, 1, %s, NULL, NULL)", (self.holder, member, day))


@pytest.fixture
def family(database_url: str) -> Iterator[Family]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield Family(opened)


@pytest.fixture
def tills(family: Family, database_url: str) -> Iterator[tuple[Desk, Desk]]:
    pair = Desk(database_url, family.buys(MOTHER, 400)), Desk(database_url, family.buys(SON, 400))
    yield pair
    for till in pair:
        till.close()


@pytest.fixture
def teller(family: Family) -> Iterator[TellerProcess]:
    running = TellerProcess()
    yield running
    running.stop()


def test_without_lock_and_version_both_members_are_granted_the_same_money_and_only_the_floor_saves_it(
    family: Family, tills: tuple[Desk, Desk]
) -> None:
    family.connection.execute(NO_LOCK)
    without_version_check(family.connection)
    for till in tills:
        till.decide()
    assert tills[0].post()[0].reason is Reason.APPROVED
    with pytest.raises(psycopg.errors.CheckViolation, match="account_floor"):
        tills[1].post()


def test_with_them_the_second_member_waits_and_hears_that_it_is_spent(family: Family, tills: tuple[Desk, Desk]) -> None:
    mother, son = tills
    mother.decide()
    with pytest.raises(psycopg.errors.LockNotAvailable):
        son.decide()
    son.connection.rollback()
    assert mother.post()[0].reason is Reason.APPROVED
    with family.connection.transaction():
        [late] = run(family.connection, posting.post([family.buys(SON, 400)], clock.now))
    assert (late.reason, family.balance(), broken(family.connection)) == (Reason.INSUFFICIENT_FUNDS, 100, set())


def test_without_lock_and_version_a_tap_passes_a_limit_that_was_set_meanwhile(family: Family, tills: tuple[Desk, Desk]) -> None:
    family.connection.execute(NO_LOCK)
    without_version_check(family.connection)
    tills[1].decide()
    family.limit(SON, 100)
    assert tills[1].post()[0].reason is Reason.APPROVED


def test_without_the_lock_the_version_stops_that_tap(family: Family, tills: tuple[Desk, Desk]) -> None:
    family.connection.execute(NO_LOCK)
    tills[1].decide()
    family.limit(SON, 100)
    with pytest.raises(psycopg.Error) as caught:
        tills[1].post()
    assert caught.value.sqlstate == "PL001"


def test_the_teller_keeps_to_limits_as_they_stand(family: Family, teller: TellerProcess) -> None:
    """It has the wallet in memory from the first tap on; each change is seen by the very next tap, in both directions."""

    def spent(member: int, amount: int) -> Reason:
        return tap(teller, family.buys(member, amount))[0].reason

    assert spent(SON, 60) is Reason.APPROVED
    family.limit(SON, 100)
    assert [spent(SON, 41), spent(SON, 40), spent(SON, 1)] == [Reason.MEMBER_LIMIT, Reason.APPROVED, Reason.MEMBER_LIMIT]
    family.limit(SON, 150)
    assert [spent(SON, 50), spent(MOTHER, 300)] == [Reason.APPROVED] * 2
    family.limit(SON, None)
    bought = family.buys(SON, 50)
    assert tap(teller, bought)[0].reason is Reason.APPROVED
    family.limit(SON, 200)
    assert spent(SON, 50) is Reason.INSUFFICIENT_FUNDS
    assert tap(teller, family.reversal(bought, member_id=SON))[0].reason is Reason.APPROVED
    assert spent(SON, 50) is Reason.APPROVED
    assert spent(SON, 1) is Reason.INSUFFICIENT_FUNDS
    assert (family.balance(), broken(family.connection)) == (0, set())
