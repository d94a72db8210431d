"""An order that one takes back while another pays it, and a complaint sent twice: the race is shown without the lock, then not with it."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.outcomes import purchase_of_entry
from cardbank.services import new_request_key
from kernel.db import unit_of_work
from merchants.complaints import queries
from merchants.complaints.models import Complaint, RefundOrder
from merchants.complaints.services import ordering
from merchants.complaints.services.complaining import Said, complain
from merchants.complaints.services.ordering import Asked
from tests.concurrency.test_till_shifts import at_the_same_time
from tests.meeting import meet
from tests.merchants.complaints.case import case

AMOUNT = 100_000


@pytest.mark.parametrize("is_locked", [False, True])
def test_an_order_is_not_both_taken_back_and_paid(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    at = case(session)
    complaint, colleague = at.complaint(session), at.colleague(session)
    order = ordering.order_refund(session, at.inspector, complaint.id, Asked(new_request_key(), AMOUNT, "x"))
    session.commit()
    if not is_locked:
        read = queries._one
        monkeypatch.setattr(queries, "_one", lambda session, which, *, lock: read(session, which, lock=False))
    meet(monkeypatch, ordering, "_check_proposed")
    outcomes = at_the_same_time(
        lambda session: ordering.confirm_order(session, colleague, order.id),
        lambda session: ordering.withdraw_order(session, at.inspector, order.id, "x"),
    )
    with unit_of_work() as fresh:
        stands = fresh.get_one(RefundOrder, order.id)
        bought = purchase_of_entry(fresh, at.sold.business_date, at.sold.entry_id)
        assert bought is not None
        is_paid = bought.returned_rial == AMOUNT
        if is_locked:
            assert outcomes.count("done") == 1 or stands.state == "paid"
            assert is_paid is (stands.state == "paid")
        else:
            # Both saw a proposed order: the money has moved, and who came last wrote over the other or met the constraint.
            assert outcomes != ["done", "refund_order_decided"]
            assert is_paid


@pytest.mark.parametrize("is_same_form", [True, False])
def test_a_purchase_has_one_open_complaint_of_a_cause(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_same_form: bool
) -> None:
    """No lock: the database takes the first, and the second hears of it."""
    at = case(session)
    subject, key = at.subject(session), str(uuid4())
    session.commit()
    keys = [key, key if is_same_form else str(uuid4())]
    outcomes = at_the_same_time(*(lambda session, own=own: complain(session, subject, Said(own, "rude")) for own in keys))
    assert outcomes == (["done", "done"] if is_same_form else ["complaint_stands", "done"])
    assert session.scalar(select(func.count()).select_from(Complaint)) == 1
