"""Putting a discount on record, and a sale that it makes without money."""

from msgspec.structs import asdict
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.ledger.types import Key
from kernel import clock
from merchants.discounts.models import CashSale, SaleDiscount
from merchants.discounts.queries import cash_sales_of
from merchants.discounts.rules import CashDue


def note_discount(session: Session, key: Key, *, price_rial: int, discount_rial: int, basis_points: int) -> None:
    """Write down what is about to be taken off, before the bank is asked; the same key again changes nothing."""
    facts = {
        **_names(key),
        "price_rial": price_rial, "discount_rial": discount_rial, "basis_points": basis_points,
        "noted_at": clock.now(),
    }  # fmt: skip
    session.execute(insert(SaleDiscount).values(facts).on_conflict_do_nothing())


def note_cash_sale(session: Session, key: Key, due: CashDue, *, merchant_id: int, terminal_id: int, card_id: int) -> CashDue:
    """Put a purchase by a card without money on record, as it was decided first: the same key again changes nothing."""
    facts = {**_names(key), "merchant_id": merchant_id, "terminal_id": terminal_id, "card_id": card_id, "sold_at": clock.now()}
    session.execute(insert(CashSale).values(**facts, **asdict(due)).on_conflict_do_nothing())
    return cash_sales_of(session, [key])[key].due


def take_back_cash_sale(session: Session, key: Key) -> None:
    """What the till takes back counts no more; asked again, it moves nothing. Nothing happens where there is none."""
    standing = [getattr(CashSale, name) == value for name, value in _names(key).items()]
    session.execute(update(CashSale).where(*standing, CashSale.taken_back_at.is_(None)).values(taken_back_at=clock.now()))


def _names(key: Key) -> dict[str, object]:
    return {"key_date": key.day, "source": int(key.source), "source_id": key.source_id, "source_key": key.key}
