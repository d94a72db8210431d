"""Named reads of leaving."""

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.ledger.types import RIAL
from merchants.leaving.models import Leaving
from merchants.leaving.rules import Standing, standing_of

_STANDING = text("""
    SELECT kind, sum(balance)::bigint AS balance FROM ledger.account
    WHERE wallet_id = :wallet AND unit = :unit AND closed_at IS NULL GROUP BY kind
""")


class LeavingRow(Struct, frozen=True):
    leaving_id: int
    masked: str
    way: str
    amount_rial: int
    left_at: datetime
    payout_state: str
    reference: str


def standing(session: Session, wallet_id: int) -> Standing:
    rows = session.execute(_STANDING, {"wallet": wallet_id, "unit": RIAL})
    return standing_of({row.kind: row.balance for row in rows})


def leavings_page(session: Session, *, before: int | None = None, limit: int = 20) -> list[LeavingRow]:
    """The newest first. One query."""
    page = select(Leaving, Card.masked).join(Card, Card.id == Leaving.card_id).order_by(Leaving.id.desc()).limit(limit)
    if before is not None:
        page = page.where(Leaving.id < before)
    return [
        LeavingRow(
            one.id, masked, one.way, one.amount_rial, one.left_at, one.payout_state,
            one.reference if one.way == "sheba" else "",
        )
        for one, masked in session.execute(page)
    ]  # fmt: skip


def sums_since(session: Session, first: datetime) -> dict[str, tuple[int, int]]:
    """Way → how many left by it since then, and with how much."""
    sums = select(Leaving.way, func.count(), func.sum(Leaving.amount_rial)).where(Leaving.left_at >= first).group_by(Leaving.way)
    return {row[0]: (row[1], int(row[2])) for row in session.execute(sums)}


def is_leaving(session: Session, business_date: date, entry_id: int) -> bool:
    """Whether somebody left with this entry."""
    found = select(Leaving.id).where(Leaving.business_date == business_date, Leaving.entry_id == entry_id)
    return session.scalar(found) is not None


def leavings_of_batch(session: Session, batch_id: int) -> list[Leaving]:
    return list(session.scalars(select(Leaving).where(Leaving.batch_id == batch_id).order_by(Leaving.id)))
