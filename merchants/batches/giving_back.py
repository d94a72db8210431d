"""What a difference left in suspense for a cardholder: one person says whose it is, a second one lets it be paid."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.references import entry_of_reference
from cardbank.suspense import GivingBack, Root, give_back, root_of
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput
from merchants.batches.errors import (
    HolderReturnDecided,
    HolderReturnNotFound,
    HolderReturnWaits,
    NotTheHolders,
    OwnHolderReturn,
    PurchaseNotOfShop,
)
from merchants.batches.models import BatchException, HolderReturn
from merchants.batches.queries import ExceptionRow, exception_by_id, lock_return
from merchants.batches.rules import Finding, Word, is_the_holders
from merchants.batches.services import LONGEST_NOTE
from merchants.settlement.models import Adjustment
from merchants.settlement.services.pricing import LOCK

PROPOSED, PAID, REFUSED = "proposed", "paid", "refused"


def propose_return(session: Session, actor: Actor, exception_id: int, reference: str, note: str) -> HolderReturn:
    """Say that what an exception left in suspense is to go back to the holder.

    `reference` (DE37) names the purchase where only the till has the refund; where the bank has an entry, that one tells.
    Raises BadInput (`note`), ExceptionNotFound, NotTheHolders, HolderReturnWaits, PurchaseNotOfShop (`reference`).
    """
    if not 0 < len(note) <= LONGEST_NOTE:
        raise BadInput(field="note")
    row = exception_by_id(session, exception_id, lock=True)
    if not waits_for_holder(row.exception):
        raise NotTheHolders
    known = select(HolderReturn.id).where(HolderReturn.exception_id == exception_id, HolderReturn.state != REFUSED)
    if session.scalar(known) is not None:
        raise HolderReturnWaits
    root = _root(session, row, reference)
    made = HolderReturn(
        exception_id=exception_id, amount_rial=row.exception.difference_rial, business_date=root.business_date,
        entry_id=root.entry_id, note=note, state=PROPOSED, proposed_by=actor.account_id, proposed_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    facts = {"amount_rial": made.amount_rial, "day": root.business_date.isoformat(), "entry": root.entry_id}
    audit.record(session, actor, "propose", "return out of suspense", made.id, after=facts, why=note)
    return made


def waits_for_holder(one: BatchException) -> bool:
    return one.word is not None and is_the_holders(one.difference_rial, Finding(one.finding), Word(one.word))


def _root(session: Session, row: ExceptionRow, reference: str) -> Root:
    ref = _ref(row.exception, reference)
    root = root_of(session, ref) if ref else None
    is_named = row.exception.entry_id is None
    if root is None or root.shop_wallet_id != row.wallet_id or (is_named and not root.is_purchase):
        raise PurchaseNotOfShop(field="reference")
    if root.is_purchase and root.amount_rial < row.exception.difference_rial:
        raise PurchaseNotOfShop(field="reference")
    return root


def _ref(one: BatchException, reference: str) -> tuple[date, int] | None:
    if one.business_date is not None and one.entry_id is not None:
        return one.business_date, one.entry_id
    return entry_of_reference(reference, local_day(clock.now()))


def decide_return(session: Session, actor: Actor, return_id: int, word: str) -> HolderReturn:
    """Let it be paid, by another person than who proposed it, or refuse it. Last before the commit of its unit of work.

    Raises BadInput (`word`), HolderReturnNotFound, HolderReturnDecided, OwnHolderReturn, PostingRefused, LedgerBusy.
    """
    if word not in (PAID, REFUSED):
        raise BadInput(field="word")
    session.execute(LOCK)
    held = lock_return(session, return_id)
    if held.state != PROPOSED:
        raise HolderReturnDecided
    if word == PAID and held.proposed_by == actor.account_id:
        raise OwnHolderReturn
    audit.record(session, actor, "decide", "return out of suspense", held.id, before={"state": PROPOSED}, after={"state": word})
    if word == PAID:
        _pay(session, held)
    held.state, held.decided_by, held.decided_at = word, actor.account_id, clock.now()
    session.flush()
    return held


def _pay(session: Session, held: HolderReturn) -> None:
    row = exception_by_id(session, held.exception_id)
    root = root_of(session, (held.business_date, held.entry_id))
    if root is None:
        raise HolderReturnNotFound
    if root.is_purchase:
        released = Adjustment(
            merchant_id=row.merchant_id, kind="released", amount_rial=held.amount_rial, exception_id=held.exception_id
        )
        session.add(released)
        session.flush()
    answer = give_back(session, GivingBack(held.id, root, held.amount_rial, held.proposed_at))
    held.posted_date, held.posted_entry = answer.business_date, answer.entry_id
