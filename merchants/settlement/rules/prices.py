"""What a sale costs its shop, and what a statement adds up to. Amounts are whole Rial; + is in the shop's favour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cardbank.ledger.rules.shares import split
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
    EntryKind.GIVING: Part.SALE,  # what a receiver of gifts is given; no term charges it
    EntryKind.REVERSAL: Part.REVERSAL,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A commission from `starts_at` until the next term of the same owner and goods, or until before `ends_at`.

    No cap where `most_rial` is None; on all goods where `goods` is empty.
    """

    term_id: int
    starts_at: datetime
    basis_points: int
    most_rial: int | None
    borne_by: Bearer
    goods: str = ""
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a sale that one term prices; none where `term` is None."""

    amount_rial: int
    term: Term | None


@dataclass(frozen=True, slots=True)
class Charges:
    """The commission that the shop bears, and that which the network bears for it."""

    shop_rial: int
    network_rial: int


def part_of(kind: EntryKind, original: Part | None) -> Part:
    """The column of an entry; what undoes cash or a return counts as such. Raises KeyError for a kind that pays no shop."""
    return original if original in (Part.CASH, Part.RETURN) else PARTS[kind]


Tiers = Sequence[Sequence[str]]  # categories of goods, the closest first; of those in one tier the cheapest for the shop counts
ALL_GOODS: Tiers = (("",),)


def tiers_of(path: Sequence[int], marks: Sequence[str]) -> Tiers:
    """A product's own group, those above it, its marks, and all goods."""
    return *((f"group:{group}",) for group in reversed(path)), tuple(f"mark:{mark}" for mark in marks), *ALL_GOODS


def term_at(own: Sequence[Term], of_kind: Sequence[Term], at: datetime, tiers: Tiers = ALL_GOODS) -> Term | None:
    """The term in force: the shop's own for the closest category, else that of its kind, else none and no commission."""
    for terms in (own, of_kind):
        for codes in tiers:
            found = [term for code in codes if (term := _latest(terms, code, at))]
            if found:
                return min(found, key=lambda term: (term.basis_points, term.term_id))
    return None


def _latest(terms: Sequence[Term], goods: str, at: datetime) -> Term | None:
    begun = [term for term in terms if term.goods == goods and term.starts_at <= at]
    latest = max(begun, key=lambda term: term.starts_at, default=None)
    return latest if latest is None or latest.ends_at is None or at < latest.ends_at else None


def shares_of(sold_rial: int, worth: Sequence[tuple[Term | None, int]]) -> tuple[Share, ...]:
    """A sale divided by what its goods are worth, those of one term together, in the order of the basket."""
    together: dict[Term | None, int] = {}
    for term, amount in worth:
        together[term] = together.get(term, 0) + amount
    if len(together) == 1:
        return (Share(sold_rial, next(iter(together))),)
    parts = split(min(sold_rial, sum(together.values())), list(together.values()))
    parts[0] += sold_rial - sum(parts)  # a sale that came to more than its basket
    return tuple(Share(part, term) for part, term in zip(parts, together, strict=True))


def charges(shares: Sequence[Share], stands_rial: int) -> Charges:
    """The commission on what stands of a sale, each share in proportion and rounded down."""
    parts = [stands_rial] if len(shares) == 1 else split(max(0, stands_rial), [share.amount_rial for share in shares])
    by_bearer = dict.fromkeys(Bearer, 0)
    for share, part in zip(shares, parts, strict=True):
        if share.term is not None:
            by_bearer[share.term.borne_by] += commission(part, share.term)
    return Charges(by_bearer[Bearer.SHOP], by_bearer[Bearer.NETWORK])


def charges_back(shares: Sequence[Share], returned_before_rial: int, returned_rial: int) -> Charges:
    """What a return changes of its sale's commission: that on what stands afterwards less that on what stood before, so that any
    number of part returns gives back exactly what was charged for them.
    """
    stood = sum(share.amount_rial for share in shares) - returned_before_rial
    before, after = charges(shares, stood), charges(shares, stood - returned_rial)
    return Charges(after.shop_rial - before.shop_rial, after.network_rial - before.network_rial)


def commission(amount_rial: int, term: Term | None) -> int:
    """The commission on a sale of which `amount_rial` stands, rounded down to the Rial."""
    if term is None or amount_rial <= 0:
        return 0
    share = amount_rial * term.basis_points // WHOLE
    return share if term.most_rial is None else min(share, term.most_rial)


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
