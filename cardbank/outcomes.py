"""What stands in the ledger under request keys: the truth for a door that has lost an answer. Reads only."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.types import AccountKind, Answer, EntryKind, Key, Source
from cardbank.reasons import Reason


class Outcome(Struct, frozen=True):
    """One decided request. `returned_rial` counts refunds; a reversed one is wholly taken back.

    `is_withdrawn`: a reversal came first, so that nothing was posted and nothing ever will be.
    """

    reason: Reason
    business_date: date
    entry_id: int
    decided_at: datetime
    card_id: int | None
    amount_rial: int
    credit_rial: int
    gift_rial: int
    earned_rial: int
    answer: Answer | None
    returned_rial: int
    is_reversed: bool
    is_withdrawn: bool
    benefit_rial: int = 0

    @property
    def is_approved(self) -> bool:
        return self.reason.is_approved and not self.is_withdrawn

    @property
    def stands_rial(self) -> int:
        """What is left of a purchase after what was given back."""
        return 0 if self.is_reversed or not self.is_approved else self.amount_rial - self.returned_rial

    @property
    def line_rial(self) -> int:
        """The part that the holder pays by instalments."""
        return self.answer.paid.get(AccountKind.LINE, 0) if self.answer else 0

    @property
    def card_rial(self) -> int:
        """The part that neither credit nor a gift paid: the card's own money, benefits, and its credit line."""
        return self.amount_rial - self.credit_rial - self.gift_rial

    @property
    def money_rial(self) -> int:
        """The part that the card's own money paid."""
        return self.card_rial - self.benefit_rial - self.line_rial


_OUTCOMES = text("""
    SELECT asked.key_date, asked.source, asked.source_id, asked.source_key, asked.reason, asked.business_date, asked.entry_id,
           asked.decided_at, asked.card_id, asked.answer, coalesce(amend.returned, 0) AS returned,
           amend.reversed_by IS NOT NULL AS is_reversed
    FROM unnest(CAST(:days AS date[]), CAST(:sources AS smallint[]), CAST(:ids AS bigint[]), CAST(:keys AS text[]))
         AS wanted(day, source, source_id, source_key)
    JOIN ledger.request asked ON asked.key_date = wanted.day AND asked.source = wanted.source
         AND asked.source_id = wanted.source_id AND asked.source_key = wanted.source_key
    LEFT JOIN ledger.entry_amend amend
         ON amend.original_date = asked.business_date AND amend.original_id = asked.entry_id
""")


def outcomes(session: Session, keys: Iterable[Key]) -> dict[Key, Outcome]:
    """The outcome of each key that has one. One query, none without keys."""
    wanted = list(keys)
    if not wanted:
        return {}
    facts = {
        "days": [key.day for key in wanted],
        "sources": [int(key.source) for key in wanted],
        "ids": [key.source_id for key in wanted],
        "keys": [key.key for key in wanted],
    }
    found = {}
    for row in session.execute(_OUTCOMES, facts).mappings():
        key = Key(row["key_date"], Source(row["source"]), row["source_id"], row["source_key"])
        answer = msgspec.msgpack.decode(row["answer"], type=Answer) if row["answer"] else None
        paid = answer.paid if answer else {}
        found[key] = Outcome(
            reason=Reason(row["reason"]), business_date=row["business_date"], entry_id=row["entry_id"],
            decided_at=row["decided_at"], card_id=row["card_id"], amount_rial=answer.amount if answer else 0,
            credit_rial=paid.get(AccountKind.CREDIT_LOT, 0), gift_rial=paid.get(AccountKind.GIFT, 0),
            earned_rial=answer.earned if answer else 0, answer=answer, returned_rial=row["returned"],
            is_reversed=row["is_reversed"], is_withdrawn=answer is None, benefit_rial=paid.get(AccountKind.BENEFIT, 0),
        )  # fmt: skip
    return found


class Purchase(Struct, frozen=True):
    """A posted purchase as a shop that takes it back sees it. `source_key` is the door's own name for it."""

    business_date: date
    entry_id: int
    shop_id: int | None
    terminal_id: int | None
    card_id: int | None
    source: Source
    source_key: str
    decided_at: datetime
    amount_rial: int
    returned_rial: int
    is_reversed: bool

    @property
    def left_rial(self) -> int:
        """What may still be given back."""
        return 0 if self.is_reversed else self.amount_rial - self.returned_rial


_PURCHASE = text("""
    SELECT e.business_date, e.id AS entry_id, e.shop_id, e.terminal_id, e.card_id, e.source, e.source_key, e.decided_at,
           e.amount AS amount_rial, coalesce(amend.returned, 0) AS returned_rial, amend.reversed_by IS NOT NULL AS is_reversed
    FROM ledger.entry e
    LEFT JOIN ledger.entry_amend amend ON amend.original_date = e.business_date AND amend.original_id = e.id
    WHERE e.business_date = :day AND e.id = :entry_id AND e.kind = :purchase
""")


def purchase_of_entry(session: Session, business_date: date, entry_id: int) -> Purchase | None:
    """The purchase and what of it was given back; None where there is none. The caller checks whose shop it was in."""
    facts = {"day": business_date, "entry_id": entry_id, "purchase": EntryKind.PURCHASE}
    row = session.execute(_PURCHASE, facts).mappings().one_or_none()
    return Purchase(**{**row, "source": Source(row["source"])}) if row else None
