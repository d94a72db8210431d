"""The rest of a due paid twice at once: the race is shown without the lock, then not with it."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from merchants.dues import queries, services
from merchants.dues.models import Due, DuePayment
from tests.concurrency.test_till_shifts import at_the_same_time
from tests.meeting import meet
from tests.merchants.dues.owing import place


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_due_is_not_paid_twice(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    at = place(session, sold_rial=0)
    due = at.due(session, 50_000)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(queries, "lock_due", lambda session, due_id: session.get_one(Due, due_id))
    meet(monkeypatch, services, "check_payment")

    def pay(session: Session) -> object:
        return services.note_paid(session, at.clerk, at.union_id, due.id, str(uuid4()), 50_000, "17")

    outcomes = at_the_same_time(pay, pay)
    paid = session.scalar(select(func.sum(DuePayment.amount_rial)))
    assert (outcomes, paid) == ((["done", "due_is_closed"], 50_000) if is_locked else (["done", "done"], 100_000))
