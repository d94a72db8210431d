"""What happened to a shop's money."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class BankAccountProposed:
    """`person_ids` are the shop's contacts as they were when the change was asked for."""

    account_id: int
    person_ids: tuple[int, ...]
    usable_from: datetime


@dataclass(frozen=True, slots=True)
class LinesPriced:
    """The posting batches, by day and number, whose entries have become priced lines."""

    batches: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class SettlementClosed:
    batch_id: int


@dataclass(frozen=True, slots=True)
class PayoutsAccepted:
    """The bank has paid every statement of the batch that it did not send back."""

    batch_id: int


@dataclass(frozen=True, slots=True)
class PayoutReturned:
    statement_id: int
    merchant_id: int
    amount_rial: int
