"""One receipt of the bank stated by two organisations at once: the race is shown without the lock, then not with it."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.benefits.models import Deposit
from loyalty.benefits.services import budgets
from tests.concurrency.test_till_shifts import at_the_same_time
from tests.loyalty.benefits.sponsors import House, today
from tests.meeting import meet_before


@pytest.mark.parametrize(("is_locked", "ends"), [(False, ["IntegrityError", "done"]), (True, ["deposit_stated_before", "done"])])
def test_one_receipt_is_no_money_of_two(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, ends: list[str]
) -> None:
    houses = [House(session, budget_rial=0) for _ in range(2)]
    if not is_locked:
        monkeypatch.setattr(budgets, "_keep_others_away", lambda session, number: None)
    meet_before(monkeypatch, budgets.audit, "record")

    def state(house: House) -> object:
        held = house.sponsor
        return lambda one: budgets.state_deposit(one, house.clerk, held, 700, "1234AB", today())

    assert at_the_same_time(*map(state, houses)) == ends
    assert session.scalar(select(func.count()).select_from(Deposit)) == 1
