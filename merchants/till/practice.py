"""The four steps of a sale, practised: what the till would say of a basket and of a card that plays a part. Pure: nothing is asked of
the bank and nothing is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cardbank.reasons import Reason
from merchants.till.rules import Line, check_basket


class Step(StrEnum):
    """Key the amount, hold the card to the reader, give it back, print the receipt."""

    AMOUNT = "amount"
    CARD = "card"
    AWAY = "away"
    RECEIPT = "receipt"


class Part(StrEnum):
    """What a practice card does."""

    PAYS = "pays"
    EMPTY = "empty"
    BLOCKED = "blocked"
    LATE = "late"


REASONS = {
    Part.PAYS: Reason.APPROVED,
    Part.EMPTY: Reason.INSUFFICIENT_FUNDS,
    Part.BLOCKED: Reason.CARD_BLOCKED,
    Part.LATE: Reason.CHALLENGE_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Practice:
    """Where somebody is in the lesson; `reason` is what the practice card came to."""

    step: Step
    lines: tuple[Line, ...] = ()
    reason: Reason | None = None

    @property
    def amount_rial(self) -> int:
        return sum(line.amount_rial for line in self.lines)

    @property
    def is_declined(self) -> bool:
        return self.reason is not None and not self.reason.is_approved


def keyed(lines: Sequence[Line]) -> Practice:
    """After the basket: the card's turn. Raises what a real basket raises."""
    check_basket(list(lines))
    return Practice(Step.CARD, tuple(lines))


def held(lines: Sequence[Line], part: Part) -> Practice:
    """After the card: it is given back where it paid, else it is still its turn."""
    reason = REASONS[part]
    check_basket(list(lines))
    return Practice(Step.AWAY if reason.is_approved else Step.CARD, tuple(lines), reason)


def given_back(lines: Sequence[Line]) -> Practice:
    """The last step, with the receipt that would be printed."""
    check_basket(list(lines))
    return Practice(Step.RECEIPT, tuple(lines), Reason.APPROVED)
