"""Putting a discount on record."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.ledger.types import Key
from kernel import clock
from merchants.discounts.models import SaleDiscount


def note_discount(session: Session, key: Key, *, price_rial: int, discount_rial: int, basis_points: int) -> None:
    """Write down what is about to be taken off, before the bank is asked; the same key again changes nothing."""
    facts = {
        "key_date": key.day, "source": int(key.source), "source_id": key.source_id, "source_key": key.key,
        "price_rial": price_rial, "discount_rial": discount_rial, "basis_points": basis_points,
        "noted_at": clock.now(),
    }  # fmt: skip
    session.execute(insert(SaleDiscount).values(facts).on_conflict_do_nothing())
