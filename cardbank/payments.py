"""What became of a request that a person names: by the reference of its entry, or by the number that its till gave it. Reads only."""

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from cardbank.ledger.types import EntryKind
from cardbank.reasons import Reason


class Payment(Struct, frozen=True):
    """One request of a holder's wallet. `entry_id` is 0 where nothing was posted; `reversed_at` is when it was wholly taken back."""

    kind: EntryKind
    reason: Reason
    amount_rial: int
    decided_at: datetime
    business_date: date
    entry_id: int
    wallet_id: int
    shop_id: int | None
    terminal_id: int | None
    reversed_at: datetime | None

    @property
    def is_accepted(self) -> bool:
        return self.entry_id != 0


_OF_ENTRY = """
    SELECT e.kind, 0 AS reason, e.amount AS amount_rial, e.decided_at, e.business_date, e.id AS entry_id, e.wallet_id, e.shop_id,
           e.terminal_id, undone.decided_at AS reversed_at
    FROM ledger.entry e
    LEFT JOIN ledger.entry_amend amend ON amend.original_date = e.business_date AND amend.original_id = e.id
    LEFT JOIN ledger.entry undone ON undone.wallet_id = e.wallet_id AND undone.id = amend.reversed_by
        AND undone.business_date >= e.business_date
    WHERE e.business_date = :day AND e.id = :entry_id
"""
_BY_REFERENCE = text(_OF_ENTRY)
_BY_NUMBER = text("""
    SELECT kind, reason, business_date, entry_id, wallet_id, source_id AS terminal_id, decided_at
    FROM ledger.request
    WHERE key_date BETWEEN :first AND :last AND source = 1 AND source_id = :terminal_id AND source_key = :number
    ORDER BY decided_at DESC LIMIT 1
""")


def payment_of_entry(session: Session, day: date, entry_id: int) -> Payment | None:
    """One query, in one partition of entries."""
    row = session.execute(_BY_REFERENCE, {"day": day, "entry_id": entry_id}).mappings().one_or_none()
    return _payment(row) if row else None


def payment_of_number(session: Session, terminal_id: int, number: str, first: date, last: date) -> Payment | None:
    """The newest request that a terminal made under this number; declines among them, as long as requests are kept. Two queries."""
    facts = {"terminal_id": terminal_id, "number": number, "first": first, "last": last}
    row = session.execute(_BY_NUMBER, facts).mappings().one_or_none()
    if row is None:
        return None
    posted = payment_of_entry(session, row["business_date"], row["entry_id"]) if row["entry_id"] else None
    return posted or _payment({**row, "entry_id": 0, "amount_rial": 0, "shop_id": None, "reversed_at": None})


def _payment(row: RowMapping | dict[str, object]) -> Payment:
    facts = dict(row)
    return Payment(**{**facts, "kind": EntryKind(facts["kind"]), "reason": Reason(facts["reason"])})
