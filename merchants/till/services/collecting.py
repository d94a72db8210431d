"""A customer pays a part of a debt at a web till: in cash into the drawer, or by card as a sale of its own."""

from sqlalchemy.orm import Session

from identity.permissions import Identity
from merchants.debts.models import DebtPayment
from merchants.debts.services import note_payment
from merchants.till.queries import SaleRow, key_of
from merchants.till.rules import Line
from merchants.till.services.selling import begin_sale
from merchants.till.services.shifts import own_shift


def collect_cash(session: Session, identity: Identity, shift_id: int, debt_id: int, key: str, amount_rial: int) -> DebtPayment:
    """Take cash; the drawer holds that much more at the cash-up. The same key again takes it once.

    Raises ShiftNotFound, NotPermitted, ShiftIsClosed, WrongRequestKey, DebtNotFound, DebtIsClosed, MoreThanOwed.
    """
    row = own_shift(session, identity, shift_id)
    key_of(row.shift.terminal_id, key)
    return note_payment(session, identity, debt_id, shift_id, key, "cash", amount_rial)


def collect_by_card(
    session: Session, identity: Identity, shift_id: int, debt_id: int, key: str, amount_rial: int, *, text: str
) -> SaleRow:
    """Begin the sale that a card pays for a part of a debt; `text` is its line on the receipt.

    Until the sale is decided or given up, nobody else can pay that part. Raises as `begin_sale`, and DebtNotFound,
    DebtIsClosed, MoreThanOwed.
    """
    sale = begin_sale(session, identity, shift_id, key, [Line(text, 1, amount_rial)], is_trade=False)
    note_payment(session, identity, debt_id, shift_id, key, "card", amount_rial)
    return sale
