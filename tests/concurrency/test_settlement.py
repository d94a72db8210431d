"""Settling and deciding at once: the race is shown without the lock, then not with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from identity.models import Organisation
from kernel.db import unit_of_work
from kernel.errors import DomainError
from merchants.settlement.models import BankAccount, SettlementBatch
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services import accounts, closing
from tests.factories import ACTOR
from tests.meeting import meet
from tests.merchants.settlement import trade


def twice(work: Callable[[Session], object]) -> list[str]:
    def one() -> str:
        try:
            with unit_of_work() as session:
                work(session)
        except DomainError as refusal:
            return refusal.code
        except Exception as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as pool:
        return sorted(job.result() for job in [pool.submit(one) for _ in range(2)])


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_operators_who_close_at_once_make_one_batch(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    shop = trade.shop(session)
    trade.post(session, trade.sale(trade.holder(session), shop, 90_000))
    with unit_of_work() as before:
        closing.price_everything(before)
    if not is_locked:
        monkeypatch.setattr(closing, "LOCK", text("SELECT 1"))
        monkeypatch.setattr(closing, "price_everything", lambda session: None)
    meet(monkeypatch, closing, "_open_shops")
    outcomes = twice(lambda session: closing.close_now(session, ACTOR))
    if is_locked:
        assert outcomes == ["done", "nothing_to_settle"]
        assert session.scalar(select(func.count()).select_from(SettlementBatch)) == 1
    else:
        assert "nothing_to_settle" not in outcomes  # both saw the same open lines; only a constraint stops the second


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["done", "done"]), (True, ["bank_account_decided", "done"])])
def test_two_reviewers_who_decide_at_once_decide_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    shop = trade.shop(session)
    name = session.get_one(Organisation, shop.organisation_id).names["fa"]
    proposed = accounts.propose_account(session, ACTOR, 1, shop.id, make_sheba("012", "9"), name)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(accounts, "_lock", lambda session, account_id: session.get_one(BankAccount, account_id))
    meet(monkeypatch, accounts, "_lock_proposed")
    assert twice(lambda session: accounts.approve_account(session, ACTOR, 2, proposed.id)) == outcomes
