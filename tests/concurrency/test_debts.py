"""Two who take the rest of a debt at once: the race is shown without the lock, then not with it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.services import new_request_key
from kernel import clock
from kernel.calendar import local_day
from merchants.debts import queries, services
from merchants.debts.models import Debt, DebtPayment
from merchants.till.services import collecting, shifts
from tests.concurrency.test_till_shifts import at_the_same_time
from tests.meeting import meet
from tests.merchants.till.shop import cashier, shop, web_till


@pytest.mark.parametrize("is_locked", [False, True])
@pytest.mark.parametrize("way", ["cash", "card"])
def test_a_debt_is_not_paid_twice(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, way: str) -> None:
    at = shop(session)
    people, tills = [cashier(session, at) for _ in range(2)], [at.till, web_till(session, at.branch.id)]
    opened = [shifts.open_shift(session, person, till.code, 0) for person, till in zip(people, tills, strict=True)]
    due = local_day(clock.now()) + timedelta(days=1)
    debt = services.enter_debt(
        session, people[0], at.branch.id, new_request_key(), customer="آقای رضایی", amount_rial=50_000, due_on=due
    )
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(queries, "lock_debt", lambda session, debt_id: session.get_one(Debt, debt_id))
    meet(monkeypatch, services, "check_payment")

    def cash(session: Session) -> object:
        return collecting.collect_cash(session, people[0], opened[0].id, debt.id, new_request_key(), 50_000)

    def other(session: Session) -> object:
        if way == "cash":
            return collecting.collect_cash(session, people[1], opened[1].id, debt.id, new_request_key(), 50_000)
        return collecting.collect_by_card(session, people[1], opened[1].id, debt.id, new_request_key(), 50_000, text="x")

    outcomes = at_the_same_time(cash, other)
    paid = session.scalar(select(func.sum(DebtPayment.amount_rial)))
    assert (outcomes.count("done"), paid) == ((1, 50_000) if is_locked else (2, 100_000))
