"""What a sale costs its shop, and what a statement adds up to. Amounts are whole Rial; + is in the shop's favour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cardbank.ledger.types import EntryKind

WHOLE = 10_000  # basis points


class Part(StrEnum):
    """The column of the statement that a line counts in."""

    SALE = "sale"
    RETURN = "return"
    REVERSAL = "reversal"
    CASH = "cash"  # cash taken at the till for a card: the shop holds it, so it is in the network's favour


class Bearer(StrEnum):
    SHOP = "shop"
    NETWORK = "network"  # the network waives it; statements show what the shop was spared


PARTS = {
    EntryKind.PURCHASE: Part.SALE,
    EntryKind.ADVICE: Part.SALE,
    EntryKind.TOP_UP: Part.CASH,
    EntryKind.REFUND: Part.RETURN,
    EntryKind.VOID: Part.REVERSAL,
    EntryKind.REVERSAL: Part.REVERSAL,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A commission from `starts_at` until the next term of the same owner; no cap where `most_rial` is None."""

    term_id: int
    starts_at: datetime
    basis_points: int
    most_rial: int | None
    borne_by: Bearer


def part_of(kind: EntryKind, original: Part | None) -> Part:
    """The column of an entry; what undoes cash or a return counts as such. Raises KeyError for a kind that pays no shop."""
    return original if original in (Part.CASH, Part.RETURN) else PARTS[kind]


def term_at(own: Sequence[Term], of_kind: Sequence[Term], at: datetime) -> Term | None:
    """The term in force: the shop's own latest one, else that of its kind, else none and no commission."""
    for terms in (own, of_kind):
        begun = [term for term in terms if term.starts_at <= at]
        if begun:
            return max(begun, key=lambda term: term.starts_at)
    return None


def commission(amount_rial: int, term: Term | None) -> int:
    """The commission on a sale of which `amount_rial` stands, rounded down to the Rial."""
    if term is None or amount_rial <= 0:
        return 0
    share = amount_rial * term.basis_points // WHOLE
    return share if term.most_rial is None else min(share, term.most_rial)


def commission_back(sold_rial: int, returned_before_rial: int, returned_rial: int, term: Term | None) -> int:
    """What a return changes of its sale's commission, never more than 0.

    It is the commission on what stands afterwards less that on what stood before, so that any number of part returns gives
    back exactly what was charged for what they return.
    """
    stood = sold_rial - returned_before_rial
    return commission(stood - returned_rial, term) - commission(stood, term)


@dataclass(frozen=True, slots=True)
class Totals:
    """One statement. `carried_rial` is left to the next: below 0 the shop owes it, above 0 it waits for a bank account."""

    parts: Mapping[Part, int]
    commission_rial: int
    adjustments_rial: int
    carried_in_rial: int
    is_payable: bool

    @property
    def total_rial(self) -> int:
        return sum(self.parts.values()) - self.commission_rial + self.adjustments_rial + self.carried_in_rial

    @property
    def payout_rial(self) -> int:
        return max(0, self.total_rial) if self.is_payable else 0

    @property
    def carried_rial(self) -> int:
        return self.total_rial - self.payout_rial
