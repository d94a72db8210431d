"""Opening a till and a shift, and cashing up."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.errors import WrongAmount
from identity.permissions import Identity, Permission
from kernel import audit, clock
from kernel.errors import BadInput, NotPermitted
from merchants.errors import BranchNotFound
from merchants.models import Branch, Merchant, Terminal
from merchants.services import open_terminal
from merchants.till import queries
from merchants.till.errors import (
    SalesUndecided,
    ShiftIsClosed,
    ShiftOpenAlready,
    TillNotFound,
    TillNotWorking,
    TillTaken,
)
from merchants.till.models import TillShift
from merchants.till.rules import MOST_CASH_RIAL, SaleState, check_count, expected_cash
from merchants.till.services.goods import bring_back_goods

LONGEST_WHY = 200
ONE_SHIFT = text("SELECT pg_advisory_xact_lock(hashtextextended('till shift', :person_id))")


def open_web_till(session: Session, identity: Identity, branch_id: int, *, language: str = "fa") -> Terminal:
    """Put a web till on record in a branch of one's shop. Raises BranchNotFound, for others' branches too."""
    organisation_id = session.scalar(
        select(Merchant.organisation_id).join(Branch, Branch.merchant_id == Merchant.id).where(Branch.id == branch_id)
    )
    if organisation_id is None or not identity.can(Permission.MERCHANTS_TERMINAL_OPEN, organisation_id):
        raise BranchNotFound(branch_id=branch_id)
    return open_terminal(session, identity.actor, branch_id, language=language, kind="web")


def may_operate(identity: Identity, organisation_id: int, branch_id: int) -> bool:
    """Whether a person works in this branch: a cashier bound to one branch sees no other."""
    branches = identity.branches(organisation_id, Permission.MERCHANTS_TILL_OPERATE)
    return identity.can(Permission.MERCHANTS_TILL_OPERATE, organisation_id) and (branches is None or branch_id in branches)


def open_shift(session: Session, identity: Identity, code: str, opening_rial: int) -> TillShift:
    """Begin to work at a web till. Once it is begun, the same again gives the shift that is open.

    Raises TillNotFound (others' tills too), TillNotWorking, TillTaken, ShiftOpenAlready, WrongAmount.
    """
    if not 0 <= opening_rial <= MOST_CASH_RIAL:
        raise WrongAmount(field="opening")
    row = session.execute(
        select(Terminal, Merchant.organisation_id)
        .join(Branch, Branch.id == Terminal.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(Terminal.code == code, Terminal.kind == queries.KIND)
    ).one_or_none()
    if row is None or not may_operate(identity, row.organisation_id, row.Terminal.branch_id):
        raise TillNotFound(till=code)
    _lock(session, row.Terminal, identity.person_id)
    if row.Terminal.status != "active":
        raise TillNotWorking(till=code)
    at_work = queries.open_shift_of(session, identity.person_id)
    if at_work is not None and at_work.code != code:
        raise ShiftOpenAlready(till=at_work.code)
    if at_work is not None:
        return at_work.shift
    if queries.is_taken(session, row.Terminal.id):
        raise TillTaken(till=code)
    shift = TillShift(terminal_id=row.Terminal.id, person_id=identity.person_id, opened_at=clock.now(), opening_rial=opening_rial)
    session.add(shift)
    session.flush()
    facts = {"till": code, "opening_rial": opening_rial}
    audit.record(session, identity.actor, "open", "till shift", shift.id, after=facts)
    return shift


def _lock(session: Session, terminal: Terminal, person_id: int) -> None:
    """One shift at a till and one of a person: whoever opens another waits, the till first."""
    session.refresh(terminal, with_for_update={"key_share": True})
    session.execute(ONE_SHIFT, {"person_id": person_id})


def own_shift(session: Session, identity: Identity, shift_id: int) -> queries.ShiftRow:
    """A shift of this person. Raises ShiftNotFound, NotPermitted where it is another's."""
    row = queries.shift_row(session, shift_id)
    if row.shift.person_id != identity.person_id or not may_operate(identity, row.organisation_id, row.branch_id):
        raise NotPermitted(permission=Permission.MERCHANTS_TILL_OPERATE)
    return row


def cash_up(session: Session, identity: Identity, shift_id: int, counted_rial: int, why: str) -> TillShift:
    """End a shift: what was counted is held against what should be there. Sent again, it gives the shift as it was closed.

    Goods of baskets that came to nothing are back in the stock afterwards, whatever was lost on the way.

    Raises ShiftNotFound, NotPermitted, WrongAmount, BadInput, SalesUndecided, DifferenceUnexplained, ShiftIsClosed (with
    another count).
    """
    row = own_shift(session, identity, shift_id)
    if not 0 <= counted_rial <= MOST_CASH_RIAL:
        raise WrongAmount(field="counted")
    why = " ".join(why.split())
    if len(why) > LONGEST_WHY:
        raise BadInput(field="why")
    shift = queries.lock_shift(session, shift_id, to_close=True)
    if shift.closed_at is not None:
        if shift.counted_rial != counted_rial:
            raise ShiftIsClosed
        return shift
    sales = queries.sales_of_shift(session, shift_id)
    undecided = sum(sale.state is SaleState.UNDECIDED for sale in sales)
    if undecided:
        raise SalesUndecided(count=undecided)
    taken = queries.takings(session, row, sales)
    expected = expected_cash(shift.opening_rial, taken)
    check_count(counted_rial, expected, why)
    for sale in sales:
        if sale.next_key is None and sale.state is not SaleState.PAID:
            bring_back_goods(session, identity.actor, row.branch_id, sale)
    shift.closed_at, shift.counted_rial, shift.expected_rial = clock.now(), counted_rial, expected
    shift.card_rial, shift.credit_rial, shift.gift_rial = taken.card_rial, taken.credit_rial, taken.gift_rial
    shift.top_up_rial, shift.debt_rial, shift.cash_sale_rial = taken.top_up_rial, taken.debt_rial, taken.cash_sale_rial
    shift.why = why or None
    session.flush()
    facts = {"counted_rial": counted_rial, "expected_rial": expected, "card_rial": taken.card_rial}
    audit.record(session, identity.actor, "cash up", "till shift", shift.id, after=facts, why=shift.why)
    return shift
