"""Entering a debt, paying a part of it, striking one out. Whoever pays holds the debt, reads what is left, then writes."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from merchants.debts import queries
from merchants.debts.errors import DebtBeingPaid, DebtIsClosed, WrongDebt
from merchants.debts.models import Debt, DebtPayment
from merchants.debts.rules import LONGEST_NOTE, check_debt, check_payment
from merchants.till.errors import ShiftIsClosed
from merchants.till.queries import lock_shift


def enter_debt(
    session: Session,
    identity: Identity,
    branch_id: int,
    key: str,
    *,
    customer: str,
    amount_rial: int,
    due_on: date,
    note: str = "",
    card_id: int | None = None,
) -> Debt:
    """Write a debt into the book of a branch. The same form sent again gives the debt that stands. Raises WrongDebt."""
    customer, note, now = " ".join(customer.split()), " ".join(note.split()), clock.now()
    check_debt(customer, amount_rial, due_on, note, local_day(now))
    facts = {
        "key": key, "branch_id": branch_id, "customer": customer, "card_id": card_id, "amount_rial": amount_rial,
        "due_on": due_on, "note": note, "entered_at": now,
    }  # fmt: skip
    made = session.scalar(insert(Debt).values(facts).on_conflict_do_nothing(index_elements=["key"]).returning(Debt.id))
    debt = session.scalars(select(Debt).where(Debt.key == key, Debt.branch_id == branch_id)).one_or_none()
    if debt is None:
        raise WrongDebt(field="key", fault="key")
    if made is not None:
        audit.record(
            session, identity.actor, "enter", "debt", debt.id, after={"amount_rial": amount_rial, "due_on": due_on.isoformat()}
        )
    return debt


def note_payment(
    session: Session, identity: Identity, debt_id: int, shift_id: int, key: str, way: str, amount_rial: int
) -> DebtPayment:
    """Write a part payment down: cash that lies in the drawer of the shift, or the sale under `key` that asks a card.

    The same key again gives the payment that stands. Raises DebtNotFound, DebtIsClosed, MoreThanOwed, ShiftIsClosed.
    """
    if lock_shift(session, shift_id).closed_at is not None:
        raise ShiftIsClosed
    debt = queries.lock_debt(session, debt_id)
    stands = session.scalar(select(DebtPayment).where(DebtPayment.key == key, DebtPayment.debt_id == debt_id))
    if stands is not None:
        return stands
    if debt.closed_at is not None:
        raise DebtIsClosed
    check_payment(amount_rial, queries.owed_of(session, debt))
    payment = DebtPayment(key=key, debt_id=debt_id, shift_id=shift_id, way=way, amount_rial=amount_rial, at=clock.now())
    session.add(payment)
    session.flush()
    audit.record(session, identity.actor, "take payment", "debt", debt_id, after={"amount_rial": amount_rial, "way": way})
    _close_if_paid(session, debt)
    return payment


def check_try_again(session: Session, goods_key: str, amount_rial: int) -> None:
    """Before a declined payment of a debt is asked for again: somebody else may have paid it meanwhile. Raises MoreThanOwed."""
    debt_id = queries.debt_of_sale(session, goods_key)
    if debt_id is not None:
        check_payment(amount_rial, queries.owed_of(session, queries.lock_debt(session, debt_id)))


def follow_sale(session: Session, goods_key: str) -> None:
    """After a sale was decided, undone or returned: the debt that it pays, if any, is closed or open by what is left."""
    debt_id = queries.debt_of_sale(session, goods_key)
    if debt_id is not None:
        _close_if_paid(session, queries.lock_debt(session, debt_id))


def strike_out(session: Session, identity: Identity, debt_id: int, why: str) -> Debt:
    """Take a debt out of the book, with the reason: entered by mistake, or forgiven. What was paid of it stays where it is.

    Raises DebtNotFound, DebtIsClosed, DebtBeingPaid, WrongDebt.
    """
    why = " ".join(why.split())
    if not 0 < len(why) <= LONGEST_NOTE:
        raise WrongDebt(field="why", fault="why")
    debt = queries.lock_debt(session, debt_id)
    if debt.closed_at is not None:
        raise DebtIsClosed
    left = queries.owed_of(session, debt)
    if left.asked_rial:
        raise DebtBeingPaid
    debt.closed_at, debt.forgiven_why = clock.now(), why
    session.flush()
    audit.record(session, identity.actor, "strike out", "debt", debt_id, before={"left_rial": left.left_rial}, why=why)
    return debt


def _close_if_paid(session: Session, debt: Debt) -> None:
    is_paid = queries.owed_of(session, debt).left_rial <= 0
    if debt.forgiven_why is None and is_paid is (debt.closed_at is None):
        debt.closed_at = clock.now() if is_paid else None
        session.flush()
