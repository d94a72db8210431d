"""Sides, totals, and where a difference is kept until somebody knows. Pure."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from cardbank.ledger.types import AccountKind, EntryKind


class Side(StrEnum):
    """Of the shop: a debit raises what it is owed, a credit lowers it; a reversal does the opposite of what it takes back."""

    DEBIT = "debit"
    DEBIT_REVERSAL = "debit_reversal"
    CREDIT = "credit"
    CREDIT_REVERSAL = "credit_reversal"

    @property
    def sign(self) -> int:
        return 1 if self in (Side.DEBIT, Side.CREDIT_REVERSAL) else -1


_SIDES = {
    EntryKind.PURCHASE: Side.DEBIT,
    EntryKind.ADVICE: Side.DEBIT,
    EntryKind.REFUND: Side.CREDIT,
    EntryKind.TOP_UP: Side.CREDIT,
}
_TAKEN_BACK = {
    Side.DEBIT: Side.DEBIT_REVERSAL,
    Side.CREDIT: Side.CREDIT_REVERSAL,
    Side.DEBIT_REVERSAL: Side.CREDIT_REVERSAL,
    Side.CREDIT_REVERSAL: Side.DEBIT_REVERSAL,
}
REVERSAL = "04"  # the message class of what takes back an unfinished message
# Processing codes by their first two digits, as the terminal's messages name what they did.
_CODES = {
    "00": Side.DEBIT,
    "20": Side.CREDIT,
    "21": Side.CREDIT,
    "28": Side.CREDIT,
    "02": Side.DEBIT_REVERSAL,
    "22": Side.CREDIT_REVERSAL,
}


def side_of(kinds: Iterable[EntryKind]) -> Side | None:
    """The side of an entry, given its kind and then the kinds of its original, and of that one's; None = of no side."""
    first, *originals = kinds
    if first in _SIDES:
        return _SIDES[first]
    if first not in (EntryKind.REVERSAL, EntryKind.VOID) or not originals:
        return None
    of = side_of(originals)
    return _TAKEN_BACK[of] if of else None


def side_of_message(mti: str, code: str) -> Side | None:
    """The side of a transaction as a terminal names it: the type of its message and its processing code."""
    side = _CODES.get(code[:2])
    if side is None or mti[:2] not in ("02", REVERSAL):
        return None
    return _TAKEN_BACK[side] if mti[:2] == REVERSAL else side


class BatchEntry(Struct, frozen=True):
    """One entry of the ledger as its terminal's batch counts it; `credit_rial` of it was paid with loyalty credit."""

    business_date: date
    entry_id: int
    decided_at: datetime
    stan: str
    kind: EntryKind
    side: Side | None
    amount_rial: int
    credit_rial: int = 0
    gift_rial: int = 0
    original: tuple[date, int] | None = None

    @property
    def ref(self) -> tuple[date, int]:
        return self.business_date, self.entry_id

    @property
    def effect_rial(self) -> int:
        """What it did to what the shop is owed."""
        return self.side.sign * self.amount_rial if self.side else 0


class Totals(Struct, frozen=True):
    """Counts and Rial by side; of the debits, what loyalty credit paid; of the credits, top-ups and gifts."""

    debits: int = 0
    debits_rial: int = 0
    debit_reversals: int = 0
    debit_reversals_rial: int = 0
    credits: int = 0
    credits_rial: int = 0
    credit_reversals: int = 0
    credit_reversals_rial: int = 0
    loyalty_rial: int = 0
    top_ups_rial: int = 0
    gifts_rial: int = 0

    @property
    def net_rial(self) -> int:
        """> 0 = the shop is owed."""
        return self.debits_rial - self.debit_reversals_rial - self.credits_rial + self.credit_reversals_rial

    @property
    def entries(self) -> int:
        return self.debits + self.debit_reversals + self.credits + self.credit_reversals


def totals_of(entries: Iterable[BatchEntry]) -> Totals:
    sums = dict.fromkeys(Totals.__struct_fields__, 0)
    for entry in entries:
        if entry.side is None:
            continue
        sums[f"{entry.side}s"] += 1
        sums[f"{entry.side}s_rial"] += entry.amount_rial
        if entry.side is Side.DEBIT:
            sums["loyalty_rial"] += entry.credit_rial
        if entry.side is Side.CREDIT and entry.kind is EntryKind.TOP_UP:
            sums["gifts_rial"] += entry.gift_rial
            sums["top_ups_rial"] += entry.amount_rial - entry.gift_rial
    return Totals(**sums)


class Upload(Struct, frozen=True):
    """One transaction as its terminal has it."""

    stan: str
    mti: str
    code: str
    amount_rial: int
    reference: str

    @property
    def effect_rial(self) -> int:
        side = side_of_message(self.mti, self.code)
        return side.sign * self.amount_rial if side else 0


class Finding(StrEnum):
    """What an exception is about."""

    BANK_LACKS = "bank_lacks"
    TERMINAL_LACKS = "terminal_lacks"
    AMOUNT_DIFFERS = "amount_differs"


class ExceptionFound(Struct, frozen=True):
    """`difference_rial` is what the bank's figure is above the terminal's, in what the shop is owed."""

    finding: Finding
    stan: str
    code: str
    terminal_rial: int
    bank_rial: int
    difference_rial: int
    ref: tuple[date, int] | None
    reference: str


def exceptions_of(entries: Iterable[BatchEntry], uploads: Iterable[tuple[Upload, BatchEntry | None]]) -> list[ExceptionFound]:
    """What a batch's entries and what the terminal uploaded for it, each with the entry that it names, do not agree on.

    A sale whose answer was lost has no reference at the terminal: the reversal that took it back stands for it.
    """
    found: list[ExceptionFound] = []
    known: set[tuple[date, int] | None] = set()
    for upload, entry in uploads:
        if entry is None:
            found.append(_exception(Finding.BANK_LACKS, upload, None))
            continue
        known |= {entry.ref, entry.original if upload.mti[:2] == REVERSAL else None}
        if entry.effect_rial != upload.effect_rial:
            found.append(_exception(Finding.AMOUNT_DIFFERS, upload, entry))
    lacking = (entry for entry in entries if entry.side and entry.ref not in known)
    return found + [_exception(Finding.TERMINAL_LACKS, None, entry) for entry in lacking]


def _exception(finding: Finding, upload: Upload | None, entry: BatchEntry | None) -> ExceptionFound:
    claimed = upload.effect_rial if upload else 0
    booked = entry.effect_rial if entry else 0
    stan = upload.stan if upload else entry.stan if entry else ""
    return ExceptionFound(
        finding, stan, upload.code if upload else "", claimed, booked, booked - claimed, entry.ref if entry else None,
        upload.reference if upload else "",
    )  # fmt: skip


class Word(StrEnum):
    """What a person found out about an exception: whether the transaction happened as the one side that has it says."""

    FOUND = "found"
    NOT_FOUND = "not_found"


Route = tuple[AccountKind, AccountKind]


def route_of_difference(difference_rial: int) -> Route:
    """Where a difference waits. What the bank has more leaves what the shop is paid; what the terminal has more is held back
    for it and not paid.
    """
    if difference_rial > 0:
        return AccountKind.PAYABLE, AccountKind.SUSPENSE
    return AccountKind.SUSPENSE, AccountKind.WITHHELD


def route_of_word(difference_rial: int, finding: Finding, word: Word) -> Route | None:
    """Where it goes from there; None = it stays in suspense, for the cardholder whose money it is.

    The right figure is the bank's where an entry that the terminal lacks did happen, and where an upload that the bank lacks did
    not. Of two amounts, `found` means the terminal's.
    """
    bank_is_right = (word is Word.FOUND) == (finding is Finding.TERMINAL_LACKS)
    if difference_rial > 0:
        return (AccountKind.SUSPENSE, AccountKind.PAYABLE) if bank_is_right else None
    return AccountKind.WITHHELD, AccountKind.SUSPENSE if bank_is_right else AccountKind.PAYABLE


def is_the_holders(difference_rial: int, finding: Finding, word: Word) -> bool:
    """Whether a decided difference stays in suspense for a cardholder."""
    return difference_rial > 0 and route_of_word(difference_rial, finding, word) is None
