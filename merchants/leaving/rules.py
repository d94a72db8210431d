"""What a wallet's accounts mean for who leaves. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from cardbank.ledger.types import AccountKind

PREFIX = "PL"  # of a payout's reference; shops' begin otherwise
DEBTS = (AccountKind.OWED, AccountKind.CREDIT_OWED, AccountKind.LINE)
BOUND = (AccountKind.HOLD, AccountKind.OFFLINE)
LAPSES = (AccountKind.CREDIT_LOT, AccountKind.GIFT, AccountKind.BENEFIT)


class Way(StrEnum):
    CASH = "cash"
    SHEBA = "sheba"
    GIFT = "gift"


class Standing(Struct, frozen=True):
    """Whole Rial: what comes out, what lapses, and what must be settled first."""

    money_rial: int
    lapses_rial: int
    owed_rial: int


def standing_of(balances: Mapping[int, int]) -> Standing:
    """From the balance of each kind of account. What is set aside for something is settled first, like a debt."""
    owed = -sum(min(0, balances.get(kind, 0)) for kind in DEBTS) + sum(balances.get(kind, 0) for kind in BOUND)
    return Standing(
        money_rial=balances.get(AccountKind.MONEY, 0), lapses_rial=sum(balances.get(kind, 0) for kind in LAPSES), owed_rial=owed
    )
