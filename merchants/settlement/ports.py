"""What settlement needs of the outside: a form in which a bank takes payment orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Payment:
    """`reference` names the payout in the bank's answer; `amount_rial` > 0."""

    reference: str
    sheba: str
    holder_name: str
    amount_rial: int


@dataclass(frozen=True, slots=True)
class Payer:
    """The account that payouts leave from, and the BIC of the bank that holds it."""

    name: str
    sheba: str
    bic: str


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """`payer` is None while it is not set; only forms that do not need one can be written then."""

    reference: str
    made_at: datetime
    payments: Sequence[Payment]
    payer: Payer | None

    @property
    def total_rial(self) -> int:
        return sum(payment.amount_rial for payment in self.payments)


class PayoutFile(Protocol):
    """Writes an order as the bytes a bank takes. The same order always gives the same bytes."""

    form: str  # also the file's extension, at most four letters
    media_type: str
    needs_payer: bool

    def write(self, order: PayoutOrder) -> bytes: ...
