"""Two plans of one organisation are funded at once, and the budget holds enough for one of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from sqlalchemy.orm import Session

from cardbank import budgets as bank
from cardbank.ledger import posting
from cardbank.ledger.verify import verify
from kernel.db import engine
from loyalty.benefits.errors import BudgetTooSmall
from loyalty.benefits.services import funding
from merchants.benefits.verify import BENEFITS
from tests.factories import ACTOR
from tests.loyalty.benefits.sponsors import AMOUNT_RIAL, House

UNLOCKED = "SELECT 1 WHERE $1::bigint[] IS NOT NULL"


@pytest.fixture
def house(session: Session) -> House:
    house = House(session, budget_rial=AMOUNT_RIAL + 1)
    house.member()
    return house


def fund_at_once(house: House) -> list[str]:
    """Both have decided before either commits, unless the budget's lock holds one of them back."""
    plans = [house.plan().id, house.plan(names={"fa": "شام"}).id]
    ready = Barrier(2)

    def fund(plan_id: int) -> str:
        with Session(engine()) as session:
            ready.wait()
            try:
                funding.fund(session, ACTOR, house.organisation_id, plan_id)
            except BudgetTooSmall:
                return "too small"
            session.commit()
            return "funded"

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(_named, [lambda one=one: fund(one) for one in plans]))


def _named(work: object) -> str:
    try:
        return work()  # type: ignore[operator]
    except Exception as error:
        return type(error).__name__


def test_without_the_lock_both_decide_on_the_same_budget(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is the floor of the account, not the lock, that keeps the second from being posted: an error, no answer."""
    decided = Barrier(2)
    settle = posting._settle

    def settle_together(*arguments: object) -> bytes:
        answer = settle(*arguments)
        decided.wait()
        return answer

    monkeypatch.setattr(posting, "LOCK", UNLOCKED)
    monkeypatch.setattr(posting, "_settle", settle_together)
    outcomes = fund_at_once(house)
    assert outcomes == ["LedgerBusy", "funded"], "both were approved by the rule"


def test_with_the_lock_the_second_is_told_what_the_budget_lacks(house: House, database_url: str) -> None:
    assert fund_at_once(house) == ["funded", "too small"]
    held = bank.funds(house.session, house.sponsor.wallet_id)
    assert (held.budget_rial, held.waiting_rial) == (1, AMOUNT_RIAL)
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert [check for check in verify(connection, (BENEFITS,)) if not check.ok] == []
