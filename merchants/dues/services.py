"""Entering a due, paying of it, striking it out. Whoever pays holds the due, reads what is left, then writes."""

from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.clearing import Move, book
from cardbank.ledger.services import open_wallet
from cardbank.ledger.types import AccountKind, WalletKind
from identity.models import Organisation
from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from merchants.dues import queries
from merchants.dues.errors import CreditorNotPayable, DueIsClosed, DueNotFound, WrongDue
from merchants.dues.models import Due, DueCollector, DuePayment
from merchants.dues.rules import (
    COLLECTOR_KIND,
    FINE_WITHIN,
    LONGEST_RECEIPT,
    LONGEST_WHY,
    Way,
    check_due,
    check_payment,
    check_waits,
    check_words,
)
from merchants.inspections.models import Inspection
from merchants.models import Merchant
from merchants.settlement.models import Adjustment, BankAccount
from merchants.settlement.queries import waiting_for
from merchants.settlement.services.accounts import propose_account
from merchants.settlement.services.pricing import LOCK


@dataclass(frozen=True, slots=True)
class Entered:
    """A due as its form has it."""

    key: str
    merchant_id: int
    what: str
    amount_rial: int
    due_on: date


def enter_due(session: Session, identity: Identity, union_id: int, typed: Entered) -> Due:
    """Write down what a shop of the union owes it. The same form sent again is the same due. Raises WrongDue, DueNotFound."""
    what = " ".join(typed.what.split())
    check_due(what, typed.amount_rial, typed.due_on, local_day(clock.now()))
    if session.scalar(select(Merchant.union_id).where(Merchant.id == typed.merchant_id)) != union_id:
        raise WrongDue(field="shop", fault="shop")
    return _put(session, identity, union_id, typed.key, typed.merchant_id, what, typed.amount_rial, typed.due_on, None)


def enter_fine(session: Session, identity: Identity, inspection: Inspection) -> Due:
    """The fine of an inspection becomes a due of its shop, once."""
    if inspection.fine_rial is None:
        raise WrongDue(field="amount", fault="amount")
    key = str(uuid5(NAMESPACE_OID, f"fine of inspection {inspection.id}"))
    due_on = local_day(clock.now()) + FINE_WITHIN
    return _put(
        session, identity, inspection.union_id, key, inspection.merchant_id, "", inspection.fine_rial, due_on, inspection.id
    )


def _put(
    session: Session, identity: Identity, creditor_id: int, key: str, merchant_id: int, what: str, amount_rial: int, due_on: date,
    inspection_id: int | None,
) -> Due:  # fmt: skip
    facts = {
        "key": key, "merchant_id": merchant_id, "creditor_id": creditor_id, "inspection_id": inspection_id, "what": what,
        "amount_rial": amount_rial, "due_on": due_on, "entered_at": clock.now(),
    }  # fmt: skip
    made = session.scalar(insert(Due).values(facts).on_conflict_do_nothing(index_elements=["key"]).returning(Due.id))
    due = session.scalars(select(Due).where(Due.key == key, Due.creditor_id == creditor_id)).one_or_none()
    if due is None:
        raise DueNotFound
    if made is not None:
        told = {"merchant": merchant_id, "amount_rial": amount_rial, "due_on": due_on.isoformat(), "inspection": inspection_id}
        audit.record(session, identity.actor, "enter", "due", due.id, after=told)
    return due


def note_paid(
    session: Session, identity: Identity, union_id: int, due_id: int, key: str, amount_rial: int, receipt: str
) -> DuePayment:
    """The shop has paid a part or all of it outside of the card. The same form sent again is the same payment.

    Raises DueNotFound, DueIsClosed, MoreThanDue, WrongDue.
    """
    queries.due_row(session, union_id, due_id)
    due = queries.lock_due(session, due_id)
    if (stands := queries.payment_of_key(session, due_id, key)) is not None:
        return stands
    number = " ".join(receipt.split())
    check_words(number, "receipt", LONGEST_RECEIPT)
    _check_open(session, due, amount_rial)
    return _pay(session, identity, due, key, Way.OUTSIDE, amount_rial, number)


def pay_from_settlement(session: Session, identity: Identity, due_id: int, key: str, amount_rial: int) -> DuePayment:
    """The shop has a part or all of it taken out of what its next settlement pays. The same form sent again is the same payment.

    Last before the commit of its unit of work. Raises DueNotFound, DueIsClosed, MoreThanDue, CreditorNotPayable, MoreThanWaits,
    PostingRefused, LedgerBusy.
    """
    queries.own_due(session, identity, due_id)
    session.execute(LOCK)  # no batch is closed between what waits and what is taken of it
    due = queries.lock_due(session, due_id)
    if (stands := queries.payment_of_key(session, due_id, key)) is not None:
        return stands
    _check_open(session, due, amount_rial)
    collector = queries.collector_of(session, due.creditor_id)
    if collector is None or queries.account_of(session, due.creditor_id, clock.now()) is None:
        raise CreditorNotPayable
    check_waits(amount_rial, waiting_for(session, due.merchant_id).total_rial)
    paid = _pay(session, identity, due, key, Way.SETTLEMENT, amount_rial, None)
    session.add_all((
        Adjustment(merchant_id=due.merchant_id, kind="due_paid", amount_rial=-amount_rial, due_payment_id=paid.id),
        Adjustment(merchant_id=collector.id, kind="due_received", amount_rial=amount_rial, due_payment_id=paid.id),
    ))  # fmt: skip
    session.flush()
    shop = session.get_one(Merchant, due.merchant_id)
    book(session, [
        Move(shop.wallet_id, AccountKind.PAYABLE, AccountKind.SUSPENSE, amount_rial, paid.id, "due paid"),
        Move(collector.wallet_id, AccountKind.SUSPENSE, AccountKind.PAYABLE, amount_rial, paid.id, "due received"),
    ])  # fmt: skip
    return paid


def strike_out(session: Session, identity: Identity, union_id: int, due_id: int, why: str) -> Due:
    """Nothing more is to be paid of it: entered by mistake, or forgiven. What was paid stays where it is.

    Raises DueNotFound, DueIsClosed, WrongDue.
    """
    queries.due_row(session, union_id, due_id)
    due = queries.lock_due(session, due_id)
    words = " ".join(why.split())
    check_words(words, "why", LONGEST_WHY)
    if due.closed_at is not None:
        raise DueIsClosed
    due.closed_at, due.struck_why = clock.now(), words
    session.flush()
    audit.record(
        session, identity.actor, "strike out", "due", due_id, before={"left_rial": queries.left_of(session, due)}, why=words
    )
    return due


def ask_to_be_paid(session: Session, identity: Identity, union_id: int, sheba: str, holder_name: str) -> BankAccount:
    """Let settlements pay the union what shops pay it out of theirs, once a second person has approved its account.

    Raises what `propose_account` does.
    """
    session.get_one(Organisation, union_id, with_for_update=True)
    collector = queries.collector_of(session, union_id)
    if collector is None:
        collector = Merchant(organisation_id=union_id, wallet_id=open_wallet(session, WalletKind.SHOP), kind=COLLECTOR_KIND)
        session.add(collector)
        session.flush()
        session.add(DueCollector(organisation_id=union_id, merchant_id=collector.id))
        audit.record(session, identity.actor, "register", "collector", collector.id, after={"organisation": union_id})
        session.flush()
    return propose_account(session, identity.actor, identity.person_id, collector.id, sheba, holder_name)


def _check_open(session: Session, due: Due, amount_rial: int) -> None:
    """Raises DueIsClosed, MoreThanDue."""
    if due.closed_at is not None:
        raise DueIsClosed
    check_payment(amount_rial, queries.left_of(session, due))


def _pay(session: Session, identity: Identity, due: Due, key: str, way: Way, amount_rial: int, receipt: str | None) -> DuePayment:
    paid = DuePayment(
        key=key, due_id=due.id, way=way.value, amount_rial=amount_rial, receipt=receipt, by=identity.actor.name, at=clock.now()
    )
    session.add(paid)
    session.flush()
    audit.record(session, identity.actor, "pay", "due", due.id, after={"amount_rial": amount_rial, "way": way, "receipt": receipt})
    if queries.left_of(session, due) == 0:
        due.closed_at = clock.now()
        session.flush()
    return paid
